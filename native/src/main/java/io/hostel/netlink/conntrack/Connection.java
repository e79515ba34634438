package io.hostel.netlink.conntrack;

import io.hostel.netlink.Attributes;
import io.hostel.netlink.Message;
import io.hostel.netlink.Payload;
import io.hostel.netlink.Request;
import io.hostel.netlink.route.Ipv4;
import java.net.Inet4Address;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** A connection as the kernel tracks it: who opened it to whom, and from where the answers come, address translation applied. */
public final class Connection {
    private static final int GET = 1 << 8 | 1;
    private static final int DELETE = 1 << 8 | 2;
    private static final int AF_INET = 2;
    /** A deletion of this version regards the family; before, one of any is meant. */
    private static final int BY_FAMILY = 1;

    private static final int HEADER = 4;
    private static final int CTA_TUPLE_ORIG = 1;
    private static final int CTA_TUPLE_REPLY = 2;
    private static final int CTA_ID = 12;
    private static final int CTA_ZONE = 18;
    private static final int CTA_FILTER = 25;
    private static final int CTA_TUPLE_IP = 1;
    private static final int CTA_IP_V4_SRC = 1;
    private static final int CTA_IP_V4_DST = 2;
    private static final int CTA_FILTER_F_CTA_IP_SRC = 1;

    private final Attributes attributes;

    private Connection(Attributes attributes) {
        this.attributes = attributes;
    }

    /** A connection in a dump. */
    public static Connection of(Message message) {
        return new Connection(message.attributes(HEADER));
    }

    /**
     * Two messages that together delete each connection that an address opened or answers, translated or not: the one who opens
     * is the source of the original direction, the one who answers that of the reply. Kernels before 6.10 refuse them with
     * EOPNOTSUPP or, taking the half of a connection's ends for all of them, with EINVAL, and delete nothing.
     */
    public static List<Request> deleteAllOf(Inet4Address address) {
        return List.of(sourced(address, CTA_TUPLE_ORIG, 1), sourced(address, CTA_TUPLE_REPLY, 2));
    }

    private static Request sourced(Inet4Address address, int tuple, int flags) {
        Payload body = header(BY_FAMILY)
                .nest(tuple, t -> t.nest(CTA_TUPLE_IP, ip -> ip.attribute(CTA_IP_V4_SRC, address.getAddress())))
                .nest(CTA_FILTER, f -> f.u32(flags, CTA_FILTER_F_CTA_IP_SRC));
        return new Request(DELETE, 0, body, "end the connections of " + address.getHostAddress());
    }

    /** For a dump of all IPv4 connections. */
    public static Request all() {
        return new Request(GET, 0, header(), "list the connections");
    }

    /** Who opened it. */
    public Optional<Inet4Address> opener() {
        return end(CTA_TUPLE_ORIG, CTA_IP_V4_SRC);
    }

    /** To whom it was opened. */
    public Optional<Inet4Address> called() {
        return end(CTA_TUPLE_ORIG, CTA_IP_V4_DST);
    }

    /** Who answers: another than was called where the destination is translated. */
    public Optional<Inet4Address> answering() {
        return end(CTA_TUPLE_REPLY, CTA_IP_V4_SRC);
    }

    private Optional<Inet4Address> end(int tuple, int end) {
        return attributes
                .nested(tuple)
                .nested(CTA_TUPLE_IP)
                .bytes(end)
                .filter(b -> b.length == 4)
                .map(Ipv4::of);
    }

    /** Whether one of the addresses is an end of it, in either direction. */
    public boolean isOfAny(Set<Inet4Address> addresses) {
        return has(CTA_TUPLE_ORIG, CTA_IP_V4_SRC, addresses)
                || has(CTA_TUPLE_ORIG, CTA_IP_V4_DST, addresses)
                || has(CTA_TUPLE_REPLY, CTA_IP_V4_SRC, addresses)
                || has(CTA_TUPLE_REPLY, CTA_IP_V4_DST, addresses);
    }

    private boolean has(int tuple, int end, Set<Inet4Address> addresses) {
        return end(tuple, end).filter(addresses::contains).isPresent();
    }

    /** Forgets it: ENOENT where it is gone already, or another has taken its place. */
    public Request delete() {
        Payload body = header();
        body.attribute(
                CTA_TUPLE_ORIG | 1 << 15, attributes.bytes(CTA_TUPLE_ORIG).orElse(new byte[0]));
        attributes.bytes(CTA_ZONE).ifPresent(zone -> body.attribute(CTA_ZONE, zone));
        attributes.bytes(CTA_ID).ifPresent(id -> body.attribute(CTA_ID, id));
        return new Request(DELETE, 0, body, "end a connection");
    }

    private static Payload header() {
        return header(0);
    }

    /** struct nfgenmsg. */
    private static Payload header(int version) {
        return new Payload().u8(AF_INET).u8(version).be16(0);
    }
}
