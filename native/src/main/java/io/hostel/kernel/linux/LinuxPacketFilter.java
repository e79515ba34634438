package io.hostel.kernel.linux;

import static io.hostel.kernel.linux.FilterNames.BACKEND;
import static io.hostel.kernel.linux.FilterNames.BOUNDS;
import static io.hostel.kernel.linux.FilterNames.EGRESS;
import static io.hostel.kernel.linux.FilterNames.HELD;
import static io.hostel.kernel.linux.FilterNames.REACH;
import static io.hostel.kernel.linux.FilterNames.SELF;
import static io.hostel.kernel.linux.FilterNames.SOURCE;
import static io.hostel.kernel.linux.FilterNames.TALK;
import static io.hostel.kernel.linux.FilterNames.TENANT;

import io.hostel.kernel.KernelException;
import io.hostel.kernel.PacketFilter;
import io.hostel.netlink.NetlinkException;
import io.hostel.netlink.NetlinkSocket;
import io.hostel.netlink.conntrack.Connection;
import io.hostel.netlink.nft.Element;
import io.hostel.netlink.nft.Key;
import io.hostel.netlink.nft.Table;
import io.hostel.netlink.route.Ipv4;
import io.hostel.sys.Errno;
import java.net.Inet4Address;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Elements of the tables that {@link FilterTables} lays out. Every change is one transaction, written without looking, as things
 * are where a host is its tables' only writer; where they are otherwise it looks up what is there and writes the difference. One
 * at a time.
 */
public final class LinuxPacketFilter implements PacketFilter, AutoCloseable {
    private final OneAtATime turn = new OneAtATime("the packet filter");
    private final Table ip;
    private final Table frames;
    private final OpenSockets sockets = OpenSockets.netfilter();
    private final PortElements ports;
    private final FilterMemory memory = new FilterMemory();
    private final Together<Rules> admissions = new Together<>(turn, this::admit);
    private final Together<Rules> expulsions = new Together<>(turn, this::expel);

    /** @param bridge its name, which the tables bear */
    public LinuxPacketFilter(String bridge) {
        this.ip = FilterNames.ip(bridge);
        this.frames = FilterNames.frames(bridge);
        this.ports = new PortElements(ip);
    }

    @Override
    public void admit(Rules rules) throws KernelException {
        admissions.ask(rules);
    }

    private void admit(List<Rules> all) throws KernelException {
        boolean done = sockets.use(socket -> {
            BlindChanges blind = new BlindChanges();
            for (Rules rules : all) {
                for (Entry entry : entries(rules)) {
                    if (entry.wanted()) {
                        blind.put(entry.table(), entry.set(), entry.element());
                    } else {
                        blind.clear(entry.table(), entry.set(), entry.element());
                    }
                }
                blind.put(ip, TALK, among(rules.tenant()));
            }
            return blind.commit(socket);
        });
        if (!done) {
            change(elements -> {
                for (Rules rules : all) {
                    for (Entry entry : entries(rules)) {
                        if (entry.wanted()) {
                            elements.put(entry.table(), entry.set(), entry.element());
                        } else {
                            elements.remove(
                                    entry.table(), entry.set(), entry.element().key());
                        }
                    }
                    elements.put(ip, TALK, among(rules.tenant()));
                }
            });
        }
        all.forEach(memory::admitted);
    }

    @Override
    public void admitted(Collection<Rules> rules) throws KernelException {
        turn.alone(() -> {
            rules.forEach(memory::admitted);
            return true;
        });
    }

    @Override
    public void expel(Rules rules) throws KernelException {
        expulsions.ask(rules);
    }

    private void expel(List<Rules> all) throws KernelException {
        boolean done = sockets.use(socket -> {
            BlindChanges blind = new BlindChanges();
            for (Rules rules : all) {
                for (Entry entry : entries(rules)) {
                    if (entry.wanted()) {
                        blind.remove(entry.table(), entry.set(), entry.element());
                    } else {
                        blind.clear(entry.table(), entry.set(), entry.element());
                    }
                }
            }
            return blind.commit(socket);
        });
        if (!done) {
            change(elements -> {
                for (Rules rules : all) {
                    for (Entry entry : entries(rules)) {
                        elements.remove(
                                entry.table(), entry.set(), entry.element().key());
                    }
                }
            });
        }
        all.forEach(memory::expelled);
    }

