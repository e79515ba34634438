package io.hostel.kernel.linux;

import io.hostel.kernel.KernelException;
import io.hostel.kernel.Links.Lease;
import io.hostel.kernel.Links.Veth;
import io.hostel.kernel.linux.KnownBridges.Bridge;
import io.hostel.kernel.linux.NamespaceSockets.Kept;
import io.hostel.netlink.Answer;
import io.hostel.netlink.Message;
import io.hostel.netlink.NetlinkException;
import io.hostel.netlink.NetlinkSocket;
import io.hostel.netlink.Request;
import io.hostel.netlink.route.AddressMessages;
import io.hostel.netlink.route.BridgePort;
import io.hostel.netlink.route.Link;
import io.hostel.netlink.route.LinkMessages;
import io.hostel.netlink.route.NeighbourMessages;
import io.hostel.netlink.route.RouteMessages;
import io.hostel.sys.Errno;
import io.hostel.sys.Fd;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What is said to the kernel to make a veth and to give it an address, in as few datagrams as it takes.
 *
 * <p>Eth0 is without ARP: the one neighbour that it has is permanent. A socket that is bound to a link needs no route, so a sandbox
 * could otherwise have the kernel ask for any address, and fill the table of neighbours, which is one for all namespaces, with
 * entries that wait and cannot be evicted (neigh_forced_gc in net/core/neighbour.c).
 */
final class VethWork {
    private static final String INSIDE = "eth0";
    private static final int WHOLE = 32;
    private static final BridgePort PORT = new BridgePort(true, false, false, false);

    private final KnownBridges bridges;

    VethWork(KnownBridges bridges) {
        this.bridges = bridges;
    }

    /** @return the inner socket with what is known of eth0 now */
    Kept attach(NetlinkSocket outside, Kept inside, Veth veth) throws NetlinkException, KernelException {
        try (Fd namespace = NamespaceSockets.open(veth.netns())) {
            return bridges.with(outside, veth.bridge(), bridge -> attach(outside, inside, veth, bridge, namespace));
        }
    }

    private static Kept attach(NetlinkSocket outside, Kept inside, Veth veth, Bridge bridge, Fd namespace)
            throws NetlinkException, KernelException {
        String target = veth.name() + " to bridge " + veth.bridge();
        byte[] mac = veth.mac().bytes();
        List<Answer> made = outside.exchange(List.of(
                LinkMessages.createVeth(veth.name(), bridge.index(), INSIDE, mac, namespace.number())
                        .purpose("attach " + target),
                // For one that was there already, on another bridge or on none.
                LinkMessages.attach(veth.name(), bridge.index()).purpose("attach " + target),
                LinkMessages.upAsPort(veth.name(), PORT),
                LinkMessages.named(veth.name())));
        made.get(0).expect(Errno.EEXIST);
        made.get(1).expect();
        made.get(2).expect();
        Link host = made.get(3).unless().map(Link::of).orElseThrow();
        List<Answer> up = inside.socket().exchange(List.of(LinkMessages.upWithoutArp(INSIDE), LinkMessages.named(INSIDE)));
        up.get(0).expect();
        Link eth0 = up.get(1).unless().map(Link::of).orElseThrow();
        List<Answer> port = outside.exchange(List.of(
                NeighbourMessages.addForwarding(host.index(), mac).purpose("attach " + target),
                LinkMessages.named(veth.name())));
        port.get(0).expect();
        // Kernels from 6.8 on bring a link's state up to date before they show it, and the port's with it; on others
        // that
        // happens in its own time.
        Optional<Integer> state = port.get(1).unless().map(Link::of).flatMap(Link::portState);
        if (!state.equals(Optional.of(BridgePort.FORWARDING))) {
            try (ForwardingPort watched = ForwardingPort.watch(veth.name())) {
                watched.await(host.index());
            }
        }
        boolean fresh = made.get(0).refusal().isEmpty();
        return fresh ? inside.withFresh(eth0.index()) : inside;
    }

