package io.hostel.kernel.linux;

import io.hostel.kernel.KernelException;
import io.hostel.netlink.NetlinkException;
import io.hostel.netlink.NetlinkSocket;
import io.hostel.sys.Fd;
import io.hostel.sys.Namespaces;
import io.hostel.sys.OpenFile;
import io.hostel.sys.SysException;
import io.hostel.sys.ThrowAwayThread;
import java.nio.file.Path;

/** Sockets of a pinned network namespace, opened on a throw-away thread in it and used from outside: netlink(7). */
final class NamespaceSockets {
    private NamespaceSockets() {}

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

    private static void enter(Fd namespace) throws KernelException {
        try {
            Namespaces.enter(namespace, Namespaces.NETWORK);
        } catch (SysException e) {
            throw Refused.by(e);
        }
    }
}
