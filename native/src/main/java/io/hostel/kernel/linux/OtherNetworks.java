package io.hostel.kernel.linux;

import io.hostel.kernel.BridgeNames;
import io.hostel.kernel.HostNetwork.Plan;
import io.hostel.netlink.Message;
import io.hostel.netlink.NetlinkException;
import io.hostel.netlink.NetlinkSocket;
import io.hostel.netlink.Request;
import io.hostel.netlink.nft.Batch;
import io.hostel.netlink.nft.Element;
import io.hostel.netlink.nft.Family;
import io.hostel.netlink.nft.Key;
import io.hostel.netlink.nft.Rule;
import io.hostel.netlink.nft.Table;
import io.hostel.netlink.route.Link;
import io.hostel.sys.Errno;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;

/**
 * What the machine's other networks send each other. Where the machine was no router, it does not become one because sandboxes need
 * {@code ip_forward}: such packets are dropped, but for those of other hosts on the machine, and for frames that a bridge passes
 * on, which br_netfilter shows as well and which were passed on before.
 */
final class OtherNetworks {
    /** Of a packet that neither comes by a bridge of the host's nor leaves by one. */
    static final String CHAIN = "others";

    private OtherNetworks() {}

    static List<Request> chain(Table ip) {
        return List.of(
                ip.chain(CHAIN),
                ip.rule(CHAIN, new Rule().ipv6().accept()),
                ip.rule(CHAIN, new Rule().iifIn(FilterNames.HOSTS).accept()),
                ip.rule(CHAIN, new Rule().oifIn(FilterNames.HOSTS).accept()),
                ip.rule(CHAIN, new Rule().iifAndOifIn(FilterNames.PASSING).accept()),
                ip.rule(CHAIN, new Rule().count().drop()));
    }

    /**
     * What belongs into the sets that the chain asks, by set.
     *
     * @param links all of the machine's
     */
    static Map<String, List<Element>> elements(Plan plan, Collection<Link> links) {
        List<Element> hosts = new ArrayList<>();
        List<Element> bridged = new ArrayList<>();
        for (Link link : links) {
            if (!isOther(plan, link)) continue;
            byte[] name = Key.link(link.name());
            if (BridgeMac.isOurs(link)) {
                hosts.add(Element.of(name));
            } else {
                bridged.add(Element.of(Key.of(name, name)));
            }
        }
        return Map.of(FilterNames.HOSTS, hosts, FilterNames.PASSING, bridged);
    }

    /** Whether a link is a bridge, and none of this host's. */
    static boolean isOther(Plan plan, Link link) {
        return link.kind().equals("bridge")
                && BridgeNames.number(plan.bridge(), link.name()).isEmpty();
    }

    /** Has the other hosts' filters know a bridge of this one, since their daemons may be dead just now. */
    static void announce(NetlinkSocket netfilter, Plan plan, String bridge) throws NetlinkException {
        for (Message message : netfilter.dump(Table.all(Family.INET))) {
            String name = Table.nameOfTable(message);
            boolean hosts = Table.comment(message)
                    .filter(c -> c.startsWith(FilterUpkeep.COMMENT))
                    .isPresent();
            if (!hosts || name.equals(plan.bridge())) continue;
            Table other = FilterNames.ip(name);
            // Of an earlier version, or gone meanwhile: that keeps nobody's packets.
            if (netfilter.ask(other.lookForSet(FilterNames.HOSTS), Errno.ENOENT).isEmpty()) continue;
            try {
                new Batch()
                        .add(other.add(FilterNames.HOSTS, List.of(Element.of(Key.link(bridge)))))
                        .commit(netfilter);
            } catch (NetlinkException e) {
                if (!e.is(Errno.ENOENT)) throw e;
            }
        }
    }
}