    void lease(NetlinkSocket outside, Kept inside, Lease lease) throws NetlinkException, KernelException {
        bridges.with(outside, lease.bridge(), bridge -> {
            accept(inside.socket().tellAll(within(inside, lease, bridge)));
            accept(outside.tellAll(towards(lease, bridge.index())));
            return true;
        });
    }

    /** The kernel forgets all neighbours of a link with such a change, permanent ones too. */
    void quiet(NetlinkSocket outside, Kept inside, Lease lease) throws NetlinkException, KernelException {
        Link eth0 = LinuxLinks.link(inside.socket(), INSIDE).orElseThrow(() -> absent(lease.netns()));
        if ((eth0.flags() & Link.NOARP) != 0) return;
        bridges.with(outside, lease.bridge(), bridge -> {
            accept(inside.socket()
                    .tellAll(List.of(
                            LinkMessages.upWithoutArp(INSIDE),
                            NeighbourMessages.addPermanent(eth0.index(), lease.gateway(), bridge.mac()))));
            return true;
        });
    }

    /**
     * What the host's side of links needs that went with their bridges.
     *
     * @param indices of links by their names; what is not in there is left out
     */
    static List<Request> rejoin(List<Veth> veths, List<Lease> leases, Map<String, Integer> indices) {
        List<Request> requests = new ArrayList<>();
        for (Veth veth : veths) {
            Integer link = indices.get(veth.name());
            Integer bridge = indices.get(veth.bridge());
            if (link == null || bridge == null) continue;
            requests.add(LinkMessages.attach(veth.name(), bridge));
            requests.add(LinkMessages.upAsPort(veth.name(), PORT));
            requests.add(NeighbourMessages.addForwarding(link, veth.mac().bytes()));
        }
        for (Lease lease : leases) {
            Integer bridge = indices.get(lease.bridge());
            if (bridge != null) requests.addAll(towards(lease, bridge));
        }
        return requests;
    }

    /** How the host gets to an address. */
    private static List<Request> towards(Lease lease, int bridge) {
        return List.of(
                NeighbourMessages.addPermanent(
                        bridge, lease.address(), lease.mac().bytes()),
                RouteMessages.preferring(bridge, lease.address(), WHOLE, lease.gateway()));
    }

    /** What eth0 gets; where it may have had an address before, that goes. */
    private static List<Request> within(Kept inside, Lease lease, Bridge bridge)
            throws NetlinkException, KernelException {
        List<Request> requests = new ArrayList<>();
        int eth0;
        if (inside.fresh().isPresent()) {
            eth0 = inside.fresh().getAsInt();
        } else {
            eth0 = LinuxLinks.link(inside.socket(), INSIDE).map(Link::index).orElseThrow(() -> absent(lease.netns()));
            for (Message given : inside.socket().dump(AddressMessages.all())) {
                AddressMessages.of(given)
                        .filter(a -> a.link() == eth0 && !a.address().equals(lease.address()))
                        .ifPresent(a -> requests.add(AddressMessages.delete(eth0, a.address(), a.prefix())));
            }
        }
        requests.add(LinkMessages.upWithoutArp(INSIDE));
        requests.add(AddressMessages.add(eth0, lease.address(), WHOLE));
        requests.add(NeighbourMessages.addPermanent(eth0, lease.gateway(), bridge.mac()));
        requests.add(RouteMessages.onLink(eth0, lease.gateway(), WHOLE));
        requests.add(RouteMessages.byDefault(eth0, lease.gateway()));
        return requests;
    }

    private static void accept(List<Answer> answers) throws NetlinkException {
        for (Answer answer : answers) answer.expect();
    }

    private static KernelException absent(Path netns) {
        return new KernelException(
                Errno.ENODEV.name(), "find", INSIDE + " in " + netns, "nothing is attached to the namespace");
    }
}
