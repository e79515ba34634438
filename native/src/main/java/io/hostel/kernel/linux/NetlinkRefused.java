package io.hostel.kernel.linux;

import io.hostel.kernel.KernelException;
import io.hostel.netlink.NetlinkException;
import io.hostel.sys.Errno;

/** Makes the port's exception of a message that the kernel refused: {@code throw NetlinkRefused.by(e)}. */
final class NetlinkRefused {
    private NetlinkRefused() {}

    static KernelException by(NetlinkException e) {
        String[] purpose = e.purpose().split(" ", 2);
        String words = e.errno().words() + (e.words().isEmpty() ? "" : ": " + e.words()) + hint(e.errno());
        KernelException refused = new KernelException(
                e.errno().name(), purpose[0], purpose.length > 1 ? purpose[1] : "the network", words);
        refused.initCause(e);
        return refused;
    }

    private static String hint(Errno errno) {
        return switch (errno) {
            case EPERM -> ": run as root, with CAP_NET_ADMIN over the network namespace";
            case EXFULL -> ": a bridge takes 1,023 ports";
            case EPROTONOSUPPORT, EAFNOSUPPORT -> ": the kernel lacks a part of nf_tables or of the bridge";
            default -> "";
        };
    }
}
