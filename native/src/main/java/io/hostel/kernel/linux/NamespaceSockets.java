package io.hostel.kernel.linux;

import io.hostel.kernel.KernelException;
import io.hostel.netlink.NetlinkException;
import io.hostel.netlink.NetlinkSocket;
import io.hostel.sys.Fd;
import io.hostel.sys.Namespaces;
import io.hostel.sys.OpenFile;
import io.hostel.sys.Stat;
import io.hostel.sys.SysException;
import io.hostel.sys.ThrowAwayThread;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Sockets of pinned network namespaces, opened on a throw-away thread in them and used from outside: netlink(7). The one that a
 * namespace was furnished by is kept for those who come next, up to a bound.
 *
 * <p>A socket keeps its namespace alive, so {@link #forget} it when the pin goes.
 */
final class NamespaceSockets implements AutoCloseable {
    private static final int MOST_KEPT = 256;

    private final Map<Path, Kept> kept = new LinkedHashMap<>();

    /**
     * A namespace's socket and what is known of its link.
     *
     * @param inode of the namespace: while the socket is open, no other has it
     * @param fresh index of eth0 where it is known to have no address yet
     */
    record Kept(NetlinkSocket socket, long inode, OptionalInt fresh) implements AutoCloseable {
        Kept withFresh(int eth0) {
            return new Kept(socket, inode, OptionalInt.of(eth0));
        }

        @Override
        public void close() {
            socket.close();
        }
    }

    /** Takes the duty to close over; what was kept for longest goes where there are too many. */
    void keep(Path pin, Kept socket) {
        Optional<Kept> replaced;
        Optional<Kept> oldest = Optional.empty();
        synchronized (kept) {
            replaced = Optional.ofNullable(kept.put(pin, socket));
            if (kept.size() > MOST_KEPT) {
                Path first = kept.keySet().iterator().next();
                oldest = Optional.ofNullable(kept.remove(first));
            }
        }
        replaced.ifPresent(Kept::close);
        oldest.ifPresent(Kept::close);
    }

    /** The kept socket of what is pinned there now, or a new one; the caller closes it or keeps it. */
    Kept take(Path pin) throws KernelException {
        Optional<Kept> found;
        synchronized (kept) {
            found = Optional.ofNullable(kept.remove(pin));
        }
        long inode = inode(pin);
        if (found.isPresent()) {
            if (found.get().inode() == inode) return found.get();
            found.get().close();
        }
        return new Kept(route(pin), inode, OptionalInt.empty());
    }

    void forget(Path pin) {
        Optional<Kept> gone;
        synchronized (kept) {
            gone = Optional.ofNullable(kept.remove(pin));
        }
        gone.ifPresent(Kept::close);
    }

    static NetlinkSocket route(Path pin) throws KernelException {
        try (Fd namespace = open(pin)) {
            return ThrowAwayThread.call(KernelException.class, () -> {
                enter(namespace);
                try {
                    return NetlinkSocket.route();
                } catch (NetlinkException e) {
                    throw NetlinkRefused.by(e);
                }
            });
        }
    }

    static Fd open(Path pin) throws KernelException {
        try {
            return OpenFile.open(pin.toString(), OpenFile.READ);
        } catch (SysException e) {
            throw Refused.by(e);
        }
    }

    private static long inode(Path pin) throws KernelException {
        try {
            return Stat.of(pin.toString()).inode();
        } catch (SysException e) {
            throw Refused.by(e);
        }
    }

    private static void enter(Fd namespace) throws KernelException {
        try {
            Namespaces.enter(namespace, Namespaces.NETWORK);
        } catch (SysException e) {
            throw Refused.by(e);
        }
    }

    /** Closes all that are kept; others may be kept afterwards. */
    @Override
    public void close() {
        synchronized (kept) {
            kept.values().forEach(Kept::close);
            kept.clear();
        }
    }
}
