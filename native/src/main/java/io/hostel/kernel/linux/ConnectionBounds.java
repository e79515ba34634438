package io.hostel.kernel.linux;

import static io.hostel.kernel.linux.FilterNames.BOUNDS;
import static io.hostel.kernel.linux.FilterNames.BRIDGES;
import static io.hostel.kernel.linux.FilterNames.CALLERS;
import static io.hostel.kernel.linux.FilterNames.CALLERS_OF_ALL;
import static io.hostel.kernel.linux.FilterNames.HANDSHAKE;
import static io.hostel.kernel.linux.FilterNames.HELD;
import static io.hostel.kernel.linux.FilterNames.OPENED;
import static io.hostel.kernel.linux.FilterNames.QUESTION;
import static io.hostel.kernel.linux.FilterNames.SERVICES;
import static io.hostel.kernel.linux.FilterNames.STRANGERS;
import static io.hostel.kernel.linux.FilterNames.STRANGERS_OF_ALL;
import static io.hostel.kernel.linux.FilterNames.TAKEN;
import static io.hostel.kernel.linux.FilterNames.TALK;
import static io.hostel.kernel.linux.FilterNames.TENANT;
import static io.hostel.netlink.nft.SetType.INET_PROTOCOL;
import static io.hostel.netlink.nft.SetType.INET_SERVICE;
import static io.hostel.netlink.nft.SetType.IPV4_ADDRESS;
import static io.hostel.netlink.nft.SetType.MARK;
import static io.hostel.netlink.nft.SetType.VERDICT;

import io.hostel.kernel.HostNetwork.Bounds;
import io.hostel.netlink.Request;
import io.hostel.netlink.nft.Element;
import io.hostel.netlink.nft.Key;
import io.hostel.netlink.nft.Rule;
import io.hostel.netlink.nft.SetType;
import io.hostel.netlink.nft.Table;
import io.hostel.netlink.nft.Verdict;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The part of the filter that bounds connections: the kernel tracks a limited number for the whole machine, and calls one service
 * of the world from some 64,000 ports at a time. Sandboxes and tenants have bounds on what they open and, apart from that, on what
 * is opened to them, so that who is called a lot can still call; and nobody who calls takes all that a sandbox may take, nor all
 * that its tenant may. Only what may pass otherwise is counted.
 *
 * <p>What packets do here is count, by a set of the kernel's: what is over, in TIME_WAIT too, does not count. A connection that is
 * half open does, from its first packet on, since what is established already cannot be counted any more (nf_conncount.c); so those
 * to sandboxes are forgotten within seconds, and a stranger who forges addresses has to send some 700 packets a second, not 70, to
 * fill one sandbox's bound. The kernel beyond takes care of itself: SYN cookies inside, and no entry for what has none.
 */
final class ConnectionBounds {
    /** Chain: what a sandbox opens. */
    static final String OPENING = "opening";
    /** Chain: what is opened to a sandbox. */
    static final String TAKING = "taking";
    /** Chain: what may leave for the world, but for the number of ports there are to leave from. */
    static final String LEAVING = "leaving";
    /** Chain: what may pass to a sandbox, but for the bounds. */
    static final String BOUNDED = "bounded";

    /** Set on the mark of a tenant that is called, where its own is that of one that calls. */
    static final int TAKEN_BY = 0x20000000;

    /** To all sandboxes of a tenant a caller may have so many times what it may have to one of them. */
    private static final int OF_ALL = 2;

    /** More than the sandboxes of any host. */
    private static final int SANDBOXES = 1 << 16;
    /** Counted things have less than a kilobyte each; what finds no room here is still bounded by the other counts. */
    private static final int PAIRS = 1 << 18;

    /** Between two packets of a handshake; tcp(7) repeats after 1, 3 and 7 s. */
    private static final int HANDSHAKE_SECONDS = 3;
    /** Longer than resolv.conf(5) has a resolver asked: 5 s. */
    private static final int QUESTION_SECONDS = 10;
    /** An answered question's port is not needed again, but for a second answer (AAAA) that is already on its way. */
    private static final int ANSWERED_SECONDS = 3;

    private static final int TCP_SYN_SENT = 1;
    private static final int TCP_SYN_RECV = 2;
    private static final int UDP_UNREPLIED = 1;
    private static final int UDP_REPLIED = 2;

    private final Table ip;
    private final Bounds bounds;

    ConnectionBounds(Table ip, Bounds bounds) {
        this.ip = ip;
        this.bounds = bounds;
    }

