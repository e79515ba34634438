package io.hostel.netlink.nft;

import io.hostel.netlink.Payload;
import io.hostel.netlink.nft.Expression.Base;
import io.hostel.netlink.nft.Expression.Ct;
import io.hostel.netlink.nft.Expression.Meta;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A rule in the making, which reads like nft(8)'s own words. Matches come in order and end in at most one verdict. IPv4 matches
 * look at the protocol first, so they are right in every family.
 */
public final class Rule {
    public static final int CT_INVALID = 1;
    public static final int CT_ESTABLISHED = 2;
    public static final int CT_RELATED = 4;
    public static final int CT_UNTRACKED = 64;

    private static final int IFNAMSIZ = 16;
    private static final int IP_SOURCE = 12;
    private static final int IP_DESTINATION = 16;
    private static final int ETHER_SOURCE = 6;
    private static final int ARP_SENDER_MAC = 8;
    private static final int ARP_SENDER_IP = 14;
    private static final int PORT_SOURCE = 0;
    private static final int PORT_DESTINATION = 2;
    private static final int TCP_FLAGS = 13;
    private static final byte SYN = 2;
    private static final byte RST = 4;
    private static final byte ACK = 16;
    private static final int RTN_LOCAL = 2;
    private static final int STATUS_DNAT = 1 << 5;
    private static final byte[] ETHERTYPE_IP = {8, 0};
    private static final byte[] ETHERTYPE_ARP = {8, 6};
    public static final int TCP = 6;
    public static final int UDP = 17;
    private static final int ICMP = 1;
    /** NFPROTO_IPV6. */
    private static final byte IPV6 = 10;

    private final List<Expression> expressions = new ArrayList<>();

    public List<Expression> expressions() {
        return List.copyOf(expressions);
    }

    public Rule iif(String name) {
        return add(Expression.meta(Meta.IIFNAME, 1)).add(Expression.equal(1, name(name)));
    }

    /** Packets that came by a link of a set of names. */
    public Rule iifIn(String set) {
        return add(Expression.meta(Meta.IIFNAME, 1)).add(Expression.lookup(set, 1));
    }

    public Rule iifNotIn(String set) {
        return add(Expression.meta(Meta.IIFNAME, 1)).add(Expression.lookupAbsent(set, 1));
    }

    /** The set holds pairs of the link by which a packet came and the one by which it leaves. */
    public Rule iifAndOifIn(String set) {
        return add(Expression.meta(Meta.IIFNAME, Expression.REG_1))
                .add(Expression.meta(Meta.OIFNAME, Expression.REG_2))
                .add(Expression.lookup(set, Expression.REG_1));
    }

    /** Links whose names begin so. */
    public Rule iifPrefix(String prefix) {
        byte[] start = prefix.getBytes(StandardCharsets.US_ASCII);
        return add(Expression.meta(Meta.IIFNAME, 1)).add(Expression.equal(1, start));
    }

    public Rule oif(String name) {
        return add(Expression.meta(Meta.OIFNAME, 1)).add(Expression.equal(1, name(name)));
    }

    /** Packets that leave by a link of a set of names. */
    public Rule oifIn(String set) {
        return add(Expression.meta(Meta.OIFNAME, 1)).add(Expression.lookup(set, 1));
    }

    public Rule oifNotIn(String set) {
        return add(Expression.meta(Meta.OIFNAME, 1)).add(Expression.lookupAbsent(set, 1));
    }

    /** IPv4 in the inet family. */
    public Rule ipv4() {
        return add(Expression.meta(Meta.NFPROTO, 1)).add(Expression.equal(1, new byte[] {(byte) Family.IP.number()}));
    }

    /** IPv6 in the inet family. */
    public Rule ipv6() {
        return add(Expression.meta(Meta.NFPROTO, 1)).add(Expression.equal(1, new byte[] {IPV6}));
    }

    /** IPv4 whose destination begins with these bytes, e.g. 127 for 127.0.0.0/8. */
    public Rule destination(int... prefix) {
        return ipv4().bytes(Base.NETWORK, IP_DESTINATION, prefix);
    }

    /** IPv4 whose source begins with these bytes. */
    public Rule source(int... prefix) {
        return ipv4().bytes(Base.NETWORK, IP_SOURCE, prefix);
    }

    public Rule sourceIn(String set) {
        return ipv4().add(Expression.payload(Base.NETWORK, IP_SOURCE, 4, 1)).add(Expression.lookup(set, 1));
    }

