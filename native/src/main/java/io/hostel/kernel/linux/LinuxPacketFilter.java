package io.hostel.kernel.linux;

import static io.hostel.kernel.linux.FilterNames.BACKEND;
import static io.hostel.kernel.linux.FilterNames.COUNT;
import static io.hostel.kernel.linux.FilterNames.EGRESS;
import static io.hostel.kernel.linux.FilterNames.FIRST_INDEX;
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
import io.hostel.netlink.nft.Verdict;
import io.hostel.netlink.route.Ipv4;
import io.hostel.sys.Errno;
import java.net.Inet4Address;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * Elements of the tables that {@link FilterTables} lays out. Every change looks up what is there, and writes the difference in
 * one transaction; so one at a time.
 */
public final class LinuxPacketFilter implements PacketFilter {
    private final Table ip;
    private final Table frames;

    /** @param bridge its name, which the tables bear */
    public LinuxPacketFilter(String bridge) {
        this.ip = FilterNames.ip(bridge);
        this.frames = FilterNames.frames(bridge);
    }

    @Override
    public synchronized void admit(Rules rules) throws KernelException {
        change(elements -> {
            byte[] address = Key.address(rules.address());
            byte[] tenant = Key.mark(rules.tenant());
            elements.put(frames, SOURCE, Element.of(source(rules)));
            elements.put(ip, SELF, Element.of(Key.of(address, address)));
            elements.put(ip, TALK, Element.of(Key.of(tenant, tenant)));
            elements.put(ip, TENANT, Element.of(address, tenant));
            if (rules.reachable()) {
                elements.put(ip, REACH, Element.of(address, tenant));
            } else {
                elements.remove(ip, REACH, address);
            }
            if (rules.egress()) {
                elements.put(ip, EGRESS, Element.of(address));
            } else {
                elements.remove(ip, EGRESS, address);
            }
        });
    }

    @Override
    public synchronized void expel(Rules rules) throws KernelException {
        change(elements -> {
            byte[] address = Key.address(rules.address());
            elements.remove(ip, EGRESS, address);
            elements.remove(ip, REACH, address);
            elements.remove(ip, TENANT, address);
            elements.remove(ip, SELF, Key.of(address, address));
            elements.remove(frames, SOURCE, source(rules));
        });
    }

    @Override
    public synchronized void publish(int port, List<Backend> backends) throws KernelException {
        if (backends.size() > MAX_BACKENDS) {
            throw new KernelException(
                    Errno.E2BIG.name(),
                    "publish",
                    "port " + port,
                    backends.size() + " sandboxes are more than the " + MAX_BACKENDS
                            + " that one port is balanced over");
        }
        change(elements -> {
            int before = elements.get(ip, COUNT, Key.port(port))
                    .map(LinuxPacketFilter::size)
                    .orElse(0);
            if (!backends.isEmpty()) elements.needBalance(ip, backends.size());
            for (int i = 0; i < Math.max(before, backends.size()); i++) {
                if (i < backends.size()) {
                    Backend backend = backends.get(i);
                    byte[] to = Key.of(Key.address(backend.address()), Key.port(backend.port()));
                    elements.put(ip, BACKEND, Element.of(index(port, i), to));
                } else {
                    elements.remove(ip, BACKEND, index(port, i));
                }
            }
            if (backends.isEmpty()) {
                elements.remove(ip, COUNT, Key.port(port));
            } else {
                Verdict balance = Verdict.goTo(FilterNames.balance(backends.size()));
                elements.put(ip, COUNT, Element.of(Key.port(port), balance));
            }
        });
    }

    @Override
    public synchronized void link(int tenant, int other) throws KernelException {
        change(elements -> {
            elements.put(ip, TALK, Element.of(Key.of(Key.mark(tenant), Key.mark(other))));
            elements.put(ip, TALK, Element.of(Key.of(Key.mark(other), Key.mark(tenant))));
        });
    }

    @Override
    public synchronized void unlink(int tenant, int other) throws KernelException {
        // Those of one tenant always reach each other.
        if (tenant == other) return;
        change(elements -> {
            elements.remove(ip, TALK, Key.of(Key.mark(tenant), Key.mark(other)));
            elements.remove(ip, TALK, Key.of(Key.mark(other), Key.mark(tenant)));
        });
        endConnections(Set.of(tenant, other));
    }

    /** What was opened while two tenants were linked; connections by published ports go on. */
    private void endConnections(Set<Integer> tenants) throws KernelException {
        Map<Inet4Address, Integer> tenantOf = contents().addresses();
        try (NetlinkSocket socket = NetlinkSocket.netfilter()) {
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
        } catch (NetlinkException e) {
            throw NetlinkRefused.by(e);
        }
    }

    @Override
    public synchronized Contents contents() throws KernelException {
        try (NetlinkSocket socket = NetlinkSocket.netfilter()) {
            Map<Inet4Address, Integer> addresses = new HashMap<>();
            for (Element e : elements(socket, TENANT)) {
                e.value().ifPresent(tenant -> addresses.put(Ipv4.of(e.key()), mark(tenant, 0)));
            }
            Map<Integer, TreeMap<Integer, Backend>> byIndex = new HashMap<>();
            for (Element e : elements(socket, BACKEND)) {
                if (e.value().isEmpty()) continue;
                byte[] to = e.value().get();
                byIndex.computeIfAbsent(port(e.key(), 0), port -> new TreeMap<>())
                        .put(mark(e.key(), 4) - FIRST_INDEX, new Backend(Ipv4.of(Arrays.copyOf(to, 4)), port(to, 4)));
            }
            Map<Integer, List<Backend>> published = new HashMap<>();
            byIndex.forEach((port, backends) -> published.put(port, List.copyOf(backends.values())));
            return new Contents(Map.copyOf(addresses), Map.copyOf(published));
        } catch (NetlinkException e) {
            throw NetlinkRefused.by(e);
        }
    }

    private List<Element> elements(NetlinkSocket socket, String set) throws NetlinkException {
        List<Element> all = new ArrayList<>();
        socket.dump(ip.elements(set)).forEach(m -> all.addAll(Element.in(m)));
        return all;
    }

    private static void change(Change change) throws KernelException {
        try (NetlinkSocket socket = NetlinkSocket.netfilter()) {
            ElementChanges elements = new ElementChanges(socket);
            change.describe(elements);
            elements.commit();
        } catch (NetlinkException e) {
            throw NetlinkRefused.by(e);
        }
    }

    /** How many sandboxes an element of {@link FilterNames#COUNT} stands for. */
    private static int size(Element count) {
        return count.verdict()
                .flatMap(Verdict::chain)
                .map(FilterNames::backends)
                .orElse(0);
    }

    private static byte[] source(Rules rules) {
        return Key.of(Key.link(rules.link()), rules.mac().bytes(), Key.address(rules.address()));
    }

    private static byte[] index(int port, int index) {
        return Key.of(Key.port(port), Key.mark(FIRST_INDEX + index));
    }

    private static int mark(byte[] bytes, int offset) {
        return ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder()).getInt(offset);
    }

    private static int port(byte[] bytes, int offset) {
        return Short.toUnsignedInt(ByteBuffer.wrap(bytes).getShort(offset));
    }

    private interface Change {
        void describe(ElementChanges elements) throws NetlinkException;
    }
}
