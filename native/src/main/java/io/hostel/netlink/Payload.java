package io.hostel.netlink;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.function.Consumer;

/**
 * Writes what follows a message's header: the fixed part of its family, then attributes, each padded to four bytes
 * (netlink(7), include/uapi/linux/netlink.h). Numbers are in the machine's byte order where the name doesn't say {@code be}.
 */
public final class Payload {
    private static final int NESTED = 1 << 15;
    private static final int HEADER = 4;
    private static final int LONGEST = 0xffff;

    private byte[] bytes = new byte[128];
    private int length;

    public Payload u8(int value) {
        return raw(new byte[] {(byte) value});
    }

    public Payload u16(int value) {
        return raw(buffer(2).putShort((short) value).array());
    }

    public Payload be16(int value) {
        return raw(new byte[] {(byte) (value >>> 8), (byte) value});
    }

    public Payload u32(int value) {
        return raw(buffer(4).putInt(value).array());
    }

    public Payload raw(byte[] value) {
        room(value.length);
        System.arraycopy(value, 0, bytes, length, value.length);
        length += value.length;
        return this;
    }

    /** @throws IllegalArgumentException where the value is longer than the 16-bit length of an attribute can say */
    public Payload attribute(int type, byte[] value) {
        int whole = HEADER + value.length;
        if (whole > LONGEST) throw new IllegalArgumentException("attribute " + type + " of " + whole + " bytes");
        u16(whole).u16(type).raw(value);
        return align();
    }

    public Payload flag(int type) {
        return attribute(type, new byte[0]);
    }

    public Payload u8(int type, int value) {
        return attribute(type, new byte[] {(byte) value});
    }

    public Payload u16(int type, int value) {
        return attribute(type, buffer(2).putShort((short) value).array());
    }

    public Payload u32(int type, int value) {
        return attribute(type, buffer(4).putInt(value).array());
    }

    public Payload be32(int type, int value) {
        return attribute(type, ByteBuffer.allocate(4).putInt(value).array());
    }

    public Payload be64(int type, long value) {
        return attribute(type, ByteBuffer.allocate(8).putLong(value).array());
    }

    /** A string and the zero that ends it. */
    public Payload string(int type, String value) {
        byte[] utf8 = value.getBytes(StandardCharsets.UTF_8);
        return attribute(type, Arrays.copyOf(utf8, utf8.length + 1));
    }

    /** An attribute that holds attributes. */
    public Payload nest(int type, Consumer<Payload> content) {
        Payload inner = new Payload();
        content.accept(inner);
        return attribute(type | NESTED, inner.toBytes());
    }

    public byte[] toBytes() {
        return Arrays.copyOf(bytes, length);
    }

    public int length() {
        return length;
    }

    private Payload align() {
        int padding = -length & 3;
        room(padding);
        Arrays.fill(bytes, length, length + padding, (byte) 0);
        length += padding;
        return this;
    }

    private void room(int more) {
        if (length + more > bytes.length) bytes = Arrays.copyOf(bytes, Math.max(2 * bytes.length, length + more));
    }

    private static ByteBuffer buffer(int size) {
        return ByteBuffer.allocate(size).order(ByteOrder.nativeOrder());
    }
}
