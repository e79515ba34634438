package io.hostel.kernel.linux;

import static io.hostel.kernel.HostNetwork.FIRST_PROBE_PORT;
import static io.hostel.kernel.HostNetwork.LAST_PROBE_PORT;
import static io.hostel.kernel.linux.ConnectionBounds.BOUNDED;
import static io.hostel.kernel.linux.ConnectionBounds.LEAVING;
import static io.hostel.kernel.linux.ConnectionBounds.OPENING;
import static io.hostel.kernel.linux.FilterNames.BACKEND;
import static io.hostel.kernel.linux.FilterNames.BRIDGES;
import static io.hostel.kernel.linux.FilterNames.COUNT;
import static io.hostel.kernel.linux.FilterNames.DENY;
import static io.hostel.kernel.linux.FilterNames.DENY_PORTS;
import static io.hostel.kernel.linux.FilterNames.EGRESS;
import static io.hostel.kernel.linux.FilterNames.FIRST_INDEX;
import static io.hostel.kernel.linux.FilterNames.HOSTS;
import static io.hostel.kernel.linux.FilterNames.PASSING;
import static io.hostel.kernel.linux.FilterNames.PUBLIC;
import static io.hostel.kernel.linux.FilterNames.QUESTION;
import static io.hostel.kernel.linux.FilterNames.REACH;
import static io.hostel.kernel.linux.FilterNames.RESOLVERS;
import static io.hostel.kernel.linux.FilterNames.SELF;
import static io.hostel.kernel.linux.FilterNames.SIZES;
import static io.hostel.kernel.linux.FilterNames.SOURCE;
import static io.hostel.kernel.linux.FilterNames.TALK;
import static io.hostel.kernel.linux.FilterNames.TENANT;
import static io.hostel.netlink.nft.SetType.ETHER_ADDRESS;
import static io.hostel.netlink.nft.SetType.INET_SERVICE;
import static io.hostel.netlink.nft.SetType.INTERFACE_NAME;
import static io.hostel.netlink.nft.SetType.IPV4_ADDRESS;
import static io.hostel.netlink.nft.SetType.MARK;
import static io.hostel.netlink.nft.SetType.VERDICT;

import io.hostel.kernel.HostNetwork;
import io.hostel.netlink.Request;
import io.hostel.netlink.nft.BaseChain.Hook;
import io.hostel.netlink.nft.BaseChain.Type;
import io.hostel.netlink.nft.Element;
import io.hostel.netlink.nft.Key;
import io.hostel.netlink.nft.Rule;
import io.hostel.netlink.nft.SetType;
import io.hostel.netlink.nft.Table;
import io.hostel.netlink.nft.Verdict;
import java.util.ArrayList;
import java.util.List;

/**
 * The filter's tables, chains and rules for one host: a pure function of its plan. Sandboxes and bridges are elements of the
 * sets alone, so the rules' number never grows with them and no rule is loaded for one. Deny is the default: what a sandbox sends and no rule accepts is dropped.
 *
 * <p>Read {@link #hooks} from top to bottom in the order in which a packet meets them.
 */
final class FilterTables {
    /** Set on packets of translated connections, which may go from port to port of a bridge (br_netfilter). */
    private static final int BRIDGED = 0x40000000;

    private static final int ECHO_REQUEST = 8;
    private static final int REDIRECT = 5;
    private static final int DNS = 53;

    private final HostNetwork.Plan plan;
    private final boolean router;
    private final Table ip;
    private final ConnectionBounds bounds;
    private final Table frames;
    private final List<Request> requests = new ArrayList<>();

    private FilterTables(HostNetwork.Plan plan, boolean router) {
        this.plan = plan;
        this.router = router;
        this.ip = FilterNames.ip(plan.bridge());
        this.bounds = new ConnectionBounds(ip, plan.bounds());
        this.frames = FilterNames.frames(plan.bridge());
    }

