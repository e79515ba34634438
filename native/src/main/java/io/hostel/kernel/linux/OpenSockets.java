package io.hostel.kernel.linux;

import io.hostel.kernel.KernelException;
import io.hostel.netlink.NetlinkException;
import io.hostel.netlink.NetlinkSocket;
import java.util.concurrent.LinkedBlockingDeque;

/**
 * Sockets that stay open between uses, each used by one thread at a time. Besides the price of opening, that of closing is saved:
 * nf_tables ends a netfilter socket by waiting until all that was deleted is freed, 10 to 20 ms (nft_rcv_nl_event in
 * net/netfilter/nf_tables_api.c).
 */
final class OpenSockets implements AutoCloseable {
    private static final int MOST_IDLE = 4;

    private final Opener opener;
    private final LinkedBlockingDeque<NetlinkSocket> idle = new LinkedBlockingDeque<>(MOST_IDLE);
    private volatile boolean closed;

    private OpenSockets(Opener opener) {
        this.opener = opener;
    }

    /** Of the network namespace that the using thread is in when one is opened. */
    static OpenSockets route() {
        return new OpenSockets(NetlinkSocket::route);
    }

    static OpenSockets netfilter() {
        return new OpenSockets(NetlinkSocket::netfilter);
    }

    /** A socket that anything went wrong with is not used again. */
    <T> T use(Work<T> work) throws KernelException {
        NetlinkSocket socket = idle.pollFirst();
        boolean well = false;
        try {
            if (socket == null) socket = opener.open();
            T result = work.with(socket);
            well = true;
            return result;
        } catch (NetlinkException e) {
            throw NetlinkRefused.by(e);
        } finally {
            if (socket != null && !(well && idle.offerFirst(socket))) socket.close();
            if (closed) close();
        }
    }

    @Override
    public void close() {
        closed = true;
        for (NetlinkSocket socket = idle.poll(); socket != null; socket = idle.poll()) socket.close();
    }

    interface Work<T> {
        T with(NetlinkSocket socket) throws NetlinkException, KernelException;
    }

    private interface Opener {
        NetlinkSocket open() throws NetlinkException;
    }
}
