package io.hostel.netlink.route;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.UnknownHostException;

/** AddressMessages from their bytes. */
public final class Ipv4 {
    public static final Inet4Address ANY = of(new byte[4]);

    private Ipv4() {}

    /** @param four bytes in network order */
    public static Inet4Address of(byte[] four) {
        try {
            if (InetAddress.getByAddress(four) instanceof Inet4Address address) return address;
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException("an IPv4 address has four bytes, not " + four.length, e);
        }
        throw new IllegalArgumentException("an IPv4 address has four bytes, not " + four.length);
    }
}