    public Rule sourceNotIn(String set) {
        return ipv4().add(Expression.payload(Base.NETWORK, IP_SOURCE, 4, 1)).add(Expression.lookupAbsent(set, 1));
    }

    public Rule destinationIn(String set) {
        return ipv4().add(Expression.payload(Base.NETWORK, IP_DESTINATION, 4, 1))
                .add(Expression.lookup(set, 1));
    }

    /** The set holds pairs of source and destination. */
    public Rule sourceAndDestinationIn(String set) {
        return ipv4().add(Expression.payload(Base.NETWORK, IP_SOURCE, 4, 1))
                .add(Expression.payload(Base.NETWORK, IP_DESTINATION, 4, Expression.WORD_0 + 1))
                .add(Expression.lookup(set, 1));
    }

    /** Packets of new connections whose source has more than so many open ones, each counted by the set. */
    public Rule sourceHasMoreConnections(String set, int than) {
        return ipv4().add(Expression.payload(Base.NETWORK, IP_SOURCE, 4, 1))
                .add(Expression.moreConnections(set, 1, than));
    }

    /** As {@link #sourceHasMoreConnections}, by destination. */
    public Rule destinationHasMoreConnections(String set, int than) {
        return ipv4().add(Expression.payload(Base.NETWORK, IP_DESTINATION, 4, 1))
                .add(Expression.moreConnections(set, 1, than));
    }

    /** As {@link #sourceHasMoreConnections}, by the packet's mark. */
    public Rule markHasMoreConnections(String set, int than) {
        return add(Expression.meta(Meta.MARK, 1)).add(Expression.moreConnections(set, 1, than));
    }

    /** As {@link #sourceHasMoreConnections}, by source and destination. */
    public Rule pairHasMoreConnections(String set, int than) {
        return ipv4().add(Expression.payload(Base.NETWORK, IP_SOURCE, 4, 1))
                .add(Expression.payload(Base.NETWORK, IP_DESTINATION, 4, Expression.WORD_0 + 1))
                .add(Expression.moreConnections(set, 1, than));
    }

    /** As {@link #sourceHasMoreConnections}, by source and the packet's mark. */
    public Rule sourceAndMarkHaveMoreConnections(String set, int than) {
        return ipv4().add(Expression.payload(Base.NETWORK, IP_SOURCE, 4, 1))
                .add(Expression.meta(Meta.MARK, Expression.WORD_0 + 1))
                .add(Expression.moreConnections(set, 1, than));
    }

    /** As {@link #sourceHasMoreConnections}, by the packet's mark and the connection's. */
    public Rule marksHaveMoreConnections(String set, int than) {
        return add(Expression.meta(Meta.MARK, 1))
                .add(Expression.ct(Ct.MARK, Expression.WORD_0 + 1))
                .add(Expression.moreConnections(set, 1, than));
    }

    /** As {@link #sourceHasMoreConnections}, by the packet's mark and its destination. */
    public Rule markAndDestinationHaveMoreConnections(String set, int than) {
        return ipv4().add(Expression.meta(Meta.MARK, 1))
                .add(Expression.payload(Base.NETWORK, IP_DESTINATION, 4, Expression.WORD_0 + 1))
                .add(Expression.moreConnections(set, 1, than));
    }

    /**
     * As {@link #sourceHasMoreConnections}, by the packet's mark, its destination, its protocol and its destination port.
     *
     * @param protocol {@link #TCP} or {@link #UDP}
     */
    public Rule markAndServiceHaveMoreConnections(int protocol, String set, int than) {
        return ipv4().l4(protocol)
                .add(Expression.meta(Meta.MARK, 1))
                .add(Expression.payload(Base.NETWORK, IP_DESTINATION, 4, Expression.WORD_0 + 1))
                .add(Expression.meta(Meta.L4PROTO, Expression.WORD_0 + 2))
                .add(Expression.payload(Base.TRANSPORT, PORT_DESTINATION, 2, Expression.WORD_0 + 3))
                .add(Expression.moreConnections(set, 1, than));
    }

    /** An address of this machine; of the link that the packet came by where {@code onArrivalLink}. */
    public Rule destinationLocal(boolean onArrivalLink) {
        return add(Expression.destinationType(onArrivalLink, 1)).add(Expression.equal(1, Expression.word(RTN_LOCAL)));
    }

