package io.hostel.netlink.route;

import io.hostel.netlink.Attributes;
import io.hostel.netlink.Message;
import io.hostel.netlink.Payload;
import io.hostel.netlink.Request;
import java.net.Inet4Address;
import java.util.HexFormat;
import java.util.Optional;

/**
 * Messages about neighbours (IPv4 address to MAC) and a bridge's forwarding entries (MAC to port): RTM_NEWNEIGH, RTM_DELNEIGH,
 * RTM_GETNEIGH; include/uapi/linux/neighbour.h.
 */
public final class NeighbourMessages {
    private static final int RTM_NEWNEIGH = 28;
    private static final int RTM_DELNEIGH = 29;
    private static final int RTM_GETNEIGH = 30;
    private static final int AF_INET = 2;
    private static final int AF_BRIDGE = 7;
    private static final int HEADER = 12;
    private static final int NDA_DST = 1;
    private static final int NDA_LLADDR = 2;
    private static final int NDA_IFINDEX = 8;
    private static final int NTF_MASTER = 4;
    /** For a forwarding entry: static, never aged; bridge(8). */
    private static final int NUD_NOARP = 0x40;

    private static final int NUD_PERMANENT = 0x80;

    private NeighbourMessages() {}

    /** Enters a neighbour that is never asked for, never aged and not counted against gc_thresh3. */
    public static Request addPermanent(int link, Inet4Address address, byte[] mac) {
        Payload body = header(AF_INET, link, NUD_PERMANENT, 0)
                .attribute(NDA_DST, address.getAddress())
                .attribute(NDA_LLADDR, mac);
        return new Request(
                RTM_NEWNEIGH,
                Request.CREATE | Request.REPLACE,
                body,
                "enter neighbour " + address.getHostAddress() + " on link " + link);
    }

    /** ENOENT where there is none. */
    public static Request delete(int link, Inet4Address address) {
        Payload body = header(AF_INET, link, 0, 0).attribute(NDA_DST, address.getAddress());
        return new Request(
                RTM_DELNEIGH, 0, body, "take out neighbour " + address.getHostAddress() + " on link " + link);
    }

    /** For a dump of a link's IPv4 neighbours. */
    public static Request of(int link) {
        return new Request(
                RTM_GETNEIGH,
                0,
                header(AF_INET, 0, 0, 0).u32(NDA_IFINDEX, link),
                "list the neighbours on link " + link);
    }

    /** Tells the bridge that a MAC is behind one of its ports, for good. */
    public static Request addForwarding(int port, byte[] mac) {
        return new Request(
                RTM_NEWNEIGH,
                Request.CREATE | Request.REPLACE,
                header(AF_BRIDGE, port, NUD_NOARP, NTF_MASTER).attribute(NDA_LLADDR, mac),
                "enter " + HexFormat.ofDelimiter(":").formatHex(mac) + " for bridge port " + port);
    }

    /** An IPv4 neighbour in a dump. */
    public static Optional<Neighbour> read(Message message) {
        Attributes attributes = message.attributes(HEADER);
        return attributes
                .bytes(NDA_DST)
                .filter(b -> b.length == 4)
                .map(b -> new Neighbour(
                        message.number(4),
                        Ipv4.of(b),
                        attributes
                                .bytes(NDA_LLADDR)
                                .map(HexFormat.ofDelimiter(":")::formatHex)
                                .orElse(""),
                        (message.number(8) & NUD_PERMANENT) != 0));
    }

    /** struct ndmsg. */
    private static Payload header(int family, int link, int state, int flags) {
        return new Payload()
                .u8(family)
                .u8(0)
                .u16(0)
                .u32(link)
                .u16(state)
                .u8(flags)
                .u8(0);
    }

    /** @param link index */
    public record Neighbour(int link, Inet4Address address, String mac, boolean permanent) {}
}
