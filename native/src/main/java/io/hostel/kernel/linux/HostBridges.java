package io.hostel.kernel.linux;

import io.hostel.kernel.BridgeNames;
import io.hostel.kernel.HostNetwork.Plan;
import io.hostel.kernel.KernelException;
import io.hostel.netlink.NetlinkException;
import io.hostel.netlink.NetlinkSocket;
import io.hostel.netlink.Request;
import io.hostel.netlink.route.AddressMessages;
import io.hostel.netlink.route.AddressMessages.Given;
import io.hostel.netlink.route.Link;
import io.hostel.netlink.route.LinkMessages;
import io.hostel.sys.Errno;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** A host's bridges by their names: which there are, and how one has to be. */
final class HostBridges {
    private static final int WHOLE = 32;

    private HostBridges() {}

    /** Those that are ours, by number. */
    static Map<Integer, Link> standing(NetlinkSocket route, Plan plan) throws NetlinkException {
        Map<Integer, Link> all = new TreeMap<>();
        for (var message : route.dump(LinkMessages.all())) {
            Link link = Link.of(message);
            if (!BridgeMac.isOurs(link)) continue;
            BridgeNames.number(plan.bridge(), link.name()).ifPresent(number -> all.put(number, link));
        }
        return all;
    }

    /** @throws KernelException EEXIST where the name is taken by a link that is not ours */
    static void requireOursOrNone(NetlinkSocket route, String name) throws NetlinkException, KernelException {
        Link link = LinuxLinks.link(route, name).orElse(null);
        if (link == null || BridgeMac.isOurs(link)) return;
        throw new KernelException(Errno.EEXIST.name(), "make", "bridge " + name, Conflicts.takenBy(link));
    }

    /** Makes a bridge or puts it right, all but its forwarding. */
    static Link ensure(NetlinkSocket route, Plan plan, int number) throws NetlinkException, KernelException {
        String name = plan.bridge(number);
        requireOursOrNone(route, name);
        if (LinuxLinks.link(route, name).isEmpty()) {
            route.tell(LinkMessages.createBridge(name, BridgeMac.of(name)), Errno.EEXIST);
        }
        Link bridge = LinuxLinks.link(route, name)
                .orElseThrow(() -> new KernelException(
                        Errno.ENODEV.name(), "make", "bridge " + name, "it vanished while being made"));
        // Before it comes up: a link that is up gives itself an IPv6 address.
        Sysctl.writeIfThere("net/ipv6/conf/" + name + "/disable_ipv6", "1");
        address(route, plan, bridge, number == 0 ? plan.prefix() : WHOLE);
        sysctls(name);
        route.tell(LinkMessages.up(name));
        return bridge;
    }

    /**
     * The gateway's address, with the whole network on the first bridge; on the others it is there for masquerading, and each
     * sandbox's route leads to the right one. The right address is never taken away: every route that prefers it as source
     * would go with it.
     */
    private static void address(NetlinkSocket route, Plan plan, Link bridge, int prefix)
            throws NetlinkException, KernelException {
        Request right = AddressMessages.add(bridge.index(), plan.gateway(), prefix);
        route.tell(right);
        boolean others = false;
        for (var message : route.dump(AddressMessages.all())) {
            Given given = AddressMessages.of(message).orElse(null);
            if (given == null || given.link() != bridge.index()) continue;
            if (given.address().equals(plan.gateway()) && given.prefix() == prefix) continue;
            route.tell(AddressMessages.delete(bridge.index(), given.address(), given.prefix()));
            others = true;
        }
        // An address of the same network goes along with its first one.
        if (others) route.tell(right);
    }

    private static void sysctls(String bridge) throws KernelException {
        // 127.0.0.1:PORT is translated to a sandbox and leaves by the bridge; the filter's guard keeps others from
        // using it.
        Sysctl.write("net/ipv4/conf/" + bridge + "/route_localnet", "1");
        Sysctl.write("net/ipv4/conf/" + bridge + "/forwarding", "1");
        Sysctl.write("net/ipv4/conf/" + bridge + "/send_redirects", "0");
        Sysctl.write("net/ipv4/conf/" + bridge + "/accept_redirects", "0");
    }

    /** Takes all away, the first at last: what forwarding was is remembered there. */
    static void remove(NetlinkSocket route, Plan plan) throws NetlinkException, KernelException {
        Map<Integer, Link> standing = standing(route, plan);
        List<Integer> further = standing.keySet().stream().filter(n -> n != 0).toList();
        for (int number : further) route.tell(LinkMessages.delete(plan.bridge(number)), Errno.ENODEV);
        Link first = standing.get(0);
        if (first == null) return;
        Forwarding.close(route, first);
        route.tell(LinkMessages.delete(plan.bridge()), Errno.ENODEV);
    }
}
