package io.hostel.kernel.linux;

import io.hostel.netlink.NetlinkException;
import io.hostel.netlink.NetlinkSocket;
import io.hostel.netlink.nft.Batch;
import io.hostel.netlink.nft.Element;
import io.hostel.netlink.nft.Table;
import io.hostel.sys.Errno;
import java.util.List;

/**
 * One transaction in the making that is written without looking at what is there. Where something is otherwise than supposed, the
 * kernel refuses it as a whole, and {@link ElementChanges} find out how it is.
 */
final class BlindChanges {
    private final Batch batch = new Batch();

    /** There afterwards; one with the same key and another value must not be there. */
    void put(Table table, String set, Element element) {
        batch.add(table.add(set, List.of(element)));
    }

    /** It must be there. */
    void remove(Table table, String set, Element element) {
        batch.add(table.delete(set, List.of(element)));
    }

    /** Absent afterwards, whether or not it is there: what is made and deleted in one transaction nobody ever sees. */
    void clear(Table table, String set, Element element) {
        put(table, set, element);
        remove(table, set, element);
    }

    /** @return false where things are otherwise than supposed; nothing has changed then */
    boolean commit(NetlinkSocket socket) throws NetlinkException {
        try {
            batch.commit(socket);
            return true;
        } catch (NetlinkException e) {
            if (e.is(Errno.EEXIST) || e.is(Errno.EBUSY) || e.is(Errno.ENOENT)) return false;
            throw e;
        }
    }
}
