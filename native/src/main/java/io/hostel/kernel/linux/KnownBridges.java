package io.hostel.kernel.linux;

import io.hostel.kernel.KernelException;
import io.hostel.netlink.NetlinkException;
import io.hostel.netlink.NetlinkSocket;
import io.hostel.netlink.route.Link;
import io.hostel.sys.Errno;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** Bridges' indices and MACs, looked up once and again where the kernel refuses what was done with them. */
final class KnownBridges {
    private final Map<String, Bridge> known = new ConcurrentHashMap<>();

    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Bridge(int index, byte[] mac) {}

    /** @throws KernelException ENODEV where there is none of that name */
    <T> T with(NetlinkSocket socket, String name, Work<T> work) throws NetlinkException, KernelException {
        return withIfThere(socket, name, work)
                .orElseThrow(() -> new KernelException(
                        Errno.ENODEV.name(),
                        "find",
                        "bridge " + name,
                        "it is gone: start the host again to have it made anew"));
    }

    /** The work's result; empty where there is no bridge of that name. */
    <T> Optional<T> withIfThere(NetlinkSocket socket, String name, Work<T> work)
            throws NetlinkException, KernelException {
        Bridge remembered = known.get(name);
        if (remembered != null) {
            try {
                return Optional.of(work.with(remembered));
            } catch (NetlinkException e) {
                Optional<Bridge> now = look(socket, name);
                if (now.isPresent() && now.get().index() == remembered.index()) throw e;
            }
        }
        Optional<Bridge> bridge = look(socket, name);
        return bridge.isEmpty() ? Optional.empty() : Optional.of(work.with(bridge.get()));
    }

    private Optional<Bridge> look(NetlinkSocket socket, String name) throws NetlinkException {
        Optional<Bridge> bridge = LinuxLinks.link(socket, name)
                .filter(link -> link.kind().equals("bridge"))
                .map(KnownBridges::of);
        bridge.ifPresentOrElse(b -> known.put(name, b), () -> known.remove(name));
        return bridge;
    }

    private static Bridge of(Link link) {
        return new Bridge(link.index(), HexFormat.ofDelimiter(":").parseHex(link.mac()));
    }

    interface Work<T> {
        T with(Bridge bridge) throws NetlinkException, KernelException;
    }
}
