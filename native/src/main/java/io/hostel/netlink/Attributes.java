package io.hostel.netlink;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Attributes as they came from the kernel, in their order. What is cut short is left out. */
public final class Attributes {
    private static final int TYPE_MASK = 0x3fff;
    private static final int HEADER = 4;

    private final List<Attribute> all;

    private Attributes(List<Attribute> all) {
        this.all = all;
    }

    /** @param offset where they begin, after a message's fixed part */
    public static Attributes of(byte[] bytes, int offset) {
        List<Attribute> all = new ArrayList<>();
        ByteBuffer in = ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder());
        int at = offset;
        while (at + HEADER <= bytes.length) {
            int length = Short.toUnsignedInt(in.getShort(at));
            if (length < HEADER || at + length > bytes.length) break;
            byte[] value = new byte[length - HEADER];
            in.get(at + HEADER, value);
            all.add(new Attribute(in.getShort(at + 2) & TYPE_MASK, value));
            at += length + 3 & ~3;
        }
        return new Attributes(all);
    }

    public List<Attribute> all() {
        return List.copyOf(all);
    }

    public Optional<byte[]> bytes(int type) {
        return all.stream().filter(a -> a.type() == type).map(Attribute::value).findFirst();
    }

    /** Attributes within one; none where it is absent. */
    public Attributes nested(int type) {
        return bytes(type).map(b -> of(b, 0)).orElse(new Attributes(List.of()));
    }

    public Optional<String> string(int type) {
        return bytes(type).map(Attributes::text);
    }

    public Optional<Integer> u8(int type) {
        return bytes(type).filter(b -> b.length >= 1).map(b -> b[0] & 0xff);
    }

    public Optional<Integer> u32(int type) {
        return number(type, ByteOrder.nativeOrder());
    }

    public Optional<Integer> be32(int type) {
        return number(type, ByteOrder.BIG_ENDIAN);
    }

    private Optional<Integer> number(int type, ByteOrder order) {
        return bytes(type)
                .filter(b -> b.length >= 4)
                .map(b -> ByteBuffer.wrap(b).order(order).getInt());
    }

    private static String text(byte[] bytes) {
        int length = 0;
        while (length < bytes.length && bytes[length] != 0) length++;
        return new String(bytes, 0, length, StandardCharsets.UTF_8);
    }

    /** @param type without the flags for nesting and byte order */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    public record Attribute(int type, byte[] value) {
        public Attributes nested() {
            return of(value, 0);
        }
    }
}
