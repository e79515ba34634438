package io.hostel.netlink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hostel.sys.Errno;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class MessageTest {
    private static List<Message> read(String hex) {
        return Message.in(ByteBuffer.wrap(HexFormat.of().parseHex(hex.replaceAll("[ \n]", ""))));
    }

    @Test
    void aRefusalCarriesItsErrnoAndTheKernelsOwnWords() {
        Message refusal =
                read("30000000 0200 0003 07000000 00000000 ffffffff" // NLMSG_ERROR, capped, with attributes: -EPERM
                                + "14000000 1000 0506 07000000 00000000" // the request's header
                                + "0a00 0100 4e6f20756500 0000") // NLMSGERR_ATTR_MSG
                        .get(0);
        assertThat(refusal.isAnswer()).isTrue();
        assertThat(refusal.sequence()).isEqualTo(7);
        assertThat(refusal.errno()).isEqualTo(Errno.EPERM);
        assertThat(refusal.words()).isEqualTo("No ue");
    }

    @Test
    void anUncappedRefusalsWordsComeAfterTheWholeRequest() {
        Message refusal = read("30000000 0200 0002 07000000 00000000 ffffffff"
                        + "11000000 1000 0506 07000000 00000000 11 000000" // 17 bytes, padded
                        + "0800 0100 4e6f2e00")
                .get(0);
        assertThat(refusal.words()).isEqualTo("No.");
    }

    @Test
    void anAcknowledgementIsAnAnswerWithoutError() {
        Message ack = read("24000000 0200 0001 01000000 00000000 00000000 14000000 1000 0506 01000000 00000000")
                .get(0);
        assertThat(ack.isAnswer()).isTrue();
        assertThat(ack.error()).isZero();
        assertThat(ack.words()).isEmpty();
    }

    @Test
    void aDatagramsMessagesAreToldApartByTheirPaddedLengths() {
        List<Message> two =
                read("11000000 1000 0200 05000000 00000000 aa 000000 14000000 0300 1200 05000000 00000000 00000000");
        assertThat(two).hasSize(2);
        assertThat(two.get(0).body()).containsExactly(0xaa);
        assertThat(two.get(1).isEnd()).isTrue();
        assertThat(two.get(1).isInterrupted()).isTrue();
    }

    @Test
    void whatIsCutShortOrLiesAboutItsLengthIsLeftOut() {
        assertThat(read("ff000000 1000 0200 05000000 00000000 aa")).isEmpty();
        assertThat(read("03000000 1000 0200 05000000 00000000")).isEmpty();
        assertThat(Attributes.of(new byte[] {9, 0, 1, 0, 7}, 0).all()).isEmpty();
        assertThat(Attributes.of(new byte[] {3, 0, 1, 0, 7, 0, 0, 0}, 0).all()).isEmpty();
    }

    @Test
    void attributesAreFoundByTypeWhateverTheirFlagsAndNestedOnesWithin() {
        byte[] bytes = new Payload()
                .string(3, "eth0")
                .nest(18, kind -> kind.string(1, "veth").u32(2, 77))
                .be32(5, 9)
                .toBytes();
        Attributes attributes = Attributes.of(bytes, 0);
        assertThat(attributes.string(3)).contains("eth0");
        assertThat(attributes.nested(18).string(1)).contains("veth");
        assertThat(attributes.nested(18).u32(2)).contains(77);
        assertThat(attributes.be32(5)).contains(9);
        assertThat(attributes.nested(99).all()).isEmpty();
        assertThat(attributes.u32(99)).isEmpty();
    }

    @Test
    void anAttributeTooLongForItsLengthIsRefusedBeforeTheKernelMisreadsIt() {
        assertThatThrownBy(() -> new Payload().attribute(1, new byte[0xfffc]))
                .isInstanceOf(IllegalArgumentException.class);
        assertThat(new Payload().attribute(1, new byte[0xfffb]).length()).isEqualTo(0x10000);
    }

    @Test
    void anErrorReadsAsWhatWasWantedErrnoAndWords() {
        NetlinkException e = new NetlinkException(Errno.EXFULL, "attach hs-7f3a to bridge hostel0", "no room");
        assertThat(e).hasMessage("attach hs-7f3a to bridge hostel0: EXFULL (exchange full): no room");
        Answer answer = new Answer(new Request(16, 0, new Payload(), "x"), List.of(), Optional.of(e));
        assertThatThrownBy(() -> answer.expect(Errno.EEXIST)).isSameAs(e);
    }

    @Test
    void aToleratedRefusalIsAsGoodAsSuccess() throws Exception {
        NetlinkException e = new NetlinkException(Errno.ENOENT, "delete", "");
        Answer answer = new Answer(new Request(16, 0, new Payload(), "x"), List.of(), Optional.of(e));
        answer.expect(Errno.EEXIST, Errno.ENOENT);
        assertThat(answer.unless(Errno.ENOENT)).isEmpty();
    }
}