    /** @param protocol {@link #TCP} or {@link #UDP} */
    public Rule destinationPort(int protocol, int port) {
        return l4(protocol).bytes(Base.TRANSPORT, PORT_DESTINATION, port >>> 8, port & 0xff);
    }

    /** @param protocol {@link #TCP} or {@link #UDP} */
    public Rule destinationPortIn(int protocol, String set) {
        return l4(protocol)
                .add(Expression.payload(Base.TRANSPORT, PORT_DESTINATION, 2, 1))
                .add(Expression.lookup(set, 1));
    }

    /** @param protocol {@link #TCP} or {@link #UDP} */
    public Rule sourcePort(int protocol, int port) {
        return l4(protocol).bytes(Base.TRANSPORT, PORT_SOURCE, port >>> 8, port & 0xff);
    }

    /** TCP from one of these ports. */
    public Rule tcpSources(int first, int last) {
        return l4(TCP).ports(PORT_SOURCE, first, last);
    }

    /** TCP to one of these ports. */
    public Rule tcpDestinations(int first, int last) {
        return l4(TCP).ports(PORT_DESTINATION, first, last);
    }

    /** TCP that nobody takes for the beginning of a connection. */
    public Rule tcpAnswer() {
        return l4(TCP).add(Expression.payload(Base.TRANSPORT, TCP_FLAGS, 1, 1))
                .add(Expression.bitwise(1, new byte[] {SYN | RST | ACK}, new byte[] {0}))
                .add(Expression.notEqual(1, new byte[] {SYN}));
    }

    /** @param type of ICMPv4 */
    public Rule icmp(int type) {
        return ipv4().l4(ICMP).bytes(Base.TRANSPORT, 0, type);
    }

    /** @param states any of these bits */
    public Rule ctState(int states) {
        return add(Expression.ct(Ct.STATE, 1))
                .add(Expression.bitwise(1, states, 0))
                .add(Expression.notEqual(1, Expression.word(0)));
    }

    /** Connections whose destination has been translated. */
    public Rule ctDnat() {
        return add(Expression.ct(Ct.STATUS, 1))
                .add(Expression.bitwise(1, STATUS_DNAT, 0))
                .add(Expression.notEqual(1, Expression.word(0)));
    }

    public Rule markHas(int bit) {
        return add(Expression.meta(Meta.MARK, 1))
                .add(Expression.bitwise(1, bit, 0))
                .add(Expression.equal(1, Expression.word(bit)));
    }

    public Rule addMark(int bit) {
        return add(Expression.meta(Meta.MARK, 1))
                .add(Expression.bitwise(1, ~bit, bit))
                .add(Expression.setMeta(Meta.MARK, 1));
    }

    /** The packet's mark becomes one of {@code count} numbers from {@code offset}, by chance. */
    public Rule markByChance(int count, int offset) {
        return add(Expression.random(count, offset, 1)).add(Expression.setMeta(Meta.MARK, 1));
    }

    /** The packet's mark becomes what the map has for its source; no match where it has nothing. */
    public Rule markFromSource(String map) {
        return ipv4().add(Expression.payload(Base.NETWORK, IP_SOURCE, 4, 1))
                .add(Expression.map(map, 1, 1))
                .add(Expression.setMeta(Meta.MARK, 1));
    }

    /** The packet's mark becomes what the map has for its destination; no match where it has nothing. */
    public Rule markFromDestination(String map) {
        return ipv4().add(Expression.payload(Base.NETWORK, IP_DESTINATION, 4, 1))
                .add(Expression.map(map, 1, 1))
                .add(Expression.setMeta(Meta.MARK, 1));
    }

    public Rule clearMark() {
        return add(Expression.immediate(Expression.word(0), 1)).add(Expression.setMeta(Meta.MARK, 1));
    }

    /** The connection's mark becomes what the map has for the packet's destination; no match where it has nothing. */
    public Rule ctMarkFromDestination(String map) {
        return add(Expression.payload(Base.NETWORK, IP_DESTINATION, 4, 1))
                .add(Expression.map(map, 1, 1))
                .add(Expression.setCt(Ct.MARK, 1));
    }

    /** The set holds pairs of packet mark and connection mark. */
    public Rule marksIn(String set) {
        return add(Expression.meta(Meta.MARK, 1))
                .add(Expression.ct(Ct.MARK, Expression.WORD_0 + 1))
                .add(Expression.lookup(set, 1));
    }

