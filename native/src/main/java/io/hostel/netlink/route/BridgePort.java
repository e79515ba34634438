package io.hostel.netlink.route;

import io.hostel.netlink.Payload;

/**
 * How a bridge treats one of its ports; see bridge(8).
 *
 * @param hairpin frames may leave by the port that they came from
 * @param learning source addresses enter the forwarding table
 * @param flood frames to unknown destinations, multicast and broadcast are sent out here too
 * @param isolated no frames from or to other isolated ports
 */
public record BridgePort(boolean hairpin, boolean learning, boolean flood, boolean isolated) {
    /** BR_STATE_FORWARDING, include/uapi/linux/if_bridge.h. */
    public static final int FORWARDING = 3;

    static final int IFLA_BRPORT_STATE = 1;
    private static final int IFLA_BRPORT_MODE = 4;
    private static final int IFLA_BRPORT_LEARNING = 8;
    private static final int IFLA_BRPORT_UNICAST_FLOOD = 9;
    private static final int IFLA_BRPORT_MCAST_FLOOD = 27;
    private static final int IFLA_BRPORT_BCAST_FLOOD = 30;
    private static final int IFLA_BRPORT_ISOLATED = 33;

    void write(Payload to) {
        to.u8(IFLA_BRPORT_MODE, bit(hairpin))
                .u8(IFLA_BRPORT_LEARNING, bit(learning))
                .u8(IFLA_BRPORT_UNICAST_FLOOD, bit(flood))
                .u8(IFLA_BRPORT_MCAST_FLOOD, bit(flood))
                .u8(IFLA_BRPORT_BCAST_FLOOD, bit(flood))
                .u8(IFLA_BRPORT_ISOLATED, bit(isolated));
    }

    private static int bit(boolean on) {
        return on ? 1 : 0;
    }
}
