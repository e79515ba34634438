package io.hostel.netlink.route;

import io.hostel.netlink.Attributes;
import io.hostel.netlink.Message;
import io.hostel.netlink.Payload;
import io.hostel.netlink.Request;
import java.net.Inet4Address;
import java.util.Optional;

/** Messages about IPv4 routes: RTM_NEWROUTE, RTM_DELROUTE, RTM_GETROUTE; include/uapi/linux/rtnetlink.h. */
public final class RouteMessages {
    public static final int TABLE_MAIN = 254;
    public static final int TABLE_LOCAL = 255;

    private static final int RTM_NEWROUTE = 24;
    private static final int RTM_DELROUTE = 25;
    private static final int RTM_GETROUTE = 26;
    private static final int AF_INET = 2;
    private static final int HEADER = 12;
    private static final int RTPROT_STATIC = 4;
    private static final int SCOPE_UNIVERSE = 0;
    private static final int SCOPE_LINK = 253;
    private static final int RTN_UNICAST = 1;
    private static final int RTNH_F_ONLINK = 4;
    private static final int RTA_DST = 1;
    private static final int RTA_OIF = 4;
    private static final int RTA_GATEWAY = 5;
    private static final int RTA_PREFSRC = 7;
    private static final int RTA_TABLE = 15;

    private RouteMessages() {}

    /** Says that a network is reached on a link directly. */
    public static Request onLink(int link, Inet4Address network, int prefix) {
        Payload body = header(prefix, SCOPE_LINK, RTN_UNICAST, 0)
                .attribute(RTA_DST, network.getAddress())
                .u32(RTA_OIF, link);
        return new Request(
                RTM_NEWROUTE,
                Request.CREATE | Request.REPLACE,
                body,
                "route " + network.getHostAddress() + "/" + prefix + " on link " + link);
    }

    /**
     * As {@link #onLink}, and the machine itself speaks to that network from a certain address of its own. The route goes when
     * the last link that has that address loses it.
     */
    public static Request preferring(int link, Inet4Address network, int prefix, Inet4Address source) {
        Payload body = header(prefix, SCOPE_LINK, RTN_UNICAST, 0)
                .attribute(RTA_DST, network.getAddress())
                .u32(RTA_OIF, link)
                .attribute(RTA_PREFSRC, source.getAddress());
        return new Request(
                RTM_NEWROUTE,
                Request.CREATE | Request.REPLACE,
                body,
                "route " + network.getHostAddress() + "/" + prefix + " on link " + link);
    }

    /** Makes a gateway on a link the way to everything else, whether or not an address of the link covers it. */
    public static Request byDefault(int link, Inet4Address gateway) {
        Payload body = header(0, SCOPE_UNIVERSE, RTN_UNICAST, RTNH_F_ONLINK)
                .attribute(RTA_GATEWAY, gateway.getAddress())
                .u32(RTA_OIF, link);
        return new Request(
                RTM_NEWROUTE,
                Request.CREATE | Request.REPLACE,
                body,
                "route by default to " + gateway.getHostAddress() + " on link " + link);
    }

    /** Takes a route on a link away; ESRCH where there is none. */
    public static Request delete(int link, Inet4Address network, int prefix) {
        Payload body = header(prefix, SCOPE_LINK, RTN_UNICAST, 0)
                .attribute(RTA_DST, network.getAddress())
                .u32(RTA_OIF, link);
        return new Request(
                RTM_DELROUTE, 0, body, "unroute " + network.getHostAddress() + "/" + prefix + " on link " + link);
    }

    /** For a dump of all IPv4 routes of all tables. */
    public static Request all() {
        Payload body = new Payload().u8(AF_INET).raw(new byte[HEADER - 1]);
        return new Request(RTM_GETROUTE, 0, body, "list the routes");
    }

    /** A route in a dump. */
    public static Route of(Message message) {
        Attributes attributes = message.attributes(HEADER);
        Optional<Inet4Address> destination =
                attributes.bytes(RTA_DST).filter(b -> b.length == 4).map(Ipv4::of);
        int table = attributes.u32(RTA_TABLE).orElse(message.body()[4] & 0xff);
        return new Route(
                destination.orElse(Ipv4.ANY),
                message.body()[1] & 0xff,
                attributes.u32(RTA_OIF).orElse(0),
                table);
    }

    /** struct rtmsg. */
    private static Payload header(int prefix, int scope, int type, int flags) {
        return new Payload()
                .u8(AF_INET)
                .u8(prefix)
                .u8(0)
                .u8(0)
                .u8(TABLE_MAIN)
                .u8(RTPROT_STATIC)
                .u8(scope)
                .u8(type)
                .u32(flags);
    }

    /** @param link index of the link that it leads to; 0 where there is none or are several */
    public record Route(Inet4Address network, int prefix, int link, int table) {}
}