    List<Request> sets() {
        SetType pair = SetType.of(IPV4_ADDRESS, IPV4_ADDRESS);
        SetType service = SetType.of(MARK, IPV4_ADDRESS, INET_PROTOCOL, INET_SERVICE);
        SortedMap<Integer, Integer> handshake = new TreeMap<>();
        handshake.put(TCP_SYN_SENT, HANDSHAKE_SECONDS);
        handshake.put(TCP_SYN_RECV, HANDSHAKE_SECONDS);
        SortedMap<Integer, Integer> question = new TreeMap<>();
        question.put(UDP_UNREPLIED, QUESTION_SECONDS);
        question.put(UDP_REPLIED, ANSWERED_SECONDS);
        return List.of(
                ip.timeout(HANDSHAKE, Rule.TCP, handshake),
                ip.timeout(QUESTION, Rule.UDP, question),
                ip.countingSet(OPENED, IPV4_ADDRESS, SANDBOXES),
                ip.countingSet(TAKEN, IPV4_ADDRESS, SANDBOXES),
                ip.countingSet(CALLERS, pair, PAIRS),
                ip.countingSet(STRANGERS, SetType.of(MARK, IPV4_ADDRESS), PAIRS),
                ip.countingSet(CALLERS_OF_ALL, SetType.of(IPV4_ADDRESS, MARK), PAIRS),
                ip.countingSet(STRANGERS_OF_ALL, SetType.of(MARK, MARK), PAIRS),
                ip.countingSet(HELD, MARK, SANDBOXES),
                ip.countingSet(SERVICES, service, PAIRS),
                ip.map(BOUNDS, MARK, VERDICT));
    }

    /** Each returns where the connection is within its bounds; {@link #LEAVING} and {@link #BOUNDED} accept it. */
    List<Request> chains() {
        List<Request> requests = new ArrayList<>();
        requests.add(ip.chain(OPENING));
        requests.add(ip.rule(OPENING, over(new Rule().sourceHasMoreConnections(OPENED, bounds.sandbox()))));
        requests.add(
                ip.rule(OPENING, new Rule().markFromSource(TENANT).markVerdict(BOUNDS)));
        requests.add(ip.rule(OPENING, over(new Rule().markHasMoreConnections(HELD, bounds.tenant()))));

        requests.add(ip.chain(TAKING));
        requests.add(ip.rule(TAKING, new Rule().timeout(HANDSHAKE)));
        requests.add(ip.rule(
                TAKING, over(new Rule().iifNotIn(BRIDGES).pairHasMoreConnections(CALLERS, bounds.source()))));
        requests.add(ip.rule(
                TAKING,
                over(new Rule()
                        .iifNotIn(BRIDGES)
                        .markFromDestination(TENANT)
                        .sourceAndMarkHaveMoreConnections(CALLERS_OF_ALL, ofAll()))));
        requests.add(ip.rule(
                TAKING,
                over(new Rule()
                        .iifIn(BRIDGES)
                        .markFromSource(TENANT)
                        .ctMarkFromDestination(TENANT)
                        .marksNotIn(TALK)
                        .markAndDestinationHaveMoreConnections(STRANGERS, bounds.source()))));
        // With the marks that the rule before has set.
        requests.add(ip.rule(
                TAKING,
                over(new Rule()
                        .iifIn(BRIDGES)
                        .marksNotIn(TALK)
                        .marksHaveMoreConnections(STRANGERS_OF_ALL, ofAll()))));
        requests.add(ip.rule(TAKING, over(new Rule().destinationHasMoreConnections(TAKEN, bounds.sandbox()))));
        requests.add(ip.rule(
                TAKING,
                new Rule().markFromDestination(TENANT).addMark(TAKEN_BY).markVerdict(BOUNDS)));
        requests.add(ip.rule(TAKING, over(new Rule().markHasMoreConnections(HELD, bounds.tenant()))));

        requests.add(ip.chain(LEAVING));
        requests.add(ip.rule(LEAVING, new Rule().verdict(Verdict.jump(OPENING))));
        for (int protocol : new int[] {Rule.UDP, Rule.TCP}) {
            Rule full = new Rule()
                    .markFromSource(TENANT)
                    .markAndServiceHaveMoreConnections(protocol, SERVICES, bounds.service());
            requests.add(ip.rule(LEAVING, over(full)));
        }
        // The mark was for counting; beyond the bridges it may mean something else.
        requests.add(ip.rule(LEAVING, new Rule().clearMark()));
        requests.add(ip.rule(LEAVING, new Rule().accept()));

        requests.add(ip.chain(BOUNDED));
        requests.add(ip.rule(BOUNDED, new Rule().iifIn(BRIDGES).verdict(Verdict.jump(OPENING))));
        requests.add(ip.rule(BOUNDED, new Rule().oifIn(BRIDGES).verdict(Verdict.jump(TAKING))));
        requests.add(ip.rule(BOUNDED, new Rule().accept()));
        return requests;
    }

    private int ofAll() {
        return Math.multiplyExact(OF_ALL, bounds.source());
    }

    private static Rule over(Rule bound) {
        return bound.count().drop();
    }

    /** The chain with a bound of so many. */
    static List<Request> chain(Table ip, int connections) {
        String chain = FilterNames.bound(connections);
        return List.of(
                ip.chain(chain), ip.rule(chain, over(new Rule().markHasMoreConnections(HELD, connections))));
    }

    /** What {@link FilterNames#HELD} counts a tenant's connections by. */
    static List<byte[]> counted(int tenant) {
        return List.of(Key.mark(tenant), Key.mark(tenant | TAKEN_BY));
    }

    /** As they are in {@link FilterNames#BOUNDS}. */
    static List<Element> elements(int tenant, int connections) {
        Verdict bound = Verdict.goTo(FilterNames.bound(connections));
        return counted(tenant).stream().map(key -> Element.of(key, bound)).toList();
    }
}
