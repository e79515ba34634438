package io.hostel.netlink.conntrack;

import static io.hostel.netlink.Golden.assertBytes;
import static org.assertj.core.api.Assertions.assertThat;

import io.hostel.netlink.Request;
import io.hostel.netlink.route.Ipv4;
import java.util.List;
import org.junit.jupiter.api.Test;

class ConnectionTest {
    /** Without the half tuple a kernel that ignores the filter would delete every connection. */
    @Test
    void allOfAnAddressAreDeletedByTheSourceOfEitherDirection() {
        List<Request> both = Connection.deleteAllOf(Ipv4.of(new byte[] {10, 77, 0, 2}));
        assertThat(both).hasSize(2);
        assertBytes(both.get(0).toBytes(1), """
                30 00 00 00 02 01 01 00 01 00 00 00 00 00 00 00 | IPCTNL_MSG_CT_DELETE of ctnetlink, NLM_F_REQUEST
                02 01 00 00 | struct nfgenmsg: AF_INET, version 1
                10 00 01 80 0c 00 01 80 08 00 01 00 0a 4d 00 02 | CTA_TUPLE_ORIG, CTA_TUPLE_IP, CTA_IP_V4_SRC
                0c 00 19 80 08 00 01 00 01 00 00 00 | CTA_FILTER: CTA_FILTER_ORIG_FLAGS source
                """);
        assertBytes(both.get(1).body(), """
                02 01 00 00 | struct nfgenmsg
                10 00 02 80 0c 00 01 80 08 00 01 00 0a 4d 00 02 | CTA_TUPLE_REPLY, CTA_TUPLE_IP, CTA_IP_V4_SRC
                0c 00 19 80 08 00 02 00 01 00 00 00 | CTA_FILTER: CTA_FILTER_REPLY_FLAGS source
                """);
    }
}
