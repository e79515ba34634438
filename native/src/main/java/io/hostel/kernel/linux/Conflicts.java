package io.hostel.kernel.linux;

import io.hostel.kernel.BridgeNames;
import io.hostel.kernel.HostNetwork.Plan;
import io.hostel.netlink.Message;
import io.hostel.netlink.NetlinkException;
import io.hostel.netlink.NetlinkSocket;
import io.hostel.netlink.nft.Intervals.Interval;
import io.hostel.netlink.route.AddressMessages;
import io.hostel.netlink.route.Link;
import io.hostel.netlink.route.RouteMessages;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What of the machine's own network is in a host's way, a line each. */
final class Conflicts {
    /** Wider routes, such as the halves of everything that VPNs set, give way to a narrower one and lose little. */
    private static final int WIDEST_ROUTE = 8;

    private Conflicts() {}

    static List<String> of(Plan plan, NetlinkSocket route) throws NetlinkException {
        Map<Integer, Link> links = LinuxLinks.all(route);
        Set<String> found = new LinkedHashSet<>();
        for (Link link : links.values()) {
            if (isNamedAsOurs(plan, link.name()) && !BridgeMac.isOurs(link)) found.add(takenBy(link));
        }
        links.values().stream()
                .filter(link -> link.name().startsWith(plan.linkPrefix()))
                .filter(link -> LinuxLinks.isForeignPort(link, links, plan.bridge()))
                .findAny()
                .ifPresent(link -> found.add(alike(plan, link, name(links, link.master()))));
        Interval own = block(plan.gateway().getHostAddress(), plan.prefix());
        for (Message message : route.dump(AddressMessages.all())) {
            AddressMessages.of(message)
                    .filter(a -> !isNamedAsOurs(plan, name(links, a.link())))
                    .filter(a -> overlap(own, block(a.address().getHostAddress(), a.prefix())))
                    .ifPresent(a -> found.add(
                            overlapping(plan, a.address().getHostAddress() + "/" + a.prefix(), name(links, a.link()))));
        }
        List<RouteMessages.Route> routes = new ArrayList<>();
        for (Message message : route.dump(RouteMessages.all())) routes.add(RouteMessages.of(message));
        for (RouteMessages.Route r : routes) {
            boolean foreign = r.table() != RouteMessages.TABLE_LOCAL
                    && r.prefix() >= WIDEST_ROUTE
                    && !isNamedAsOurs(plan, name(links, r.link()));
            String text = r.network().getHostAddress() + "/" + r.prefix();
            if (foreign && overlap(own, Interval.parse(text))) {
                found.add(overlapping(plan, "the route to " + text, name(links, r.link())));
            }
        }
        return List.copyOf(found);
    }

    private static boolean isNamedAsOurs(Plan plan, String link) {
        return BridgeNames.number(plan.bridge(), link).isPresent();
    }

    static String takenBy(Link link) {
        String kind = link.kind().isEmpty() ? "a link" : "a " + link.kind();
        return link.name() + " is " + kind + " that somebody else made: set hostel.network.bridge to another name";
    }

    private static String alike(Plan plan, Link link, String bridge) {
        return "links of the host with the bridge " + bridge + " begin with " + plan.linkPrefix() + ", as those of "
                + plan.bridge() + " do (" + link.name() + "): set hostel.network.bridge to another name";
    }

    private static String overlapping(Plan plan, String other, String link) {
        return "the sandboxes' network " + plan.gateway().getHostAddress() + "/" + plan.prefix() + " overlaps " + other
                + " of " + link + ": set hostel.network.cidr to a block that is free";
    }

    private static Interval block(String address, int prefix) {
        return Interval.parse(address + "/" + prefix);
    }

    private static boolean overlap(Interval one, Interval other) {
        return one.first() <= other.last() && other.first() <= one.last();
    }

    private static String name(Map<Integer, Link> links, int index) {
        Link link = links.get(index);
        return link == null ? "link " + index : link.name();
    }
}
