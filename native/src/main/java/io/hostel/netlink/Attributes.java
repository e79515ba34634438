package io.hostel.netlink;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Attributes as they came from the kernel, in their order; read where they lie. What is cut short is left out. */
public final class Attributes {
    private static final int TYPE_MASK = 0x3fff;
    private static final int HEADER = 4;
    private static final int NOWHERE = -1;
    private static final Attributes NONE = new Attributes(new byte[0], 0, 0);

    private final ByteBuffer in;
    private final int from;
    private final int to;

    private Attributes(byte[] bytes, int from, int to) {
        this(ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder()), from, to);
    }

    private Attributes(ByteBuffer in, int from, int to) {
        this.in = in;
        this.from = from;
        this.to = to;
    }

    /** @param offset where they begin, after a message's fixed part */
    public static Attributes of(byte[] bytes, int offset) {
        return new Attributes(bytes, offset, bytes.length);
    }

    public List<Attribute> all() {
        List<Attribute> all = new ArrayList<>();
        for (int at = from; isWhole(at); at = after(at)) all.add(new Attribute(type(at), value(at)));
        return List.copyOf(all);
    }

    public Optional<byte[]> bytes(int type) {
        int at = find(type);
        return at == NOWHERE ? Optional.empty() : Optional.of(value(at));
    }

    /** Attributes within one; none where it is absent. */
    public Attributes nested(int type) {
        int at = find(type);
        return at == NOWHERE ? NONE : new Attributes(in, at + HEADER, at + length(at));
    }

    /** Up to its first zero, if there is one. */
    public Optional<String> string(int type) {
        int at = find(type);
        if (at == NOWHERE) return Optional.empty();
        int begin = at + HEADER;
        int end = begin;
        while (end < at + length(at) && in.get(end) != 0) end++;
        return Optional.of(new String(in.array(), begin, end - begin, StandardCharsets.UTF_8));
    }

    public Optional<Integer> u8(int type) {
        int at = find(type);
        return at == NOWHERE || length(at) < HEADER + 1 ? Optional.empty() : Optional.of(in.get(at + HEADER) & 0xff);
    }

    public Optional<Integer> u32(int type) {
        int at = find(type);
        return at == NOWHERE || length(at) < HEADER + 4 ? Optional.empty() : Optional.of(in.getInt(at + HEADER));
    }

    public Optional<Integer> be32(int type) {
        boolean swapped = ByteOrder.nativeOrder() != ByteOrder.BIG_ENDIAN;
        return u32(type).map(number -> swapped ? Integer.reverseBytes(number) : number);
    }

    private int find(int type) {
        for (int at = from; isWhole(at); at = after(at)) {
            if (type(at) == type) return at;
        }
        return NOWHERE;
    }

    /** Whether one begins there that ends before the end of all. */
    private boolean isWhole(int at) {
        return at + HEADER <= to && length(at) >= HEADER && at + length(at) <= to;
    }

    private int length(int at) {
        return Short.toUnsignedInt(in.getShort(at));
    }

    private int type(int at) {
        return in.getShort(at + 2) & TYPE_MASK;
    }

    private int after(int at) {
        return at + (length(at) + 3 & ~3);
    }

    private byte[] value(int at) {
        return Arrays.copyOfRange(in.array(), at + HEADER, at + length(at));
    }

    /** @param type without the flags for nesting and byte order */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    public record Attribute(int type, byte[] value) {
        public Attributes nested() {
            return of(value, 0);
        }
    }
}
