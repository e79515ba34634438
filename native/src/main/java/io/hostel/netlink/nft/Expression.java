package io.hostel.netlink.nft;

import io.hostel.netlink.Payload;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.function.Consumer;

/**
 * One instruction of a rule, which works on registers: 1 to 4 are of 16 bytes each, 8 to 23 the same room as words of four bytes.
 * An instruction that does not match ends its rule.
 *
 * @param name as the kernel knows it
 * @param attributes its operands
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record Expression(String name, byte[] attributes) {
    /** Where verdicts go. */
    static final int VERDICT = 0;

    static final int REG_1 = 1;
    static final int REG_2 = 2;
    /** First word of register 1. */
    static final int WORD_0 = 8;

    private static final int DATA_VALUE = 1;
    private static final int DATA_VERDICT = 2;
    private static final int VERDICT_CODE = 1;
    private static final int VERDICT_CHAIN = 2;

    private static Expression of(String name, Consumer<Payload> operands) {
        Payload payload = new Payload();
        operands.accept(payload);
        return new Expression(name, payload.toBytes());
    }

    void write(Payload to) {
        to.nest(1, e -> e.string(1, name).attribute(2 | 1 << 15, attributes));
    }

    /** What is known of a packet besides its bytes: enum nft_meta_keys. */
    enum Meta {
        PROTOCOL(1),
        MARK(3),
        IIFNAME(6),
        OIFNAME(7),
        NFPROTO(15),
        L4PROTO(16);

        private final int key;

        Meta(int key) {
            this.key = key;
        }
    }

    static Expression meta(Meta meta, int to) {
        return of("meta", p -> p.be32(2, meta.key).be32(1, to));
    }

    static Expression setMeta(Meta meta, int from) {
        return of("meta", p -> p.be32(2, meta.key).be32(3, from));
    }

    /** Headers that offsets count from: enum nft_payload_bases. */
    enum Base {
        LINK,
        NETWORK,
        TRANSPORT
    }

    static Expression payload(Base base, int offset, int length, int to) {
        return of(
                "payload",
                p -> p.be32(1, to).be32(2, base.ordinal()).be32(3, offset).be32(4, length));
    }

    static Expression equal(int register, byte[] value) {
        return compare(register, 0, value);
    }

    static Expression notEqual(int register, byte[] value) {
        return compare(register, 1, value);
    }

    private static Expression compare(int register, int operator, byte[] value) {
        return of("cmp", p -> p.be32(1, register).be32(2, operator).nest(3, d -> d.attribute(DATA_VALUE, value)));
    }

    /** Matches values from one to the other, both included, as big-endian numbers. */
    static Expression range(int register, byte[] from, byte[] to) {
        return of(
                "range",
                p -> p.be32(1, register)
                        .be32(2, 0)
                        .nest(3, d -> d.attribute(DATA_VALUE, from))
                        .nest(4, d -> d.attribute(DATA_VALUE, to)));
    }

    /** The word becomes {@code (word & mask) ^ flip}. */
    static Expression bitwise(int register, int mask, int flip) {
        return bitwise(register, word(mask), word(flip));
    }

    /** As the other, for as many bytes as there are in the two. */
    static Expression bitwise(int register, byte[] mask, byte[] flip) {
        return of(
                "bitwise",
                p -> p.be32(1, register)
                        .be32(2, register)
                        .be32(3, mask.length)
                        .nest(4, d -> d.attribute(DATA_VALUE, mask))
                        .nest(5, d -> d.attribute(DATA_VALUE, flip)));
    }

    static Expression lookup(String set, int register) {
        return of("lookup", p -> p.string(1, set).be32(2, register));
    }

    /** Matches what is not in the set. */
    static Expression lookupAbsent(String set, int register) {
        return of("lookup", p -> p.string(1, set).be32(2, register).be32(5, 1));
    }

    /** @param to where the map's value goes; {@link #VERDICT} for a map of verdicts */
    static Expression map(String map, int register, int to) {
        return of("lookup", p -> p.string(1, map).be32(2, register).be32(3, to));
    }

    static Expression verdict(Verdict verdict) {
        return of("immediate", p -> p.be32(1, VERDICT).nest(2, d -> writeVerdict(d, verdict)));
    }

    static Expression immediate(byte[] value, int to) {
        return of("immediate", p -> p.be32(1, to).nest(2, d -> d.attribute(DATA_VALUE, value)));
    }

    static void writeVerdict(Payload data, Verdict verdict) {
        data.nest(DATA_VERDICT, v -> {
            v.be32(VERDICT_CODE, verdict.code());
            verdict.chain().ifPresent(chain -> v.string(VERDICT_CHAIN, chain));
        });
    }

    /** Sends an IPv4 connection elsewhere: address and port are in registers. */
    static Expression destinationNat(int address, int port) {
        return of(
                "nat",
                p -> p.be32(1, 1).be32(2, Family.IP.number()).be32(3, address).be32(5, port));
    }

    /** Gives a connection the address of the link by which it leaves. */
    static Expression masquerade() {
        return new Expression("masq", new byte[0]);
    }

    /** A number of {@code offset .. offset+modulus-1} by chance, in the machine's byte order. */
    static Expression random(int modulus, int offset, int to) {
        return of("numgen", p -> p.be32(1, to).be32(2, modulus).be32(3, 1).be32(4, offset));
    }

    /** What connection tracking knows: enum nft_ct_keys. */
    enum Ct {
        STATE(0),
        STATUS(2),
        MARK(3);

        private final int key;

        Ct(int key) {
            this.key = key;
        }
    }

    static Expression ct(Ct ct, int to) {
        return of("ct", p -> p.be32(2, ct.key).be32(1, to));
    }

    static Expression setCt(Ct ct, int from) {
        return of("ct", p -> p.be32(2, ct.key).be32(4, from));
    }

    /** The packet belongs to no connection that is tracked; before connection tracking has seen it. */
    static Expression untrack() {
        return new Expression("notrack", new byte[0]);
    }

    /** Type of the destination address, RTN_LOCAL for instance, by the routing tables. */
    static Expression destinationType(boolean onArrivalLink, int to) {
        int daddr = 2;
        int iif = 8;
        return of(
                "fib",
                p -> p.be32(3, onArrivalLink ? daddr | iif : daddr).be32(2, 3).be32(1, to));
    }

    /**
     * Matches while there are more than so many open connections of the register's value, this one included; nft_connlimit.c. What
     * is over, in TIME_WAIT too, does not count.
     *
     * @param set made by {@link Table#countingSet}
     */
    static Expression moreConnections(String set, int register, int than) {
        int over = 1;
        byte[] limit = new Payload().be32(1, than).be32(2, over).toBytes();
        return of(
                "dynset",
                p -> p.string(1, set)
                        .be32(3, 0)
                        .be32(4, register)
                        .nest(7, e -> e.string(1, "connlimit").attribute(2 | 1 << 15, limit)));
    }

    /** Attaches an object of the table, by its name; nft_objref.c. */
    static Expression object(int type, String name) {
        return of("objref", p -> p.be32(1, type).string(2, name));
    }

    static Expression counter() {
        return of("counter", p -> p.be64(1, 0).be64(2, 0));
    }

    /** Four bytes in the machine's order, as marks and connection states are in registers. */
    static byte[] word(int value) {
        return ByteBuffer.allocate(4)
                .order(ByteOrder.nativeOrder())
                .putInt(value)
                .array();
    }
}
