package io.hostel.netlink.route;

import static io.hostel.netlink.Golden.assertBytes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hostel.netlink.Message;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RouteMessagesTest {
    private static final byte[] MAC = {2, 0x42, 10, 77, 0, 2};

    @Test
    void aVethIsMadeInABridgeWithItsPeerInANamespace() {
        assertBytes(LinkMessages.createVeth("hs-a", 9, "eth0", MAC, 55).toBytes(1), """
                7c 00 00 00 | nlmsg_len 124
                10 00 01 06 | RTM_NEWLINK, NLM_F_REQUEST NLM_F_EXCL NLM_F_CREATE
                01 00 00 00 00 00 00 00 | sequence, port
                00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 | struct ifinfomsg
                09 00 03 00 68 73 2d 61 00 00 00 00 | IFLA_IFNAME hs-a
                08 00 0a 00 09 00 00 00 | IFLA_MASTER
                48 00 12 80 | IFLA_LINKINFO
                09 00 01 00 76 65 74 68 00 00 00 00 | IFLA_INFO_KIND veth
                38 00 02 80 | IFLA_INFO_DATA
                34 00 01 80 | VETH_INFO_PEER
                00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 | struct ifinfomsg
                09 00 03 00 65 74 68 30 00 00 00 00 | IFLA_IFNAME eth0
                0a 00 01 00 02 42 0a 4d 00 02 00 00 | IFLA_ADDRESS
                08 00 1c 00 37 00 00 00 | IFLA_NET_NS_FD
                """);
    }

    @Test
    void aPortComesUpWithHairpinOnAndLearningAndFloodingOff() {
        BridgePort port = new BridgePort(true, false, false, false);
        assertBytes(LinkMessages.upAsPort("hs-a", port).body(), """
                00 00 00 00 00 00 00 00 | AF_UNSPEC, no index
                01 00 00 00 01 00 00 00 | IFF_UP and its mask
                09 00 03 00 68 73 2d 61 00 00 00 00 | IFLA_IFNAME hs-a
                44 00 12 80 | IFLA_LINKINFO
                0b 00 04 00 62 72 69 64 67 65 00 00 | IFLA_INFO_SLAVE_KIND bridge
                34 00 05 80 | IFLA_INFO_SLAVE_DATA
                05 00 04 00 01 00 00 00 | IFLA_BRPORT_MODE: hairpin
                05 00 08 00 00 00 00 00 | IFLA_BRPORT_LEARNING
                05 00 09 00 00 00 00 00 | IFLA_BRPORT_UNICAST_FLOOD
                05 00 1b 00 00 00 00 00 | IFLA_BRPORT_MCAST_FLOOD
                05 00 1e 00 00 00 00 00 | IFLA_BRPORT_BCAST_FLOOD
                05 00 21 00 00 00 00 00 | IFLA_BRPORT_ISOLATED
                10 00 1a 80 | IFLA_AF_SPEC
                0c 00 0a 80 05 00 08 00 01 00 00 00 | AF_INET6: IFLA_INET6_ADDR_GEN_MODE none
                """);
        assertBytes(
                LinkMessages.port(7, new BridgePort(false, true, true, true)).body(), """
                07 00 00 00 07 00 00 00 00 00 00 00 00 00 00 00 | AF_BRIDGE, index 7
                34 00 0c 80 | IFLA_PROTINFO
                05 00 04 00 00 00 00 00 | IFLA_BRPORT_MODE
                05 00 08 00 01 00 00 00 | IFLA_BRPORT_LEARNING
                05 00 09 00 01 00 00 00 | IFLA_BRPORT_UNICAST_FLOOD
                05 00 1b 00 01 00 00 00 | IFLA_BRPORT_MCAST_FLOOD
                05 00 1e 00 01 00 00 00 | IFLA_BRPORT_BCAST_FLOOD
                05 00 21 00 01 00 00 00 | IFLA_BRPORT_ISOLATED
                """);
    }

    @Test
    void linksAreGroupedOneByOneAndDeletedTogether() {
        assertBytes(LinkMessages.group("hs-a", 0x40000001).toBytes(1), """
                34 00 00 00 13 00 01 00 01 00 00 00 00 00 00 00 | RTM_SETLINK, NLM_F_REQUEST
                00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 | struct ifinfomsg
                09 00 03 00 68 73 2d 61 00 00 00 00 | IFLA_IFNAME hs-a
                08 00 1b 00 01 00 00 40 | IFLA_GROUP
                """);
        assertBytes(LinkMessages.deleteGroup(0x40000001).toBytes(1), """
                28 00 00 00 11 00 01 00 01 00 00 00 00 00 00 00 | RTM_DELLINK, NLM_F_REQUEST
                00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 | struct ifinfomsg
                08 00 1b 00 01 00 00 40 | IFLA_GROUP
                """);
        assertThatThrownBy(() -> LinkMessages.deleteGroup(0)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void addressesRoutesAndNeighboursAreLaidOutAsTheHeadersSay() {
        var address = Ipv4.of(new byte[] {10, 77, 0, 2});
        var gateway = Ipv4.of(new byte[] {10, 77, 0, 1});
        assertBytes(AddressMessages.add(2, address, 32).body(), """
                02 20 00 00 02 00 00 00 | AF_INET /32 on link 2
                08 00 02 00 0a 4d 00 02 | IFA_LOCAL
                08 00 01 00 0a 4d 00 02 | IFA_ADDRESS
                """);
        assertBytes(RouteMessages.onLink(2, gateway, 32).body(), """
                02 20 00 00 fe 04 fd 01 00 00 00 00 | AF_INET /32 RT_TABLE_MAIN RTPROT_STATIC RT_SCOPE_LINK RTN_UNICAST
                08 00 01 00 0a 4d 00 01 | RTA_DST
                08 00 04 00 02 00 00 00 | RTA_OIF
                """);
        assertBytes(RouteMessages.byDefault(2, gateway).body(), """
                02 00 00 00 fe 04 00 01 04 00 00 00 | AF_INET /0 main, static, universe, unicast, RTNH_F_ONLINK
                08 00 05 00 0a 4d 00 01 | RTA_GATEWAY
                08 00 04 00 02 00 00 00 | RTA_OIF
                """);
        assertBytes(RouteMessages.preferring(9, address, 32, gateway).toBytes(1), """
                34 00 00 00 18 00 01 05 01 00 00 00 00 00 00 00 | RTM_NEWROUTE, NLM_F_REQUEST NLM_F_REPLACE NLM_F_CREATE
                02 20 00 00 fe 04 fd 01 00 00 00 00 | AF_INET /32 RT_TABLE_MAIN RTPROT_STATIC RT_SCOPE_LINK RTN_UNICAST
                08 00 01 00 0a 4d 00 02 | RTA_DST
                08 00 04 00 09 00 00 00 | RTA_OIF
                08 00 07 00 0a 4d 00 01 | RTA_PREFSRC
                """);
        assertBytes(NeighbourMessages.addPermanent(2, gateway, MAC).body(), """
                02 00 00 00 02 00 00 00 80 00 00 00 | AF_INET on link 2, NUD_PERMANENT
                08 00 01 00 0a 4d 00 01 | NDA_DST
                0a 00 02 00 02 42 0a 4d 00 02 00 00 | NDA_LLADDR
                """);
        assertBytes(NeighbourMessages.addForwarding(7, MAC).body(), """
                07 00 00 00 07 00 00 00 40 00 04 00 | AF_BRIDGE port 7, NUD_NOARP, NTF_MASTER
                0a 00 02 00 02 42 0a 4d 00 02 00 00 | NDA_LLADDR
                """);
    }

    @Test
    void aPortsNotificationTellsItsState() {
        String hex = "40000000 10000000 00000000 00000000 07000100 07000000 43100100 00000000"
                + "09000300 68732d61 00000000 08000a00 09000000 0c000c80 05000100 03000000";
        Message notice = Message.in(ByteBuffer.wrap(HexFormat.of().parseHex(hex.replace(" ", ""))))
                .get(0);
        Link link = Link.of(notice);
        assertThat(List.of(link.name(), link.index(), link.master())).isEqualTo(List.of("hs-a", 7, 9));
        assertThat(link.portState()).isEqualTo(Optional.of(BridgePort.FORWARDING));
        assertThat(link.isUp()).isTrue();
    }
}
