package io.hostel.netlink.route;

import static io.hostel.netlink.route.Link.IFLA_ADDRESS;
import static io.hostel.netlink.route.Link.IFLA_AF_SPEC;
import static io.hostel.netlink.route.Link.IFLA_EXT_MASK;
import static io.hostel.netlink.route.Link.IFLA_GROUP;
import static io.hostel.netlink.route.Link.IFLA_IFALIAS;
import static io.hostel.netlink.route.Link.IFLA_IFNAME;
import static io.hostel.netlink.route.Link.IFLA_INFO_DATA;
import static io.hostel.netlink.route.Link.IFLA_INFO_KIND;
import static io.hostel.netlink.route.Link.IFLA_INFO_SLAVE_DATA;
import static io.hostel.netlink.route.Link.IFLA_INFO_SLAVE_KIND;
import static io.hostel.netlink.route.Link.IFLA_LINKINFO;
import static io.hostel.netlink.route.Link.IFLA_MASTER;
import static io.hostel.netlink.route.Link.IFLA_MTU;
import static io.hostel.netlink.route.Link.IFLA_NET_NS_FD;
import static io.hostel.netlink.route.Link.IFLA_PROTINFO;

import io.hostel.netlink.Message;
import io.hostel.netlink.Payload;
import io.hostel.netlink.Request;

/** Messages about links: RTM_NEWLINK, RTM_SETLINK, RTM_DELLINK, RTM_GETLINK; rtnetlink(7), include/uapi/linux/if_link.h. */
public final class LinkMessages {
    /** Multicast group of changes to links, for {@link io.hostel.netlink.NetlinkSocket#join}. */
    public static final int RTNLGRP_LINK = 1;

    public static final int RTM_NEWLINK = 16;
    public static final int RTM_DELLINK = 17;
    private static final int RTM_GETLINK = 18;
    private static final int RTM_SETLINK = 19;
    private static final int AF_UNSPEC = 0;
    private static final int AF_BRIDGE = 7;
    private static final int AF_INET6 = 10;
    private static final int VETH_INFO_PEER = 1;
    private static final int IFLA_BR_MCAST_SNOOPING = 23;
    private static final int IFLA_INET6_ADDR_GEN_MODE = 8;
    private static final int IN6_ADDR_GEN_MODE_NONE = 1;
    private static final int RTEXT_FILTER_SKIP_STATS = 8;

    private LinkMessages() {}

