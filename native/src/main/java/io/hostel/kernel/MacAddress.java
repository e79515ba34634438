package io.hostel.kernel;

import java.net.Inet4Address;
import java.util.HexFormat;

/** An Ethernet address: the lower 48 bits. */
public record MacAddress(long bits) {

    /** The locally administered address 02:42:a.b.c.d made from an IPv4 address. */
    public static MacAddress of(Inet4Address address) {
        long bits = 0x0242L;
        for (byte b : address.getAddress()) {
            bits = bits << 8 | b & 0xff;
        }
        return new MacAddress(bits);
    }

    /** A locally administered unicast address made from a sandbox's id: known before its IP address is. */
    public static MacAddress of(String id) {
        long hash = 0xcbf29ce484222325L; // FNV-1a, 64 bits
        for (int i = 0; i < id.length(); i++) {
            hash = (hash ^ id.charAt(i)) * 0x100000001b3L;
        }
        return new MacAddress(0x02L << 40 | (hash ^ hash >>> 40) & 0xff_ffff_ffffL);
    }

    public byte[] bytes() {
        byte[] b = new byte[6];
        for (int i = 0; i < 6; i++) {
            b[i] = (byte) (bits >>> 8 * (5 - i));
        }
        return b;
    }

    @Override
    public String toString() {
        return HexFormat.ofDelimiter(":").formatHex(bytes());
    }
}
