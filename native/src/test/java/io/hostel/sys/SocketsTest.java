package io.hostel.sys;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.junit.jupiter.api.Test;

class SocketsTest {
    @Test
    void theKernelAnswersARequestForALink() throws Exception {
        try (Fd fd = Sockets.netlink(Sockets.NETLINK_ROUTE)) {
            Sockets.option(fd, Sockets.SOL_NETLINK, Sockets.NETLINK_EXT_ACK, 1);
            assertThat(Sockets.readable(fd, 0)).isFalse();
            // nlmsghdr (length 32, RTM_GETLINK, NLM_F_REQUEST, sequence 7), ifinfomsg of link 1
            ByteBuffer request = ByteBuffer.allocate(32).order(ByteOrder.nativeOrder());
            request.putInt(32)
                    .putShort((short) 18)
                    .putShort((short) 1)
                    .putInt(7)
                    .putInt(0);
            request.putShort((short) 0)
                    .putShort((short) 0)
                    .putInt(1)
                    .putInt(0)
                    .putInt(0)
                    .flip();
            Sockets.send(fd, request);
            assertThat(request.hasRemaining()).isFalse();

            assertThat(Sockets.readable(fd, 10_000)).isTrue();
            int whole = Sockets.receive(fd, ByteBuffer.allocate(16), Sockets.MSG_PEEK | Sockets.MSG_TRUNC)
                    .bytes();
            ByteBuffer answer = ByteBuffer.allocateDirect(whole).order(ByteOrder.nativeOrder());
            Sockets.Received received = Sockets.receive(fd, answer, 0);
            assertThat(received).isEqualTo(new Sockets.Received(whole, 0));
            assertThat(answer.getInt(0)).isEqualTo(whole);
            assertThat(answer.getShort(4)).as("RTM_NEWLINK").isEqualTo((short) 16);
            assertThat(answer.getInt(12)).isEqualTo(Sockets.port(fd));
        }
    }
}
