package io.hostel.netlink;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * One message to the kernel.
 *
 * @param type with the subsystem in the upper eight bits where the family has some
 * @param flags besides NLM_F_REQUEST
 * @param body what follows the header
 * @param purpose what it is for, as errors say it, e.g. {@code attach hs-7f3a to bridge hostel0}
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record Request(int type, int flags, byte[] body, String purpose) {
    public static final int HEADER = 16;

    public static final int ACK = 0x4;
    public static final int ECHO = 0x8;
    public static final int DUMP = 0x300;
    public static final int REPLACE = 0x100;
    public static final int EXCLUSIVE = 0x200;
    public static final int CREATE = 0x400;
    public static final int APPEND = 0x800;

    private static final int REQUEST = 0x1;

    public Request(int type, int flags, Payload body, String purpose) {
        this(type, flags, body.toBytes(), purpose);
    }

    public Request with(int moreFlags) {
        return new Request(type, flags | moreFlags, body, purpose);
    }

    /** The same for another purpose, so that errors speak of that. */
    public Request purpose(String other) {
        return new Request(type, flags, body, other);
    }

    /** Bytes that the message takes, the padding to four included. */
    public int size() {
        return HEADER + body.length + 3 & ~3;
    }

    /** The whole message as struct nlmsghdr and what follows it; the sender's port is left for the kernel to fill. */
    public void write(ByteBuffer to, int sequence) {
        int start = to.position();
        to.order(ByteOrder.nativeOrder());
        to.putInt(HEADER + body.length)
                .putShort((short) type)
                .putShort((short) (flags | REQUEST))
                .putInt(sequence)
                .putInt(0)
                .put(body);
        while (to.position() < start + size()) to.put((byte) 0);
    }

    public byte[] toBytes(int sequence) {
        ByteBuffer bytes = ByteBuffer.allocate(size());
        write(bytes, sequence);
        return bytes.array();
    }
}