    /** Asks for one link; ENODEV where there is none of that name. */
    public static Request named(String name) {
        Payload body = header(AF_UNSPEC, 0, 0, 0).string(IFLA_IFNAME, name).u32(IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
        return new Request(RTM_GETLINK, 0, body, "look up link " + name);
    }

    /** For a dump of all links. */
    public static Request all() {
        Payload body = header(AF_UNSPEC, 0, 0, 0).u32(IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
        return new Request(RTM_GETLINK, 0, body, "list the links");
    }

    /** Whether a notification is of a bridge about its port: RTM_DELLINK then says that it is none any more, not that it has gone. */
    public static boolean isOfBridge(Message notification) {
        return notification.body()[0] == AF_BRIDGE;
    }

    /** Makes a bridge without STP and without multicast snooping, down. EEXIST where the name is taken. */
    public static Request createBridge(String name, byte[] mac) {
        Payload body = header(AF_UNSPEC, 0, 0, 0)
                .string(IFLA_IFNAME, name)
                .attribute(IFLA_ADDRESS, mac)
                .nest(
                        IFLA_LINKINFO,
                        described -> described
                                .string(IFLA_INFO_KIND, "bridge")
                                .nest(IFLA_INFO_DATA, bridge -> bridge.u8(IFLA_BR_MCAST_SNOOPING, 0)));
        return new Request(RTM_NEWLINK, Request.CREATE | Request.EXCLUSIVE, body, "create bridge " + name);
    }

    /**
     * Makes a veth, both ends down: one here in a bridge, the other in a namespace. EEXIST where a name is taken.
     *
     * @param bridge index of the link that this end is attached to
     * @param namespace descriptor of the network namespace where the peer is
     */
    public static Request createVeth(String name, int bridge, String peer, byte[] peerMac, int namespace) {
        Payload end = header(AF_UNSPEC, 0, 0, 0)
                .string(IFLA_IFNAME, peer)
                .attribute(IFLA_ADDRESS, peerMac)
                .u32(IFLA_NET_NS_FD, namespace);
        Payload body = header(AF_UNSPEC, 0, 0, 0)
                .string(IFLA_IFNAME, name)
                .u32(IFLA_MASTER, bridge)
                .nest(
                        IFLA_LINKINFO,
                        described -> described
                                .string(IFLA_INFO_KIND, "veth")
                                .nest(IFLA_INFO_DATA, veth -> veth.attribute(VETH_INFO_PEER | 1 << 15, end.toBytes())));
        return new Request(RTM_NEWLINK, Request.CREATE | Request.EXCLUSIVE, body, "create veth " + name);
    }

    /** Brings a link up. */
    public static Request up(String name) {
        return new Request(
                RTM_NEWLINK, 0, header(AF_UNSPEC, 0, Link.UP, Link.UP).string(IFLA_IFNAME, name), "bring up " + name);
    }

    /** As {@link #up}; from now on the kernel asks nobody by that link where an address is. */
    public static Request upWithoutArp(String name) {
        int flags = Link.UP | Link.NOARP;
        return new Request(
                RTM_NEWLINK,
                0,
                header(AF_UNSPEC, 0, flags, flags).string(IFLA_IFNAME, name),
                "bring up " + name + " without ARP");
    }

    /** Attaches an existing link to a bridge; index 0 detaches it. */
    public static Request attach(String name, int bridge) {
        Payload body = header(AF_UNSPEC, 0, 0, 0).string(IFLA_IFNAME, name).u32(IFLA_MASTER, bridge);
        return new Request(RTM_NEWLINK, 0, body, "attach " + name);
    }

    /** @param mtu bytes of the largest packet */
    public static Request mtu(String name, int mtu) {
        Payload body = header(AF_UNSPEC, 0, 0, 0).string(IFLA_IFNAME, name).u32(IFLA_MTU, mtu);
        return new Request(RTM_NEWLINK, 0, body, "set the MTU of " + name + " to " + mtu);
    }

    /** Gives a link a text that ip(8) shows beside it, at most 255 bytes. */
    public static Request alias(String name, String alias) {
        Payload body = header(AF_UNSPEC, 0, 0, 0).string(IFLA_IFNAME, name).string(IFLA_IFALIAS, alias);
        return new Request(RTM_NEWLINK, 0, body, "describe " + name);
    }

    /** Sets a bridge port's flags by the port's name, keeps IPv6 from giving it an address, and brings it up: all at once. */
    public static Request upAsPort(String name, BridgePort port) {
        Payload body = header(AF_UNSPEC, 0, Link.UP, Link.UP)
                .string(IFLA_IFNAME, name)
                .nest(
                        IFLA_LINKINFO,
                        described -> described
                                .string(IFLA_INFO_SLAVE_KIND, "bridge")
                                .nest(IFLA_INFO_SLAVE_DATA, port::write))
                .nest(
                        IFLA_AF_SPEC,
                        families -> families.nest(
                                AF_INET6, inet6 -> inet6.u8(IFLA_INET6_ADDR_GEN_MODE, IN6_ADDR_GEN_MODE_NONE)));
        return new Request(RTM_NEWLINK, 0, body, "bring up bridge port " + name);
    }

    /** Sets a bridge port's flags by the port's index. */
    public static Request port(int index, BridgePort port) {
        Payload body = header(AF_BRIDGE, index, 0, 0).nest(IFLA_PROTINFO, port::write);
        return new Request(RTM_SETLINK, 0, body, "set the flags of bridge port " + index);
    }

    /** Puts a link into a group, 0 being that of all others; ENODEV where there is none of that name. */
    public static Request group(String name, int group) {
        Payload body = header(AF_UNSPEC, 0, 0, 0).string(IFLA_IFNAME, name).u32(IFLA_GROUP, group);
        return new Request(RTM_SETLINK, 0, body, "put " + name + " into group " + group);
    }

    /** Takes all links of a group away, for the price of one; ENODEV where there are none. Never group 0. */
    public static Request deleteGroup(int group) {
        if (group == 0) throw new IllegalArgumentException("group 0 is every link's");
        Payload body = header(AF_UNSPEC, 0, 0, 0).u32(IFLA_GROUP, group);
        return new Request(RTM_DELLINK, 0, body, "delete the links of group " + group);
    }

    /** Takes a link away; ENODEV where there is none of that name. */
    public static Request delete(String name) {
        return new Request(RTM_DELLINK, 0, header(AF_UNSPEC, 0, 0, 0).string(IFLA_IFNAME, name), "delete link " + name);
    }

    /** struct ifinfomsg. */
    private static Payload header(int family, int index, int flags, int change) {
        return new Payload().u8(family).u8(0).u16(0).u32(index).u32(flags).u32(change);
    }
}