    /** What a sandbox has, or must not have, in the tables besides its tenant's own. */
    private List<Entry> entries(Rules rules) {
        byte[] address = Key.address(rules.address());
        byte[] tenant = Key.mark(rules.tenant());
        return List.of(
                new Entry(frames, SOURCE, Element.of(source(rules)), true),
                new Entry(ip, SELF, Element.of(Key.of(address, address)), true),
                new Entry(ip, TENANT, Element.of(address, tenant), true),
                new Entry(ip, REACH, Element.of(address, tenant), rules.reachable()),
                new Entry(ip, EGRESS, Element.of(address), rules.egress()));
    }

    private record Entry(Table table, String set, Element element, boolean wanted) {}

    /** Those of one tenant always reach each other. */
    private static Element among(int tenant) {
        return Element.of(Key.of(Key.mark(tenant), Key.mark(tenant)));
    }

    @Override
    public void publish(int port, List<Backend> backends) throws KernelException {
        turn.alone(() -> {
            if (backends.size() > MAX_BACKENDS) {
                throw new KernelException(
                        Errno.E2BIG.name(),
                        "publish",
                        "port " + port,
                        backends.size() + " sandboxes are more than the " + MAX_BACKENDS
                                + " that one port is balanced over");
            }
            sockets.use(socket -> {
                ports.publish(socket, port, backends);
                return true;
            });
            memory.published(port, backends);
            return true;
        });
    }

    @Override
    public void link(int tenant, int other) throws KernelException {
        turn.alone(() -> {
            change(elements -> {
                elements.put(ip, TALK, Element.of(Key.of(Key.mark(tenant), Key.mark(other))));
                elements.put(ip, TALK, Element.of(Key.of(Key.mark(other), Key.mark(tenant))));
            });
            memory.linked(tenant, other);
            return true;
        });
    }

    @Override
    public void unlink(int tenant, int other) throws KernelException {
        // Those of one tenant always reach each other.
        if (tenant == other) return;
        turn.alone(() -> {
            change(elements -> {
                elements.remove(ip, TALK, Key.of(Key.mark(tenant), Key.mark(other)));
                elements.remove(ip, TALK, Key.of(Key.mark(other), Key.mark(tenant)));
            });
            memory.unlinked(tenant, other);
            endConnections(Set.of(tenant, other));
            return true;
        });
    }

    @Override
    public void bound(int tenant, int connections) throws KernelException {
        turn.alone(() -> {
            if (memory.isBound(tenant, connections)) return true;
            change(elements -> {
                elements.needBound(ip, connections);
                for (Element bound : ConnectionBounds.elements(tenant, connections)) {
                    Optional<Element> before = elements.get(ip, BOUNDS, bound.key());
                    if (before.isPresent() && ElementChanges.same(before.get(), bound)) continue;
                    elements.put(ip, BOUNDS, bound);
                    // The bound that it was counted against first is the count's own.
                    elements.clear(ip, HELD, bound.key());
                }
            });
            memory.bound(tenant, connections);
            return true;
        });
    }

    @Override
    public void unbound(int tenant) throws KernelException {
        turn.alone(() -> {
            change(elements -> {
                for (byte[] key : ConnectionBounds.counted(tenant)) elements.remove(ip, BOUNDS, key);
            });
            memory.unbound(tenant);
            return true;
        });
    }

    /** What was opened while two tenants were linked; connections by published ports go on. */
    private void endConnections(Set<Integer> tenants) throws KernelException {
        Map<Inet4Address, Integer> tenantOf = contents().addresses();
        sockets.use(socket -> {
            Connections.end(socket, Connection.all(), c -> {
                if (!c.called().equals(c.answering())) return false;
                Optional<Integer> opener = c.opener().map(tenantOf::get);
                Optional<Integer> answering = c.answering().map(tenantOf::get);
                return opener.isPresent()
                        && answering.isPresent()
                        && !opener.equals(answering)
                        && tenants.contains(opener.get())
                        && tenants.contains(answering.get());
            });
            return true;
        });
    }

