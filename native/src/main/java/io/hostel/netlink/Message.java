package io.hostel.netlink;

import io.hostel.sys.Errno;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * One message from the kernel.
 *
 * @param port of whose request it tells: the receiver's own in an answer, whoever made the change in a notification of
 *     nf_tables; 0: the kernel's own
 * @param body what follows the header
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record Message(int type, int flags, int sequence, int port, byte[] body) {
    static final int NLMSG_NOOP = 1;
    static final int NLMSG_ERROR = 2;
    static final int NLMSG_DONE = 3;
    static final int DUMP_INTERRUPTED = 0x10;

    private static final int CAPPED = 0x100;
    private static final int ACK_TLVS = 0x200;
    private static final int NLMSGERR_ATTR_MSG = 1;

    /** The messages of one datagram. */
    public static List<Message> in(ByteBuffer datagram) {
        List<Message> all = new ArrayList<>();
        ByteBuffer in = datagram.order(ByteOrder.nativeOrder());
        while (in.remaining() >= Request.HEADER) {
            int start = in.position();
            int length = in.getInt();
            if (length < Request.HEADER || length > in.limit() - start) break;
            int type = Short.toUnsignedInt(in.getShort());
            int flags = Short.toUnsignedInt(in.getShort());
            int sequence = in.getInt();
            int port = in.getInt();
            byte[] body = new byte[length - Request.HEADER];
            in.get(body);
            all.add(new Message(type, flags, sequence, port, body));
            in.position(Math.min(in.limit(), start + (length + 3 & ~3)));
        }
        return all;
    }

    public boolean isAnswer() {
        return type == NLMSG_ERROR;
    }

    public boolean isEnd() {
        return type == NLMSG_DONE;
    }

    public boolean isInterrupted() {
        return (flags & DUMP_INTERRUPTED) != 0;
    }

    /** The errno of an answer or of a dump's end; 0: all is well. */
    public int error() {
        return body.length < 4 ? 0 : -number(0);
    }

    public Errno errno() {
        return Errno.of(error());
    }

    /** The kernel's own words, from the extended acknowledgement; often there are none. */
    public String words() {
        if ((flags & ACK_TLVS) == 0) return "";
        int from = 4;
        if (isAnswer()) {
            int request = (flags & CAPPED) != 0 ? Request.HEADER : number(4);
            from = 4 + (request + 3 & ~3);
        }
        return from > body.length
                ? ""
                : Attributes.of(body, from).string(NLMSGERR_ATTR_MSG).orElse("");
    }

    /** @param fixed bytes of the fixed part before them */
    public Attributes attributes(int fixed) {
        return Attributes.of(body, fixed);
    }

    /** A 32-bit number of the fixed part, in the machine's byte order. */
    public int number(int offset) {
        return ByteBuffer.wrap(body).order(ByteOrder.nativeOrder()).getInt(offset);
    }
}
