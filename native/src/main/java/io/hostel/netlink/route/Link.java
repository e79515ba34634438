package io.hostel.netlink.route;

import io.hostel.netlink.Attributes;
import io.hostel.netlink.Message;
import java.util.HexFormat;
import java.util.Optional;

/**
 * A network device as the kernel describes it: include/uapi/linux/if_link.h.
 *
 * @param kind e.g. {@code bridge} or {@code veth}; empty for hardware and lo
 * @param mac e.g. {@code 02:42:0a:4d:00:02}; empty where it has none
 * @param master index of the bridge or bond that it belongs to; 0: none
 * @param alias a text that users give it; empty: none
 * @param portState of a bridge's port, {@link BridgePort#FORWARDING} for one; empty where it is none
 */
public record Link(
        int index,
        String name,
        String kind,
        String mac,
        int flags,
        int master,
        String alias,
        Optional<Integer> portState) {
    public static final int UP = 1;
    /** IFF_NOARP: nobody is asked where an address is; netdevice(7). */
    public static final int NOARP = 1 << 7;

    static final int HEADER = 16;
    static final int IFLA_ADDRESS = 1;
    static final int IFLA_IFNAME = 3;
    static final int IFLA_MTU = 4;
    static final int IFLA_MASTER = 10;
    static final int IFLA_PROTINFO = 12;
    static final int IFLA_LINKINFO = 18;
    static final int IFLA_IFALIAS = 20;
    static final int IFLA_AF_SPEC = 26;
    static final int IFLA_GROUP = 27;
    static final int IFLA_NET_NS_FD = 28;
    static final int IFLA_EXT_MASK = 29;
    static final int IFLA_INFO_KIND = 1;
    static final int IFLA_INFO_DATA = 2;
    static final int IFLA_INFO_SLAVE_KIND = 4;
    static final int IFLA_INFO_SLAVE_DATA = 5;

    /** Reads an answer to {@link LinkMessages#named}, a dump's message or a notification of RTNLGRP_LINK. */
    public static Link of(Message message) {
        Attributes attributes = message.attributes(HEADER);
        Attributes described = attributes.nested(IFLA_LINKINFO);
        Optional<Integer> state = attributes
                .nested(IFLA_PROTINFO)
                .u8(BridgePort.IFLA_BRPORT_STATE)
                .or(() -> described.nested(IFLA_INFO_SLAVE_DATA).u8(BridgePort.IFLA_BRPORT_STATE));
        return new Link(
                message.number(4),
                attributes.string(IFLA_IFNAME).orElse(""),
                described.string(IFLA_INFO_KIND).orElse(""),
                attributes
                        .bytes(IFLA_ADDRESS)
                        .map(HexFormat.ofDelimiter(":")::formatHex)
                        .orElse(""),
                message.number(8),
                attributes.u32(IFLA_MASTER).orElse(0),
                attributes.string(IFLA_IFALIAS).orElse(""),
                state);
    }

    public boolean isUp() {
        return (flags & UP) != 0;
    }
}
