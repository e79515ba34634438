package io.hostel.netlink.nft;

import java.io.ByteArrayOutputStream;
import java.net.Inet4Address;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Bytes of a set's key or a map's value, part by part; several parts are padded to four bytes each. */
public final class Key {
    private Key() {}

    public static byte[] address(Inet4Address address) {
        return address.getAddress();
    }

    public static byte[] port(int port) {
        return ByteBuffer.allocate(2).putShort((short) port).array();
    }

    public static byte[] mark(int mark) {
        return Expression.word(mark);
    }

    /** The inverse of {@link #mark}, of a part that begins at an offset. */
    public static int markOf(byte[] key, int offset) {
        return ByteBuffer.wrap(key).order(ByteOrder.nativeOrder()).getInt(offset);
    }

    /** The inverse of {@link #port}, of a part that begins at an offset. */
    public static int portOf(byte[] key, int offset) {
        return Short.toUnsignedInt(ByteBuffer.wrap(key).getShort(offset));
    }

    /** @throws IllegalArgumentException where the kernel takes no name so long */
    public static byte[] link(String name) {
        byte[] ascii = name.getBytes(StandardCharsets.US_ASCII);
        if (ascii.length > 15) throw new IllegalArgumentException("link name " + name + " is longer than 15");
        return Arrays.copyOf(ascii, 16);
    }

    public static byte[] of(byte[]... parts) {
        ByteArrayOutputStream joined = new ByteArrayOutputStream();
        for (byte[] part : parts) joined.writeBytes(Arrays.copyOf(part, part.length + 3 & ~3));
        return joined.toByteArray();
    }
}
