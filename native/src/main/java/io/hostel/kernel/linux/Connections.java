package io.hostel.kernel.linux;

import io.hostel.netlink.Answer;
import io.hostel.netlink.NetlinkException;
import io.hostel.netlink.NetlinkSocket;
import io.hostel.netlink.Request;
import io.hostel.netlink.conntrack.Connection;
import io.hostel.sys.Errno;
import java.net.Inet4Address;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;

/** Ends tracked connections: their next packet is judged as a new one's. */
final class Connections {
    /** So that the acknowledgements fit into the socket's buffer. */
    private static final int MOST_AT_ONCE = 256;

    /**
     * The kernel's own deletion by address walks through the table twice for each one: 0.8 ms with 2,000 connections, 10 with
     * 20,000. A dump serves any number of addresses, and takes as long as 17 of them with 2,000 connections, as six with 20,000;
     * but it holds all of the table in memory.
     */
    private static final int FEW = 16;

    private volatile boolean deletesByAddress = true;

    /** All that one of these addresses opened or answers. */
    void end(NetlinkSocket socket, Set<Inet4Address> addresses) throws NetlinkException {
        if (addresses.isEmpty()) return;
        if (deletesByAddress && addresses.size() <= FEW) {
            List<Request> deletions = new ArrayList<>();
            for (Inet4Address address : addresses) deletions.addAll(Connection.deleteAllOf(address));
            if (deleted(socket.tellAll(deletions))) return;
            deletesByAddress = false;
        }
        end(socket, Connection.all(), connection -> connection.isOfAny(addresses));
    }

    /** @return false where the kernel does not know of such a deletion: it came with 6.10 */
    private static boolean deleted(List<Answer> answers) throws NetlinkException {
        for (Answer answer : answers) {
            boolean unknown = answer.refusal()
                    .filter(e -> e.is(Errno.EOPNOTSUPP) || e.is(Errno.EINVAL))
                    .isPresent();
            if (unknown) return false;
            answer.expect(Errno.ENOENT);
        }
        return true;
    }

    /** @param list the dump to look through */
    static void end(NetlinkSocket socket, Request list, Predicate<Connection> which) throws NetlinkException {
        List<Request> deletions = socket.dump(list).stream()
                .map(Connection::of)
                .filter(which)
                .map(Connection::delete)
                .toList();
        for (int from = 0; from < deletions.size(); from += MOST_AT_ONCE) {
            int to = Math.min(deletions.size(), from + MOST_AT_ONCE);
            for (Answer answer : socket.tellAll(deletions.subList(from, to))) answer.expect(Errno.ENOENT);
        }
    }
}
