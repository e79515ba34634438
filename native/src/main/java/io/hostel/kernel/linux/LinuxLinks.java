package io.hostel.kernel.linux;

import io.hostel.kernel.BridgeNames;
import io.hostel.kernel.KernelException;
import io.hostel.kernel.Links;
import io.hostel.netlink.Answer;
import io.hostel.netlink.Message;
import io.hostel.netlink.NetlinkException;
import io.hostel.netlink.NetlinkSocket;
import io.hostel.netlink.Request;
import io.hostel.netlink.route.Link;
import io.hostel.netlink.route.LinkMessages;
import io.hostel.netlink.route.NeighbourMessages;
import io.hostel.netlink.route.NeighbourMessages.Neighbour;
import io.hostel.netlink.route.RouteMessages;
import io.hostel.netlink.route.RouteMessages.Route;
import io.hostel.sys.Errno;
import java.net.Inet4Address;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ThreadLocalRandom;

/** Veth pairs by rtnetlink(7). What is inside a namespace is done by a socket of that namespace. */
public final class LinuxLinks implements Links, AutoCloseable {
    /** So that what the kernel refuses fits into the socket's buffer, whatever it refuses. */
    private static final int MOST_AT_ONCE = 512;

    private static final int WHOLE = 32;

    private final NamespaceSockets namespaces;
    private final OpenSockets sockets = OpenSockets.route();
    private final OpenSockets tracking = OpenSockets.netfilter();
    private final KnownBridges bridges = new KnownBridges();
    private final VethWork work = new VethWork(bridges);
    private final Connections connections = new Connections();
    private final Together<Lease> returns = new Together<>(new OneAtATime("addresses given back"), this::giveBack);

    public LinuxLinks() {
        this(new NamespaceSockets());
    }

    /** @param namespaces shared with the one who makes the namespaces */
    LinuxLinks(NamespaceSockets namespaces) {
        this.namespaces = namespaces;
    }

    @Override
    public void attach(Veth veth) throws KernelException {
        NamespaceSockets.Kept inside = namespaces.take(veth.netns());
        Optional<NamespaceSockets.Kept> after = Optional.empty();
        try {
            after = Optional.of(sockets.use(outside -> work.attach(outside, inside, veth)));
        } finally {
            if (after.isPresent()) {
                namespaces.keep(veth.netns(), after.get());
            } else {
                inside.close();
            }
        }
    }

    @Override
    public void detach(Veth veth) throws KernelException {
        sockets.use(outside -> {
            outside.tell(LinkMessages.delete(veth.name()), Errno.ENODEV);
            return true;
        });
    }

    @Override
    public void detach(List<Veth> veths) throws KernelException {
        // Links of a group go in one round of RTNL. Its number is taken by chance from where nobody else has any.
        int group = ThreadLocalRandom.current().nextInt(1 << 30, Integer.MAX_VALUE);
        for (int from = 0; from < veths.size(); from += MOST_AT_ONCE) {
            List<Request> requests = new ArrayList<>();
            for (Veth veth : veths.subList(from, Math.min(veths.size(), from + MOST_AT_ONCE))) {
                requests.add(LinkMessages.group(veth.name(), group));
            }
            requests.add(LinkMessages.deleteGroup(group));
            sockets.use(outside -> {
                for (Answer answer : outside.tellAll(requests)) answer.expect(Errno.ENODEV);
                return true;
            });
        }
    }

    @Override
    public void lease(Lease lease) throws KernelException {
        try (NamespaceSockets.Kept inside = namespaces.take(lease.netns())) {
            sockets.use(outside -> {
                work.lease(outside, inside, lease);
                return true;
            });
        }
    }

    @Override
    public void quiet(Lease lease) throws KernelException {
        try (NamespaceSockets.Kept inside = namespaces.take(lease.netns())) {
            sockets.use(outside -> {
                work.quiet(outside, inside, lease);
                return true;
            });
        }
    }

    @Override
    public int rejoin(List<Veth> veths, List<Lease> leases) throws KernelException {
        return sockets.use(outside -> {
            Map<String, Integer> indices = new HashMap<>();
            for (Message message : outside.dump(LinkMessages.all())) {
                Link link = Link.of(message);
                indices.put(link.name(), link.index());
            }
            int refused = 0;
            for (List<Request> some : inParts(VethWork.rejoin(veths, leases, indices))) {
                for (Answer answer : outside.tellAll(some)) {
                    if (answer.refusal().isPresent()) refused++;
                }
            }
            return refused;
        });
    }

    private static List<List<Request>> inParts(List<Request> requests) {
        List<List<Request>> parts = new ArrayList<>();
        for (int from = 0; from < requests.size(); from += MOST_AT_ONCE) {
            parts.add(requests.subList(from, Math.min(requests.size(), from + MOST_AT_ONCE)));
        }
        return parts;
    }

