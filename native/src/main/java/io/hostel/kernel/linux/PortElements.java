package io.hostel.kernel.linux;

import static io.hostel.kernel.linux.FilterNames.BACKEND;
import static io.hostel.kernel.linux.FilterNames.COUNT;
import static io.hostel.kernel.linux.FilterNames.FIRST_INDEX;

import io.hostel.kernel.PacketFilter.Backend;
import io.hostel.netlink.NetlinkException;
import io.hostel.netlink.NetlinkSocket;
import io.hostel.netlink.nft.Element;
import io.hostel.netlink.nft.Key;
import io.hostel.netlink.nft.Table;
import io.hostel.netlink.nft.Verdict;
import io.hostel.netlink.route.Ipv4;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** The elements that lead published ports to sandboxes, and what is remembered of them. One change at a time. */
final class PortElements {
    private final Table ip;
    private final PublishedMemory memory = new PublishedMemory();

    PortElements(Table ip) {
        this.ip = ip;
    }

    /** Leads a port to exactly these, in one transaction. */
    void publish(NetlinkSocket socket, int port, List<Backend> backends) throws NetlinkException {
        Optional<List<Backend>> before = memory.leadsTo(port);
        boolean knows = backends.isEmpty() ? before.isPresent() : memory.hasBalance(backends.size());
        boolean published = false;
        try {
            // Of a port that nobody looked at it is supposed that it leads nowhere yet.
            if (!knows || !publishBlindly(socket, port, before.orElse(List.of()), backends)) {
                publishLooking(socket, port, backends);
            }
            published = true;
        } finally {
            if (published) {
                memory.wrote(port, backends);
            } else {
                memory.forget();
            }
        }
    }

    /** Where each port leads by the tables themselves. */
    Map<Integer, List<Backend>> look(NetlinkSocket socket) throws NetlinkException {
        Map<Integer, TreeMap<Integer, Backend>> byIndex = new HashMap<>();
        for (Element e : ElementChanges.all(socket, ip, BACKEND)) {
            if (e.value().isEmpty()) continue;
            byte[] to = e.value().get();
            byIndex.computeIfAbsent(Key.portOf(e.key(), 0), port -> new TreeMap<>())
                    .put(
                            Key.markOf(e.key(), 4) - FIRST_INDEX,
                            new Backend(Ipv4.of(Arrays.copyOf(to, 4)), Key.portOf(to, 4)));
        }
        Map<Integer, List<Backend>> published = new HashMap<>();
        byIndex.forEach((port, backends) -> published.put(port, List.copyOf(backends.values())));
        memory.saw(published);
        return Map.copyOf(published);
    }

    private boolean publishBlindly(NetlinkSocket socket, int port, List<Backend> before, List<Backend> after)
            throws NetlinkException {
        BlindChanges blind = new BlindChanges();
        for (int i = 0; i < before.size(); i++) {
            boolean stays = i < after.size() && after.get(i).equals(before.get(i));
            if (!stays) blind.remove(ip, BACKEND, Element.of(index(port, i)));
        }
        for (int i = 0; i < after.size(); i++) {
            blind.put(ip, BACKEND, Element.of(index(port, i), to(after.get(i))));
        }
        if (before.size() != after.size()) {
            if (!before.isEmpty()) blind.remove(ip, COUNT, Element.of(Key.port(port)));
            if (!after.isEmpty()) blind.put(ip, COUNT, count(port, after.size()));
        }
        return blind.commit(socket);
    }

    private void publishLooking(NetlinkSocket socket, int port, List<Backend> backends) throws NetlinkException {
        ElementChanges elements = new ElementChanges(socket);
        int before =
                elements.get(ip, COUNT, Key.port(port)).map(PortElements::size).orElse(0);
        if (!backends.isEmpty()) elements.needBalance(ip, backends.size());
        for (int i = 0; i < Math.max(before, backends.size()); i++) {
            if (i < backends.size()) {
                elements.put(ip, BACKEND, Element.of(index(port, i), to(backends.get(i))));
            } else {
                elements.remove(ip, BACKEND, index(port, i));
            }
        }
        if (backends.isEmpty()) {
            elements.remove(ip, COUNT, Key.port(port));
        } else {
            elements.put(ip, COUNT, count(port, backends.size()));
        }
        elements.commit();
    }

    /** As they are in {@link FilterNames#BACKEND}. */
    static List<Element> backends(int port, List<Backend> backends) {
        List<Element> all = new ArrayList<>();
        for (int i = 0; i < backends.size(); i++) all.add(Element.of(index(port, i), to(backends.get(i))));
        return all;
    }

    /** From now on everything is looked up again. */
    void forget() {
        memory.forget();
    }

    /** As it is in {@link FilterNames#COUNT}. */
    static Element count(int port, int backends) {
        return Element.of(Key.port(port), Key.mark(backends));
    }

    private static byte[] to(Backend backend) {
        return Key.of(Key.address(backend.address()), Key.port(backend.port()));
    }

    /** How many sandboxes an element of {@link FilterNames#COUNT} stands for; earlier daemons wrote the chain for them. */
    static int size(Element count) {
        return count.value()
                .map(value -> Key.markOf(value, 0))
                .or(() -> count.verdict().flatMap(Verdict::chain).map(FilterNames::number))
                .orElse(0);
    }

    /** As this daemon writes it. */
    static Element renewed(Element count) {
        return Element.of(count.key(), Key.mark(size(count)));
    }

    private static byte[] index(int port, int index) {
        return Key.of(Key.port(port), Key.mark(FIRST_INDEX + index));
    }
}