    /**
     * Everything but the tables themselves and their elements.
     *
     * @param router whether the machine may forward what its other networks send each other
     */
    static List<Request> contents(HostNetwork.Plan plan, boolean router) {
        FilterTables tables = new FilterTables(plan, router);
        tables.sets();
        tables.hooks();
        return List.copyOf(tables.requests);
    }

    /** Chain and rule that spread connections over so many sandboxes, and the way there. */
    static List<Request> balance(Table ip, int backends) {
        String chain = FilterNames.balance(backends);
        List<Request> requests = new ArrayList<>();
        requests.add(ip.chain(chain));
        requests.add(ip.rule(chain, new Rule().markByChance(backends, FIRST_INDEX)));
        requests.add(ip.rule(chain, new Rule().dnatByPortAndMark(BACKEND)));
        // A packet may have met the number of sandboxes before a change and their elements after it, and ask for one
        // that
        // is no more: then the first is there.
        requests.add(ip.rule(chain, new Rule().markByChance(1, FIRST_INDEX)));
        requests.add(ip.rule(chain, new Rule().dnatByPortAndMark(BACKEND)));
        // Older kernels know an instant without either, between an old element and its successor: silence, which the
        // caller
        // repeats into, instead of a refusal.
        requests.add(ip.rule(chain, new Rule().drop()));
        requests.addAll(ip.add(SIZES, List.of(Element.of(Key.mark(backends), Verdict.goTo(chain)))));
        return requests;
    }

    private void sets() {
        requests.add(ip.set(BRIDGES, INTERFACE_NAME));
        requests.add(ip.map(COUNT, INET_SERVICE, MARK));
        requests.add(ip.map(SIZES, MARK, VERDICT));
        requests.add(ip.map(BACKEND, SetType.of(INET_SERVICE, MARK), SetType.of(IPV4_ADDRESS, INET_SERVICE)));
        requests.add(ip.map(TENANT, IPV4_ADDRESS, MARK));
        requests.add(ip.map(REACH, IPV4_ADDRESS, MARK));
        requests.add(ip.set(TALK, SetType.of(MARK, MARK)));
        requests.add(ip.set(EGRESS, IPV4_ADDRESS));
        requests.add(ip.set(SELF, SetType.of(IPV4_ADDRESS, IPV4_ADDRESS)));
        requests.add(ip.intervalSet(DENY, IPV4_ADDRESS));
        requests.add(ip.set(RESOLVERS, IPV4_ADDRESS));
        requests.add(ip.set(PUBLIC, IPV4_ADDRESS));
        requests.add(ip.intervalSet(DENY_PORTS, INET_SERVICE));
        requests.add(ip.set(HOSTS, INTERFACE_NAME));
        requests.add(ip.set(PASSING, SetType.of(INTERFACE_NAME, INTERFACE_NAME)));
        requests.addAll(bounds.sets());
        requests.add(frames.set(SOURCE, SetType.of(INTERFACE_NAME, ETHER_ADDRESS, IPV4_ADDRESS)));
    }

    private void hooks() {
        frameSource();
        loopbackGuard();
        untracked();
        publishing();
        translatedMark();
        frameForwarding();
        requests.addAll(bounds.chains());
        world();
        forwarding();
        input();
        output();
        postrouting();
    }

    /** A port's frames bear its sandbox's own MAC and address, or they go nowhere; IPv6 and all else is none of these. */
    private void frameSource() {
        requests.add(frames.baseChain("pre", Type.FILTER, Hook.PREROUTING, -300));
        rule(frames, "pre", new Rule().linkMacAndSourceIn(SOURCE).accept());
        rule(frames, "pre", new Rule().linkAndArpSenderIn(SOURCE).accept());
        rule(frames, "pre", new Rule().iifPrefix(plan.linkPrefix()).count().drop());
    }

    /** route_localnet lets 127.0.0.0/8 through the bridge for answers, so nobody may send there. */
    private void loopbackGuard() {
        requests.add(ip.baseChain("guard", Type.FILTER, Hook.PREROUTING, -300));
        rule(ip, "guard", new Rule().iifIn(BRIDGES).destination(127).count().drop());
    }