    @Override
    public void retain(Set<Integer> ports, Set<Set<Integer>> linked, Map<Integer, Integer> bounds)
            throws KernelException {
        turn.alone(() -> {
            for (int port : contents().published().keySet()) {
                if (!ports.contains(port)) publish(port, List.of());
            }
            Set<Set<Integer>> present = sockets.use(socket -> {
                Set<Set<Integer>> pairs = new HashSet<>();
                for (Element e : ElementChanges.all(socket, ip, TALK)) {
                    int one = Key.markOf(e.key(), 0);
                    int other = Key.markOf(e.key(), 4);
                    if (one != other) pairs.add(Set.of(one, other));
                }
                return pairs;
            });
            present.removeAll(linked);
            for (Set<Integer> pair : present) {
                List<Integer> both = List.copyOf(pair);
                unlink(both.get(0), both.get(1));
            }
            FilterDifference wanted = new FilterDifference(ip);
            bounds.forEach((tenant, connections) ->
                    wanted.bound(ConnectionBounds.elements(tenant, connections), connections));
            wanted.nothingElse(ip, BOUNDS);
            sockets.use(wanted::write);
            bounds.forEach(memory::bound);
            return true;
        });
    }

    @Override
    public int mend() throws KernelException {
        return turn.alone(() -> {
            FilterDifference wanted = new FilterDifference(ip);
            for (Rules rules : memory.admitted()) {
                entries(rules).stream()
                        .filter(Entry::wanted)
                        .forEach(e -> wanted.element(e.table(), e.set(), e.element()));
                wanted.element(ip, TALK, among(rules.tenant()));
            }
            for (Set<Integer> pair : memory.linked()) {
                for (int one : pair) {
                    for (int other : pair) {
                        if (one != other) wanted.element(ip, TALK, Element.of(Key.of(Key.mark(one), Key.mark(other))));
                    }
                }
            }
            memory.published().forEach((port, backends) -> {
                PortElements.backends(port, backends).forEach(e -> wanted.element(ip, BACKEND, e));
                if (!backends.isEmpty()) wanted.port(PortElements.count(port, backends.size()), backends.size());
            });
            memory.bounds()
                    .forEach((tenant, connections) ->
                            wanted.bound(ConnectionBounds.elements(tenant, connections), connections));
            // Where nobody has said yet where a port leads, or who may talk, an earlier daemon's word holds.
            for (String set : List.of(TENANT, REACH, EGRESS, SELF)) wanted.nothingElse(ip, set);
            wanted.nothingElse(frames, SOURCE);
            int changed = sockets.use(wanted::write);
            if (changed > 0) ports.forget();
            return changed;
        });
    }

    @Override
    public Contents contents() throws KernelException {
        return turn.alone(() -> {
            return sockets.use(this::contents);
        });
    }

    private Contents contents(NetlinkSocket socket) throws NetlinkException {
        Map<Inet4Address, Integer> addresses = new HashMap<>();
        for (Element e : ElementChanges.all(socket, ip, TENANT)) {
            e.value().ifPresent(tenant -> addresses.put(Ipv4.of(e.key()), Key.markOf(tenant, 0)));
        }
        return new Contents(Map.copyOf(addresses), ports.look(socket));
    }

    private void change(Change change) throws KernelException {
        sockets.use(socket -> {
            ElementChanges elements = new ElementChanges(socket);
            change.describe(elements);
            elements.commit();
            return true;
        });
    }

    private static byte[] source(Rules rules) {
        return Key.of(Key.link(rules.link()), rules.mac().bytes(), Key.address(rules.address()));
    }

    /** Lets go of what is held open; the tables stay. */
    @Override
    public void close() {
        sockets.close();
    }

    private interface Change {
        void describe(ElementChanges elements) throws NetlinkException;
    }
}
