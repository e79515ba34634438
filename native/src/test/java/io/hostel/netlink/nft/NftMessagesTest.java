package io.hostel.netlink.nft;

import static io.hostel.netlink.Golden.assertBytes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hostel.netlink.Message;
import io.hostel.netlink.Request;
import io.hostel.netlink.nft.Intervals.Interval;
import io.hostel.netlink.route.Ipv4;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class NftMessagesTest {
    private static final Table TABLE = new Table(Family.INET, "h0");

    @Test
    void aTableBearsItsCommentAndGivesItBack() {
        Request create = TABLE.create("abc");
        assertBytes(create.toBytes(3), """
                30 00 00 00 | nlmsg_len 48
                00 0a 01 04 | NFT_MSG_NEWTABLE of nf_tables, NLM_F_REQUEST NLM_F_CREATE
                03 00 00 00 00 00 00 00 | sequence, port
                01 00 00 00 | NFPROTO_INET
                07 00 01 00 68 30 00 00 | NFTA_TABLE_NAME h0
                08 00 02 00 00 00 00 00 | NFTA_TABLE_FLAGS
                0a 00 06 00 00 04 61 62 63 00 00 00 | NFTA_TABLE_USERDATA: comment
                """);
        assertThat(Table.comment(new Message(0, 0, 0, 0, create.body()))).contains("abc");
    }

    @Test
    void aMapOfPairsToPairsIsDescribedByJoinedTypesAndPaddedLengths() {
        SetType key = SetType.of(SetType.INET_SERVICE, SetType.MARK);
        SetType value = SetType.of(SetType.IPV4_ADDRESS, SetType.INET_SERVICE);
        assertBytes(TABLE.map("m", key, value).body(), """
                01 00 00 00 | NFPROTO_INET
                07 00 01 00 68 30 00 00 | NFTA_SET_TABLE h0
                06 00 02 00 6d 00 00 00 | NFTA_SET_NAME m
                08 00 03 00 00 00 00 08 | NFTA_SET_FLAGS map
                08 00 04 00 00 00 03 53 | NFTA_SET_KEY_TYPE inet_service . mark
                08 00 05 00 00 00 00 08 | NFTA_SET_KEY_LEN
                08 00 06 00 00 00 01 cd | NFTA_SET_DATA_TYPE ipv4_addr . inet_service
                08 00 07 00 00 00 00 08 | NFTA_SET_DATA_LEN
                08 00 0a 00 00 00 00 01 | NFTA_SET_ID
                10 00 0d 00 00 04 00 00 00 00 01 04 00 00 00 00 | NFTA_SET_USERDATA: byte orders
                """);
    }

    @Test
    void anElementsPartsArePaddedToFourBytesEach() {
        byte[] key = Key.of(Key.port(20000), Key.mark(2));
        byte[] value = Key.of(Key.address(Ipv4.of(new byte[] {10, 77, 0, 2})), Key.port(8080));
        assertBytes(TABLE.add("m", List.of(Element.of(key, value))).get(0).body(), """
                01 00 00 00 | NFPROTO_INET
                07 00 01 00 68 30 00 00 | NFTA_SET_ELEM_LIST_TABLE h0
                06 00 02 00 6d 00 00 00 | NFTA_SET_ELEM_LIST_SET m
                28 00 03 80 | NFTA_SET_ELEM_LIST_ELEMENTS
                24 00 01 80 | NFTA_LIST_ELEM
                10 00 01 80 0c 00 01 00 4e 20 00 00 02 00 00 00 | NFTA_SET_ELEM_KEY: 20000 . 2
                10 00 02 80 0c 00 01 00 0a 4d 00 02 1f 90 00 00 | NFTA_SET_ELEM_DATA: 10.77.0.2 . 8080
                """);
    }

    @Test
    void aVerdictElementNamesItsChainAndIsReadBack() {
        Element element = Element.of(Key.port(20000), Verdict.goTo("b2"));
        Request request = TABLE.add("count", List.of(element)).get(0);
        assertBytes(request.body(), """
                01 00 00 00 | NFPROTO_INET
                07 00 01 00 68 30 00 00 | NFTA_SET_ELEM_LIST_TABLE h0
                0a 00 02 00 63 6f 75 6e 74 00 00 00 | NFTA_SET_ELEM_LIST_SET count
                2c 00 03 80 | NFTA_SET_ELEM_LIST_ELEMENTS
                28 00 01 80 | NFTA_LIST_ELEM
                0c 00 01 80 06 00 01 00 4e 20 00 00 | NFTA_SET_ELEM_KEY 20000
                18 00 02 80 14 00 02 80 | NFTA_SET_ELEM_DATA, NFTA_DATA_VERDICT
                08 00 01 00 ff ff ff fc | NFTA_VERDICT_CODE NFT_GOTO
                07 00 02 00 62 32 00 00 | NFTA_VERDICT_CHAIN b2
                """);
        Element read = Element.in(new Message(0, 0, 0, 0, request.body())).get(0);
        assertThat(read.key()).isEqualTo(Key.port(20000));
        assertThat(read.verdict()).contains(Verdict.goTo("b2"));
        assertThat(read.value()).isEqualTo(Optional.empty());
    }

    @Test
    void aRuleIsItsExpressionsInOrder() {
        assertBytes(TABLE.rule("c", new Rule().iifPrefix("hs-").drop()).body(), """
                01 00 00 00 | NFPROTO_INET
                07 00 01 00 68 30 00 00 | NFTA_RULE_TABLE h0
                06 00 02 00 63 00 00 00 | NFTA_RULE_CHAIN c
                84 00 04 80 | NFTA_RULE_EXPRESSIONS
                24 00 01 80 09 00 01 00 6d 65 74 61 00 00 00 00 | meta
                14 00 02 80 08 00 02 00 00 00 00 06 08 00 01 00 00 00 00 01 | iifname into register 1
                2c 00 01 80 08 00 01 00 63 6d 70 00 | cmp
                20 00 02 80 08 00 01 00 00 00 00 01 08 00 02 00 00 00 00 00 | register 1 equal to
                0c 00 03 80 07 00 01 00 68 73 2d 00 | hs-
                30 00 01 80 0e 00 01 00 69 6d 6d 65 64 69 61 74 65 00 00 00 | immediate
                1c 00 02 80 08 00 01 00 00 00 00 00 | into the verdict register
                10 00 02 80 0c 00 02 80 08 00 01 00 00 00 00 00 | NF_DROP
                """);
    }

    @Test
    void aLinksNameIsLookedUpInASetOrMustNotBeThere() {
        assertBytes(TABLE.rule("c", new Rule().iifIn("s").oifNotIn("s")).body(), """
                01 00 00 00 | NFPROTO_INET
                07 00 01 00 68 30 00 00 | NFTA_RULE_TABLE h0
                06 00 02 00 63 00 00 00 | NFTA_RULE_CHAIN c
                9c 00 04 80 | NFTA_RULE_EXPRESSIONS
                24 00 01 80 09 00 01 00 6d 65 74 61 00 00 00 00 | meta
                14 00 02 80 08 00 02 00 00 00 00 06 08 00 01 00 00 00 00 01 | iifname into register 1
                24 00 01 80 0b 00 01 00 6c 6f 6f 6b 75 70 00 00 | lookup
                14 00 02 80 06 00 01 00 73 00 00 00 08 00 02 00 00 00 00 01 | in set s
                24 00 01 80 09 00 01 00 6d 65 74 61 00 00 00 00 | meta
                14 00 02 80 08 00 02 00 00 00 00 07 08 00 01 00 00 00 00 01 | oifname into register 1
                2c 00 01 80 0b 00 01 00 6c 6f 6f 6b 75 70 00 00 | lookup
                1c 00 02 80 06 00 01 00 73 00 00 00 08 00 02 00 00 00 00 01 | in set s
                08 00 05 00 00 00 00 01 | NFT_LOOKUP_F_INV
                """);
    }

    @Test
    void aKeysPartsAreReadBack() {
        byte[] key = Key.of(Key.port(65_000), Key.mark(0x48000001));
        assertThat(Key.portOf(key, 0)).isEqualTo(65_000);
        assertThat(Key.markOf(key, 4)).isEqualTo(0x48000001);
    }

    @Test
    void blocksThatTouchOrOverlapBecomeOneAndTheLastHasNoEnd() {
        List<Interval> blocks = new ArrayList<>();
        for (String block : List.of("10.1.0.0/16", "10.0.0.0/8", "11.0.0.0/8", "192.168.3.7/32", "240.0.0.0/4")) {
            blocks.add(Interval.parse(block));
        }
        List<String> elements = Intervals.addresses(blocks).stream()
                .map(e -> (e.ends() ? "end " : "") + HexFormat.of().formatHex(e.key()))
                .toList();
        assertThat(elements).containsExactly("0a000000", "end 0c000000", "c0a80307", "end c0a80308", "f0000000");
    }

    @Test
    void whatIsNoBlockIsRefused() {
        for (String text : List.of("10.0.0.0/33", "10.0.0/8", "10.0.0.256/8", "")) {
            assertThatThrownBy(() -> Interval.parse(text)).isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void manyElementsAreSpreadOverMessagesThatTheirLengthCanSay() {
        List<Element> many = new ArrayList<>();
        for (int i = 0; i < 10_000; i++) many.add(Element.of(Key.mark(i)));
        List<Request> requests = TABLE.add("s", many);
        assertThat(requests).hasSizeGreaterThan(1).allMatch(r -> r.size() < 0xffff);
        int sum = requests.stream()
                .mapToInt(r -> Element.in(new Message(0, 0, 0, 0, r.body())).size())
                .sum();
        assertThat(sum).isEqualTo(10_000);
    }

    @Test
    void aLinksNameThatTheKernelWouldCutIsRefused() {
        assertThat(Key.link("hs-zz0123456789")).hasSize(16);
        assertThatThrownBy(() -> Key.link("hs-zz01234567890")).isInstanceOf(IllegalArgumentException.class);
    }
}