    /**
     * Where the kernel has no room for another connection it drops what would begin one, so what the host itself depends on is
     * not tracked: its API by loopback, and its probes. A sandbox cannot begin anything by what is let in for those: only
     * answers are.
     */
    private void untracked() {
        requests.add(ip.baseChain("own", Type.FILTER, Hook.OUTPUT, -300));
        int api = plan.apiPort();
        if (api > 0 && (api < plan.firstPort() || api > plan.lastPort())) {
            rule(ip, "own", new Rule().oif("lo").destinationPort(Rule.TCP, api).untrack());
            rule(ip, "own", new Rule().oif("lo").sourcePort(Rule.TCP, api).untrack());
        }
        if (probesUntracked()) {
            rule(
                    ip,
                    "own",
                    new Rule()
                            .oifIn(BRIDGES)
                            .tcpSources(FIRST_PROBE_PORT, LAST_PROBE_PORT)
                            .untrack());
            rule(ip, "guard", toProbe().tcpAnswer().untrack());
        }
    }

    private boolean probesUntracked() {
        return plan.firstPort() > LAST_PROBE_PORT;
    }

    private Rule toProbe() {
        byte[] gateway = plan.gateway().getAddress();
        return new Rule()
                .iifIn(BRIDGES)
                .destination(gateway[0] & 0xff, gateway[1] & 0xff, gateway[2] & 0xff, gateway[3] & 0xff)
                .tcpDestinations(FIRST_PROBE_PORT, LAST_PROBE_PORT);
    }

    /** Published ports, for the world and the sandboxes in {@code pre}, for the machine itself in {@code out}. */
    private void publishing() {
        requests.add(ip.baseChain("pre", Type.NAT, Hook.PREROUTING, -100));
        requests.add(ip.baseChain("out", Type.NAT, Hook.OUTPUT, -100));
        if (plan.publishInterface().isEmpty()) {
            rule(
                    ip,
                    "pre",
                    new Rule().destinationLocal(false).markFromTcpPort(COUNT).markVerdict(SIZES));
            rule(
                    ip,
                    "out",
                    new Rule().destinationLocal(false).markFromTcpPort(COUNT).markVerdict(SIZES));
            return;
        }
        // The first rule follows the link's addresses as they change; the set serves the sandboxes and the machine
        // itself.
        rule(
                ip,
                "pre",
                new Rule()
                        .iif(plan.publishInterface().get())
                        .destinationLocal(true)
                        .markFromTcpPort(COUNT)
                        .markVerdict(SIZES));
        rule(ip, "pre", new Rule().destinationIn(PUBLIC).markFromTcpPort(COUNT).markVerdict(SIZES));
        rule(ip, "out", new Rule().destinationIn(PUBLIC).markFromTcpPort(COUNT).markVerdict(SIZES));
    }

    private void translatedMark() {
        requests.add(ip.baseChain("marks", Type.FILTER, Hook.PREROUTING, -50));
        rule(ip, "marks", new Rule().iifIn(BRIDGES).ctDnat().addMark(BRIDGED));
    }

    /** From port to port nothing passes but what br_netfilter has translated there; all else goes through the gateway. */
    private void frameForwarding() {
        requests.add(frames.baseChain("forwarding", Type.FILTER, Hook.FORWARD, 0));
        rule(frames, "forwarding", new Rule().markHas(BRIDGED).accept());
        rule(
                frames,
                "forwarding",
                new Rule().iifPrefix(plan.linkPrefix()).count().drop());
    }