    /** The set does not hold the pair of packet mark and connection mark. */
    public Rule marksNotIn(String set) {
        return add(Expression.meta(Meta.MARK, 1))
                .add(Expression.ct(Ct.MARK, Expression.WORD_0 + 1))
                .add(Expression.lookupAbsent(set, 1));
    }

    /** The packet's mark becomes what the map has for its TCP destination port; no match where it has nothing. */
    public Rule markFromTcpPort(String map) {
        return l4(TCP).add(Expression.payload(Base.TRANSPORT, PORT_DESTINATION, 2, 1))
                .add(Expression.map(map, 1, 1))
                .add(Expression.setMeta(Meta.MARK, 1));
    }

    /** Decides by a map from mark to verdict. */
    public Rule markVerdict(String map) {
        return add(Expression.meta(Meta.MARK, 1)).add(Expression.map(map, 1, Expression.VERDICT));
    }

    /** Sends the connection to what the map has for its TCP destination port and mark; no match where it has nothing. */
    public Rule dnatByPortAndMark(String map) {
        return l4(TCP).add(Expression.payload(Base.TRANSPORT, PORT_DESTINATION, 2, 1))
                .add(Expression.meta(Meta.MARK, Expression.WORD_0 + 1))
                .add(Expression.map(map, 1, 1))
                .add(Expression.destinationNat(1, Expression.WORD_0 + 1));
    }

    /** IPv4 whose link, source MAC and source address are together in the set. */
    public Rule linkMacAndSourceIn(String set) {
        return add(Expression.meta(Meta.PROTOCOL, 1))
                .add(Expression.equal(1, ETHERTYPE_IP))
                .linkAnd(Base.LINK, ETHER_SOURCE, IP_SOURCE, set);
    }

    /** ARP whose link and sender are in the set, by the frame's MAC and by the one that the message claims. */
    public Rule linkAndArpSenderIn(String set) {
        return add(Expression.payload(Base.LINK, 12, 2, 1))
                .add(Expression.equal(1, ETHERTYPE_ARP))
                .linkAnd(Base.LINK, ETHER_SOURCE, ARP_SENDER_IP, set)
                .linkAnd(Base.NETWORK, ARP_SENDER_MAC, ARP_SENDER_IP, set);
    }

    public Rule count() {
        return add(Expression.counter());
    }

    /** Has connection tracking pass the packet over; where it has not met it yet. */
    public Rule untrack() {
        return add(Expression.untrack());
    }

    /** The connection has the idle times of an object made by {@link Table#timeout}; where it is just beginning. */
    public Rule timeout(String object) {
        return add(Expression.object(Table.CT_TIMEOUT, object));
    }

    public Rule masquerade() {
        return add(Expression.masquerade());
    }

    public Rule accept() {
        return verdict(Verdict.ACCEPT);
    }

    public Rule drop() {
        return verdict(Verdict.DROP);
    }

    public Rule verdict(Verdict verdict) {
        return add(Expression.verdict(verdict));
    }

    void write(Payload to) {
        expressions.forEach(e -> e.write(to));
    }

    /** Register 1 is the link's name, 2 the MAC in two words, the word after them the address: 28 bytes. */
    private Rule linkAnd(Base macBase, int macOffset, int ipOffset, String set) {
        return add(Expression.meta(Meta.IIFNAME, Expression.REG_1))
                .add(Expression.payload(macBase, macOffset, 6, Expression.REG_2))
                .add(Expression.payload(Base.NETWORK, ipOffset, 4, Expression.WORD_0 + 6))
                .add(Expression.lookup(set, Expression.REG_1));
    }

    private Rule l4(int protocol) {
        return add(Expression.meta(Meta.L4PROTO, 1)).add(Expression.equal(1, new byte[] {(byte) protocol}));
    }

    private Rule ports(int offset, int first, int last) {
        return add(Expression.payload(Base.TRANSPORT, offset, 2, 1)).add(Expression.range(1, port(first), port(last)));
    }

    private static byte[] port(int number) {
        return new byte[] {(byte) (number >>> 8), (byte) number};
    }

    private Rule bytes(Base base, int offset, int... values) {
        byte[] expected = new byte[values.length];
        for (int i = 0; i < values.length; i++) expected[i] = (byte) values[i];
        return add(Expression.payload(base, offset, values.length, 1)).add(Expression.equal(1, expected));
    }

    private Rule add(Expression expression) {
        expressions.add(expression);
        return this;
    }

    private static byte[] name(String name) {
        return Arrays.copyOf(name.getBytes(StandardCharsets.US_ASCII), IFNAMSIZ);
    }
}
