package io.hostel.kernel.linux;

import io.hostel.netlink.Message;
import io.hostel.netlink.NetlinkException;
import io.hostel.netlink.NetlinkSocket;
import io.hostel.netlink.nft.Batch;
import io.hostel.netlink.nft.Element;
import io.hostel.netlink.nft.Table;
import io.hostel.netlink.nft.Verdict;
import io.hostel.sys.Errno;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** One transaction in the making: of what is asked for, only the difference to what is there. */
final class ElementChanges {
    private final NetlinkSocket socket;
    private final Batch batch = new Batch();

    ElementChanges(NetlinkSocket socket) {
        this.socket = socket;
    }

    /** All elements of a set, from one state of it. */
    static List<Element> all(NetlinkSocket socket, Table table, String set) throws NetlinkException {
        List<Element> all = new ArrayList<>();
        for (Message message : socket.dump(table.elements(set))) all.addAll(Element.in(message));
        return all;
    }

    Optional<Element> get(Table table, String set, byte[] key) throws NetlinkException {
        return socket.ask(table.look(set, key), Errno.ENOENT)
                .flatMap(m -> Element.in(m).stream().findFirst());
    }

    void put(Table table, String set, Element wanted) throws NetlinkException {
        Optional<Element> present = get(table, set, wanted.key());
        if (present.isPresent() && same(present.get(), wanted)) return;
        if (present.isPresent()) batch.add(table.delete(set, List.of(wanted)));
        batch.add(table.add(set, List.of(wanted)));
    }

    void remove(Table table, String set, byte[] key) throws NetlinkException {
        if (get(table, set, key).isPresent()) batch.add(table.delete(set, List.of(Element.of(key))));
    }

    /** The chain for so many sandboxes, made when it is first needed. */
    void needBalance(Table table, int backends) throws NetlinkException {
        String chain = FilterNames.balance(backends);
        if (socket.ask(table.lookForChain(chain), Errno.ENOENT).isEmpty()) {
            batch.add(FilterTables.balance(table, backends));
        }
    }

    /** The chain with a bound of so many connections, made when it is first needed. */
    void needBound(Table table, int connections) throws NetlinkException {
        if (socket.ask(table.lookForChain(FilterNames.bound(connections)), Errno.ENOENT)
                .isEmpty()) {
            batch.add(ConnectionBounds.chain(table, connections));
        }
    }

    /** Absent afterwards, though packets may add it and the kernel take it away at any moment. */
    void clear(Table table, String set, byte[] key) {
        List<Element> element = List.of(Element.of(key));
        batch.add(table.add(set, element)).add(table.delete(set, element));
    }

    void commit() throws NetlinkException {
        batch.commit(socket);
    }

    static boolean same(Element one, Element other) {
        Optional<Verdict> verdict = one.verdict();
        return verdict.equals(other.verdict())
                && Arrays.equals(one.value().orElse(new byte[0]), other.value().orElse(new byte[0]));
    }
}
