package io.hostel.kernel.linux;

import io.hostel.netlink.NetlinkException;
import io.hostel.netlink.NetlinkSocket;
import io.hostel.netlink.Request;
import io.hostel.netlink.nft.Batch;
import io.hostel.netlink.nft.Element;
import io.hostel.netlink.nft.Table;
import io.hostel.sys.Errno;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** All elements that there should be against all that there are: each set is dumped once, the difference is one transaction. */
final class FilterDifference {
    private final Table ip;
    private final Map<Place, Map<ByteBuffer, Element>> wanted = new LinkedHashMap<>();
    private final Set<Place> nothingElse = new HashSet<>();
    private final Map<String, List<Request>> chains = new TreeMap<>();

    private record Place(Table table, String set) {}

    /** @param ip where the ports are */
    FilterDifference(Table ip) {
        this.ip = ip;
    }

    void element(Table table, String set, Element element) {
        wanted.computeIfAbsent(new Place(table, set), place -> new LinkedHashMap<>())
                .put(ByteBuffer.wrap(element.key()), element);
    }

    /** @param count of a published port, with the chain that it needs */
    void port(Element count, int backends) {
        element(ip, FilterNames.COUNT, count);
        chains.put(FilterNames.balance(backends), FilterTables.balance(ip, backends));
    }

    /** @param elements that bound a tenant's connections, with the chain that they need */
    void bound(List<Element> elements, int connections) {
        elements.forEach(e -> element(ip, FilterNames.BOUNDS, e));
        chains.put(FilterNames.bound(connections), ConnectionBounds.chain(ip, connections));
    }

    /** What else is in this set goes. */
    void nothingElse(Table table, String set) {
        Place place = new Place(table, set);
        wanted.computeIfAbsent(place, p -> new LinkedHashMap<>());
        nothingElse.add(place);
    }

    /** @return how many elements were otherwise */
    int write(NetlinkSocket socket) throws NetlinkException {
        Batch batch = new Batch();
        int changed = 0;
        for (Map.Entry<String, List<Request>> chain : chains.entrySet()) {
            if (socket.ask(ip.lookForChain(chain.getKey()), Errno.ENOENT).isEmpty()) {
                batch.add(chain.getValue());
                changed++;
            }
        }
        for (Map.Entry<Place, Map<ByteBuffer, Element>> set : wanted.entrySet()) {
            changed += write(socket, batch, set.getKey(), set.getValue());
        }
        if (changed > 0) batch.commit(socket);
        return changed;
    }

    private int write(NetlinkSocket socket, Batch batch, Place place, Map<ByteBuffer, Element> elements)
            throws NetlinkException {
        Map<ByteBuffer, Element> present = new HashMap<>();
        for (Element element : ElementChanges.all(socket, place.table(), place.set())) {
            present.put(ByteBuffer.wrap(element.key()), element);
        }
        List<Element> wrong = new ArrayList<>();
        List<Element> missing = new ArrayList<>();
        elements.forEach((key, element) -> {
            Element there = present.remove(key);
            if (there != null && ElementChanges.same(there, element)) return;
            if (there != null) wrong.add(Element.of(element.key()));
            missing.add(element);
        });
        if (nothingElse.contains(place)) present.values().forEach(e -> wrong.add(Element.of(e.key())));
        if (place.set().equals(FilterNames.BOUNDS)) forgetHeld(batch, wrong, missing);
        if (!wrong.isEmpty()) batch.add(place.table().delete(place.set(), wrong));
        if (!missing.isEmpty()) batch.add(place.table().add(place.set(), missing));
        return wrong.size() + missing.size();
    }

    /** The bound that connections were counted against first is the count's own. */
    private void forgetHeld(Batch batch, List<Element> wrong, List<Element> missing) {
        Map<ByteBuffer, Element> held = new LinkedHashMap<>();
        for (Element e : wrong) held.put(ByteBuffer.wrap(e.key()), Element.of(e.key()));
        for (Element e : missing) held.put(ByteBuffer.wrap(e.key()), Element.of(e.key()));
        for (Element e : held.values()) {
            // Made first, since packets may add it and the kernel take it away at any moment.
            batch.add(ip.add(FilterNames.HELD, List.of(e))).add(ip.delete(FilterNames.HELD, List.of(e)));
        }
    }
}