    @Override
    public void giveBack(Lease lease) throws KernelException {
        returns.ask(lease);
    }

    @Override
    public void giveBack(List<Lease> leases) throws KernelException {
        sockets.use(outside -> {
            Set<String> names = new TreeSet<>();
            for (Lease lease : leases) names.add(lease.bridge());
            for (String name : names) {
                List<Inet4Address> addresses = leases.stream()
                        .filter(lease -> lease.bridge().equals(name))
                        .map(Lease::address)
                        .toList();
                bridges.withIfThere(outside, name, bridge -> giveBack(outside, bridge.index(), addresses));
            }
            return true;
        });
        Set<Inet4Address> all = new HashSet<>();
        for (Lease lease : leases) all.add(lease.address());
        endConnections(all);
    }

    private static boolean giveBack(NetlinkSocket outside, int bridge, List<Inet4Address> addresses)
            throws NetlinkException {
        for (int from = 0; from < addresses.size(); from += MOST_AT_ONCE) {
            List<Request> requests = new ArrayList<>();
            for (Inet4Address address : addresses.subList(from, Math.min(addresses.size(), from + MOST_AT_ONCE))) {
                requests.add(NeighbourMessages.delete(bridge, address));
                requests.add(RouteMessages.delete(bridge, address, WHOLE));
            }
            for (Answer answer : outside.tellAll(requests)) answer.expect(Errno.ENOENT, Errno.ESRCH);
        }
        return true;
    }

    @Override
    public void endConnections(Set<Inet4Address> addresses) throws KernelException {
        tracking.use(socket -> {
            connections.end(socket, addresses);
            return true;
        });
    }

    @Override
    public boolean present(String link) throws KernelException {
        return sockets.use(outside -> link(outside, link).isPresent());
    }

    @Override
    public List<String> named(String prefix, String bridge) throws KernelException {
        return sockets.use(outside -> {
            Map<Integer, Link> links = all(outside);
            return links.values().stream()
                    .filter(link -> link.name().startsWith(prefix) && !isForeignPort(link, links, bridge))
                    .map(Link::name)
                    .sorted()
                    .toList();
        });
    }

    /** By index. */
    static Map<Integer, Link> all(NetlinkSocket socket) throws NetlinkException {
        Map<Integer, Link> links = new HashMap<>();
        for (Message message : socket.dump(LinkMessages.all())) {
            Link link = Link.of(message);
            links.put(link.index(), link);
        }
        return links;
    }

    /** Whether a link belongs to another bridge than a host's. */
    static boolean isForeignPort(Link link, Map<Integer, Link> links, String bridge) {
        Link master = links.get(link.master());
        return master != null && BridgeNames.number(bridge, master.name()).isEmpty();
    }

    @Override
    public List<Inet4Address> neighbours(String bridge) throws KernelException {
        return sockets.use(outside -> {
            List<Inet4Address> all = new ArrayList<>();
            for (int index : standing(outside, bridge)) {
                for (Message message : outside.dump(NeighbourMessages.of(index))) {
                    NeighbourMessages.read(message)
                            .filter(n -> n.link() == index && n.permanent())
                            .map(Neighbour::address)
                            .ifPresent(all::add);
                }
            }
            return List.copyOf(all);
        });
    }

    @Override
    public List<Inet4Address> routes(String bridge) throws KernelException {
        return sockets.use(outside -> {
            Set<Integer> indices = standing(outside, bridge);
            return outside.dump(RouteMessages.all()).stream()
                    .map(RouteMessages::of)
                    .filter(r -> r.table() == RouteMessages.TABLE_MAIN && r.prefix() == WHOLE)
                    .filter(r -> indices.contains(r.link()))
                    .map(Route::network)
                    .toList();
        });
    }

    /** Indices of a host's bridges. */
    private static Set<Integer> standing(NetlinkSocket outside, String first) throws NetlinkException {
        Set<Integer> indices = new TreeSet<>();
        for (Message message : outside.dump(LinkMessages.all())) {
            Link link = Link.of(message);
            boolean ours = link.kind().equals("bridge")
                    && BridgeNames.number(first, link.name()).isPresent();
            if (ours) indices.add(link.index());
        }
        return indices;
    }

    static Optional<Link> link(NetlinkSocket socket, String name) throws NetlinkException {
        return socket.ask(LinkMessages.named(name), Errno.ENODEV).map(Link::of);
    }

    /** Lets go of what is held open; the links stay. */
    @Override
    public void close() {
        sockets.close();
        tracking.close();
        namespaces.close();
    }
}
