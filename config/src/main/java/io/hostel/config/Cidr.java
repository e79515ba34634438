package io.hostel.config;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.UnknownHostException;

/**
 * An IPv4 block (RFC 4632).
 *
 * @param network its lowest address, in host byte order
 * @param prefix significant bits, 0..32
 */
public record Cidr(int network, int prefix) {

    public Cidr {
        if (prefix < 0 || prefix > 32) {
            throw new IllegalArgumentException("prefix /" + prefix + " is not within 0..32");
        }
        if ((network & ~mask(prefix)) != 0) {
            throw new IllegalArgumentException(format(network) + "/" + prefix + " has bits set beyond its prefix");
        }
    }

    /** @throws IllegalArgumentException saying what is wrong with the text, e.g. {@code 10.0.0.1/8} */
    public static Cidr parse(String text) {
        int slash = text.indexOf('/');
        int prefix = slash < 0 ? 32 : Integer.parseInt(text.substring(slash + 1));
        return new Cidr(bits(slash < 0 ? text : text.substring(0, slash)), prefix);
    }

    /** Number of addresses in the block. */
    public long size() {
        return 1L << (32 - prefix);
    }

    /** The address at an offset, 0 being the block's lowest. */
    public Inet4Address address(long offset) {
        if (offset < 0 || offset >= size()) {
            throw new IllegalArgumentException("offset " + offset + " is outside " + this);
        }
        return fromBits((int) (network + offset));
    }

    public boolean contains(Inet4Address address) {
        return (bits(address) & mask(prefix)) == network;
    }

    public boolean overlaps(Cidr other) {
        int shorter = mask(Math.min(prefix, other.prefix));
        return (network & shorter) == (other.network & shorter);
    }

    /** The block of the given prefix at an index within this one. */
    public Cidr block(int blockPrefix, int index) {
        if (blockPrefix < prefix || blockPrefix > 32 || index < 0 || (long) index >= 1L << (blockPrefix - prefix)) {
            throw new IllegalArgumentException("no block " + index + " of /" + blockPrefix + " in " + this);
        }
        return new Cidr(network + (int) ((long) index << (32 - blockPrefix)), blockPrefix);
    }

    /** The address's 32 bits in host byte order. */
    public static int bits(Inet4Address address) {
        byte[] b = address.getAddress();
        return (b[0] & 0xff) << 24 | (b[1] & 0xff) << 16 | (b[2] & 0xff) << 8 | b[3] & 0xff;
    }

    /** The address with these 32 bits in host byte order. */
    public static Inet4Address fromBits(int bits) {
        byte[] b = {(byte) (bits >>> 24), (byte) (bits >>> 16), (byte) (bits >>> 8), (byte) bits};
        try {
            return (Inet4Address) InetAddress.getByAddress(b);
        } catch (UnknownHostException e) {
            throw new AssertionError("four bytes are an address", e);
        }
    }

    /** @throws IllegalArgumentException where the text is not a dotted quad; names are never looked up */
    public static Inet4Address parseAddress(String text) {
        return fromBits(bits(text));
    }

    private static int bits(String dottedQuad) {
        String[] parts = dottedQuad.split("\\.", -1);
        int bits = 0;
        for (String part : parts) {
            if (parts.length != 4 || !part.matches("[0-9]{1,3}") || Integer.parseInt(part) > 255) {
                throw new IllegalArgumentException("\"" + dottedQuad + "\" is not an IPv4 address");
            }
            bits = bits << 8 | Integer.parseInt(part);
        }
        return bits;
    }

    private static int mask(int prefix) {
        return prefix == 0 ? 0 : -1 << (32 - prefix);
    }

    private static String format(int bits) {
        return (bits >>> 24) + "." + (bits >>> 16 & 0xff) + "." + (bits >>> 8 & 0xff) + "." + (bits & 0xff);
    }

    @Override
    public String toString() {
        return format(network) + "/" + prefix;
    }
}
