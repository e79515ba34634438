package io.hostel.kernel.linux;

import io.hostel.kernel.KernelException;
import io.hostel.netlink.Message;
import io.hostel.netlink.NetlinkException;
import io.hostel.netlink.NetlinkSocket;
import io.hostel.netlink.route.BridgePort;
import io.hostel.netlink.route.Link;
import io.hostel.netlink.route.LinkMessages;
import io.hostel.sys.Errno;
import java.time.Duration;
import java.util.Optional;

/** Waits until a bridge's port forwards: before that, frames vanish, and the first SYN of a connection with them. */
final class ForwardingPort implements AutoCloseable {
    private static final long LONGEST_WAIT_NANOS = Duration.ofSeconds(5).toNanos();
    /** Notifications can get lost in a burst, so the state itself is looked at now and then. */
    private static final Duration LOOK_AFTER = Duration.ofMillis(20);

    private final String name;
    private final NetlinkSocket notices;

    private ForwardingPort(String name, NetlinkSocket notices) {
        this.name = name;
        this.notices = notices;
    }

    /** Listens from now on, so begin before the port comes up. */
    static ForwardingPort watch(String name) throws NetlinkException {
        NetlinkSocket notices = NetlinkSocket.route();
        try {
            notices.join(LinkMessages.RTNLGRP_LINK);
            return new ForwardingPort(name, notices);
        } catch (NetlinkException e) {
            notices.close();
            throw e;
        }
    }

    void await(int index) throws NetlinkException, KernelException {
        long start = System.nanoTime();
        while (!forwardsNow()) {
            if (System.nanoTime() - start > LONGEST_WAIT_NANOS) {
                throw new KernelException(
                        Errno.ETIMEDOUT.name(),
                        "wait for",
                        "bridge port " + name,
                        "it does not forward; is the bridge up?");
            }
            if (heardForwarding(index)) return;
        }
    }

    private boolean forwardsNow() throws NetlinkException {
        try (NetlinkSocket socket = NetlinkSocket.route()) {
            return LinuxLinks.link(socket, name)
                    .flatMap(Link::portState)
                    .filter(state -> state == BridgePort.FORWARDING)
                    .isPresent();
        }
    }

    private boolean heardForwarding(int index) throws NetlinkException {
        long start = System.nanoTime();
        while (System.nanoTime() - start < LOOK_AFTER.toNanos()) {
            Optional<Message> notice;
            try {
                notice = notices.next(LOOK_AFTER);
            } catch (NetlinkException e) {
                if (e.is(Errno.ENOBUFS)) return false;
                throw e;
            }
            if (notice.isEmpty()) return false;
            if (notice.get().type() != LinkMessages.RTM_NEWLINK) continue;
            Link link = Link.of(notice.get());
            if (link.index() == index && link.portState().equals(Optional.of(BridgePort.FORWARDING))) return true;
        }
        return false;
    }

    @Override
    public void close() {
        notices.close();
    }
}