    private void world() {
        requests.add(ip.chain("world"));
        rule(ip, "world", new Rule().sourceNotIn(EGRESS).count().drop());
        rule(
                ip,
                "world",
                new Rule()
                        .destinationIn(RESOLVERS)
                        .destinationPort(Rule.UDP, DNS)
                        .timeout(QUESTION)
                        .verdict(Verdict.goTo(LEAVING)));
        rule(
                ip,
                "world",
                new Rule()
                        .destinationIn(RESOLVERS)
                        .destinationPort(Rule.TCP, DNS)
                        .verdict(Verdict.goTo(LEAVING)));
        // After the resolvers, which are there in some clouds.
        rule(ip, "world", new Rule().destination(169, 254).count().drop());
        rule(ip, "world", new Rule().destinationIn(DENY).count().drop());
        for (int protocol : new int[] {Rule.UDP, Rule.TCP}) {
            rule(
                    ip,
                    "world",
                    new Rule().destinationPortIn(protocol, DENY_PORTS).count().drop());
        }
        rule(ip, "world", new Rule().sourceIn(EGRESS).verdict(Verdict.goTo(LEAVING)));
        rule(ip, "world", new Rule().drop());
    }

    private void forwarding() {
        if (!router) requests.addAll(OtherNetworks.chain(ip));
        requests.add(ip.baseChain("forwarding", Type.FILTER, Hook.FORWARD, 0));
        String chain = "forwarding";
        rule(ip, chain, new Rule().iifNotIn(BRIDGES).oifNotIn(BRIDGES).verdict(router ? Verdict.ACCEPT : Verdict.goTo(OtherNetworks.CHAIN)));
        rule(
                ip,
                chain,
                new Rule().ctState(Rule.CT_ESTABLISHED | Rule.CT_RELATED).accept());
        rule(ip, chain, new Rule().ctState(Rule.CT_INVALID).drop());
        rule(ip, chain, new Rule().ctDnat().oifIn(BRIDGES).verdict(Verdict.goTo(BOUNDED)));
        rule(ip, chain, new Rule().oifNotIn(BRIDGES).verdict(Verdict.goTo("world")));
        rule(
                ip,
                chain,
                new Rule()
                        .iifIn(BRIDGES)
                        .markFromSource(TENANT)
                        .ctMarkFromDestination(REACH)
                        .marksIn(TALK)
                        .verdict(Verdict.goTo(BOUNDED)));
        rule(ip, chain, new Rule().count().drop());
    }

    /** The machine itself: sandboxes may ping it and get answers to what it asked, no more. */
    private void input() {
        requests.add(ip.baseChain("input", Type.FILTER, Hook.INPUT, 0));
        rule(ip, "input", new Rule().iifNotIn(BRIDGES).accept());
        rule(ip, "input", new Rule().icmp(REDIRECT).drop());
        rule(
                ip,
                "input",
                new Rule().ctState(Rule.CT_ESTABLISHED | Rule.CT_RELATED).accept());
        if (probesUntracked())
            rule(ip, "input", toProbe().ctState(Rule.CT_UNTRACKED).accept());
        rule(ip, "input", new Rule().verdict(Verdict.jump(OPENING)));
        rule(ip, "input", new Rule().icmp(ECHO_REQUEST).accept());
        for (int protocol : new int[] {Rule.UDP, Rule.TCP}) {
            Rule resolver = new Rule().sourceIn(EGRESS).destinationIn(RESOLVERS).destinationPort(protocol, DNS);
            if (protocol == Rule.UDP) resolver.timeout(QUESTION);
            rule(ip, "input", resolver.accept());
        }
        rule(ip, "input", new Rule().count().drop());
    }

    /** The gateway routes between sandboxes on one link; its kernel's advice to speak directly would cut them off. */
    private void output() {
        requests.add(ip.baseChain("output", Type.FILTER, Hook.OUTPUT, 0));
        rule(ip, "output", new Rule().oifIn(BRIDGES).icmp(REDIRECT).drop());
    }

    private void postrouting() {
        requests.add(ip.baseChain("post", Type.NAT, Hook.POSTROUTING, 100));
        rule(ip, "post", new Rule().oifIn(BRIDGES).source(127).masquerade());
        rule(ip, "post", new Rule().oifIn(BRIDGES).sourceAndDestinationIn(SELF).masquerade());
        rule(ip, "post", new Rule().iifIn(BRIDGES).oifNotIn(BRIDGES).masquerade());
    }

    private void rule(Table table, String chain, Rule rule) {
        requests.add(table.rule(chain, rule));
    }
}
