package io.hostel.kernel.linux;

import io.hostel.netlink.Answer;
import io.hostel.netlink.NetlinkException;
import io.hostel.netlink.NetlinkSocket;
import io.hostel.netlink.Request;
import io.hostel.netlink.conntrack.Connection;
import io.hostel.sys.Errno;
import java.util.List;
import java.util.function.Predicate;

/** Ends tracked connections: their next packet is judged as a new one's. */
final class Connections {
    /** So that the acknowledgements fit into the socket's buffer. */
    private static final int MOST_AT_ONCE = 256;

    private Connections() {}

    /** @param list the dump to look through */
    static void end(NetlinkSocket socket, Request list, Predicate<Connection> which) throws NetlinkException {
        List<Request> deletions = socket.dump(list).stream()
                .map(Connection::of)
                .filter(which)
                .map(Connection::delete)
                .toList();
        for (int from = 0; from < deletions.size(); from += MOST_AT_ONCE) {
            int to = Math.min(deletions.size(), from + MOST_AT_ONCE);
            for (Answer answer : socket.exchange(deletions.subList(from, to))) answer.expect(Errno.ENOENT);
        }
    }
}
