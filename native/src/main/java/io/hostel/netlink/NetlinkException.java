package io.hostel.netlink;

import io.hostel.sys.Errno;

/** The kernel refused a message. Reads like {@code attach hs-7f3a to bridge hostel0: EXFULL (exchange full): WORDS}. */
public final class NetlinkException extends Exception {
    private final Errno errno;
    private final String purpose;
    private final String words;

    /**
     * @param purpose what the message was for
     * @param words the kernel's own, from NETLINK_EXT_ACK; may be empty
     */
    public NetlinkException(Errno errno, String purpose, String words) {
        super(purpose + ": " + errno + (words.isEmpty() ? "" : ": " + words));
        this.errno = errno;
        this.purpose = purpose;
        this.words = words;
    }

    public Errno errno() {
        return errno;
    }

    public boolean is(Errno other) {
        return errno == other;
    }

    public String purpose() {
        return purpose;
    }

    public String words() {
        return words;
    }
}
