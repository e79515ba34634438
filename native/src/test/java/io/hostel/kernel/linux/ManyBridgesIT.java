package io.hostel.kernel.linux;

import static io.hostel.kernel.linux.NetworkLab.BRIDGE;
import static io.hostel.kernel.linux.NetworkLab.GATEWAY;
import static io.hostel.kernel.linux.NetworkLab.HOST;
import static io.hostel.kernel.linux.NetworkLab.INTERNET;
import static io.hostel.kernel.linux.NetworkLab.call;
import static io.hostel.kernel.linux.NetworkLab.ip;
import static io.hostel.kernel.linux.NetworkLab.run;
import static org.assertj.core.api.Assertions.assertThat;

import io.hostel.kernel.HostNetwork;
import io.hostel.kernel.Links;
import io.hostel.kernel.linux.NetworkLab.Guest;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Sandboxes of two tenants on two bridges of one host, with and without br_netfilter's hooks. */
class ManyBridgesIT {
    private static final String SILENCE = "SocketTimeoutException";

    private NetworkLab lab;
    private Guest here;
    private Guest there;
    private Guest strangerHere;
    private Guest strangerThere;

    private final BridgeNetfilter bridgeNetfilter = new BridgeNetfilter();

    @BeforeEach
    void make() throws Exception {
        lab = new NetworkLab();
        lab.network.addBridge(lab.plan, 1);
        here = lab.sandboxOn(0, 2, 1).serving(80);
        there = lab.sandboxOn(1, 3, 1).serving(80);
        strangerHere = lab.sandboxOn(0, 4, 2).serving(80);
        strangerThere = lab.sandboxOn(1, 5, 2).serving(80);
    }

    @AfterEach
    void clear() throws Exception {
        lab.close();
        bridgeNetfilter.close();
    }

    private static String calls(Guest from, Guest to) throws Exception {
        return from.calls(to.address.getHostAddress(), 80);
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "1"})
    void whatMustGetThroughFromBridgeToBridgeDoes(String nf) throws Exception {
        bridgeNetfilter.set(nf);
        lab.serve(lab.internet, "internet", 443);
        lab.filter.publish(20000, List.of(there.backend(80)));
        lab.filter.publish(20001, List.of(here.backend(80)));

        assertThat(calls(here, there)).isEqualTo(there.name + " 10.77.0.2");
        assertThat(calls(there, here)).isEqualTo(here.name + " 10.77.0.3");
        assertThat(call("10.77.0.3", 80)).as("the machine's own probe").isEqualTo(there.name + " 10.77.0.1");
        assertThat(call(lab.internet, HOST, 20000)).isEqualTo(there.name + " " + INTERNET);
        assertThat(call("127.0.0.1", 20000)).isEqualTo(there.name + " 10.77.0.1");
        assertThat(call(HOST, 20000)).startsWith(there.name);
        assertThat(there.calls(HOST, 20000)).as("itself by its published port").startsWith(there.name);
        assertThat(here.calls(HOST, 20000)).isEqualTo(there.name + " 10.77.0.2");
        assertThat(there.calls(GATEWAY.getHostAddress(), 20001)).isEqualTo(here.name + " 10.77.0.3");
        assertThat(strangerThere.calls(HOST, 20000)).as("on its own bridge").isEqualTo(there.name + " 10.77.0.5");
        assertThat(strangerThere.calls(HOST, 20001)).isEqualTo(here.name + " 10.77.0.5");
        assertThat(there.calls(INTERNET, 443)).isEqualTo("internet " + HOST);
        run("nsenter", "--net=" + there.pin(), "busybox", "ping", "-c1", "-W2", "10.77.0.1");
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "1"})
    void tenantsAreKeptApartOnEveryBridgeAndBetweenThem(String nf) throws Exception {
        bridgeNetfilter.set(nf);
        lab.serve(Path.of("/proc/self/ns/net"), "control-api", 7070);
        assertThat(calls(here, strangerThere)).isEqualTo(SILENCE);
        assertThat(calls(there, strangerThere)).isEqualTo(SILENCE);
        assertThat(calls(there, strangerHere)).isEqualTo(SILENCE);
        assertThat(there.calls("10.77.0.1", 7070)).isEqualTo(SILENCE);
        assertThat(there.calls(HOST, 7070)).isEqualTo(SILENCE);
        lab.filter.link(1, 2);
        assertThat(calls(here, strangerThere)).startsWith(strangerThere.name);
        lab.filter.unlink(1, 2);
        assertThat(calls(here, strangerThere)).isEqualTo(SILENCE);
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "1"})
    void anAddressOfAnotherBridgeCannotBeForgedNorLoopbackBeReached(String nf) throws Exception {
        bridgeNetfilter.set(nf);
        lab.serve(lab.internet, "anything", 443);
        lab.serve(Path.of("/proc/self/ns/net"), "control-api", 7070);
        String inside = "nsenter --net=" + strangerThere.pin() + " ";
        run("sh", "-c", inside + "ip addr add 10.77.0.2/32 dev eth0");
        run("sh", "-c", inside + "ip route change default via 10.77.0.1 dev eth0 onlink src 10.77.0.2");
        assertThat(strangerThere.calls(INTERNET, 443)).isEqualTo(SILENCE);
        run("sh", "-c", inside + "ip route change default via 10.77.0.1 dev eth0 onlink src 10.77.0.5");
        assertThat(strangerThere.calls(INTERNET, 443)).startsWith("anything");

        String victim = there.address.getHostAddress();
        run("sh", "-c", inside + "ip neigh replace " + victim + " lladdr " + there.mac + " dev eth0 nud permanent");
        run("sh", "-c", inside + "ip route add " + victim + "/32 dev eth0 scope link");
        assertThat(calls(strangerThere, there))
                .as("a frame straight to its MAC")
                .isEqualTo(SILENCE);

        run("sh", "-c", inside + "sh -c 'echo 1 > /proc/sys/net/ipv4/conf/all/route_localnet'");
        run("sh", "-c", inside + "ip route del local 127.0.0.0/8 dev lo table local");
        run("sh", "-c", inside + "ip route del local 127.0.0.1 dev lo table local");
        run("sh", "-c", inside + "ip route add 127.0.0.0/8 via 10.77.0.1 dev eth0 onlink src 10.77.0.5");
        assertThat(strangerThere.calls("127.0.0.1", 7070)).isEqualTo(SILENCE);
    }

    @Test
    void noRequestFailsWhileBridgesComeAndNoRuleIsLoadedForThem() throws Exception {
        lab.filter.publish(20000, List.of(here.backend(80), there.backend(80)));
        String rules = rules();
        AtomicBoolean over = new AtomicBoolean();
        AtomicInteger answered = new AtomicInteger();
        Queue<String> failures = new ConcurrentLinkedQueue<>();
        List<Thread> callers = new ArrayList<>();
        for (Guest from : List.of(here, strangerThere)) {
            Thread caller = new Thread(() -> {
                while (!over.get()) {
                    try {
                        String answer = from.calls(HOST, 20000);
                        if (answer.startsWith(NetworkLab.PREFIX)) answered.incrementAndGet();
                        else failures.add(answer);
                    } catch (Exception e) {
                        failures.add(e.toString());
                    }
                }
            });
            callers.add(caller);
            caller.start();
        }
        for (int number = 2; number < 12; number++) {
            int before = answered.get();
            lab.network.addBridge(lab.plan, number);
            lab.network.addBridge(lab.plan, number);
            org.awaitility.Awaitility.await().until(() -> answered.get() >= before + 20 || !failures.isEmpty());
        }
        over.set(true);
        for (Thread caller : callers) caller.join();
        assertThat(failures).isEmpty();
        assertThat(answered.get()).isGreaterThanOrEqualTo(200);
        assertThat(rules()).isEqualTo(rules);
        assertThat(lab.network.bridges(lab.plan)).containsExactly(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11);
        Guest late = lab.sandboxOn(11, 6, 1).serving(80);
        assertThat(calls(here, late)).startsWith(late.name);
    }

    private static String rules() throws Exception {
        return run("sh", "-c", "nft -a list ruleset | grep '# handle' | grep -v 'set bridges'");
    }

    @Test
    void aBridgeThatGoesTakesNoOthersRoutesAlongAndEnsuringForgetsIt() throws Exception {
        lab.network.addBridge(lab.plan, 2);
        String routes = run("ip", "route");
        run("ip", "link", "del", BRIDGE + "_2");
        assertThat(run("ip", "route")).isEqualTo(routes).contains("10.77.0.3 dev " + BRIDGE + "_1");
        assertThat(run("nft", "list", "set", "inet", BRIDGE, "bridges")).contains(BRIDGE + "_2");
        new LinuxHostNetwork().ensure(lab.plan);
        assertThat(run("nft", "list", "set", "inet", BRIDGE, "bridges"))
                .contains(BRIDGE + "_1")
                .doesNotContain(BRIDGE + "_2");
        assertThat(run("ip", "route")).isEqualTo(routes);
    }

    @Test
    void tablesThatAreMadeAnewKnowAllBridges() throws Exception {
        run("nft", "flush", "chain", "inet", BRIDGE, "input");
        new LinuxHostNetwork().ensure(lab.plan);
        assertThat(calls(here, there)).startsWith(there.name);
        assertThat(calls(here, strangerThere)).isEqualTo(SILENCE);
        assertThat(there.calls("10.77.0.1", 7070)).isEqualTo(SILENCE);
    }

    @Test
    void anAddressCanMoveToAnotherBridgeAndLeavesNothingWhenItIsGivenBack() throws Exception {
        assertThat(lab.links.neighbours(BRIDGE)).hasSize(4).hasSameElementsAs(lab.links.routes(BRIDGE));
        assertThat(run("ip", "route", "get", "10.77.0.3"))
                .contains("dev " + BRIDGE + "_1")
                .contains("src 10.77.0.1");
        lab.links.giveBack(there.lease());
        lab.links.giveBack(List.of(there.lease(), here.lease()));
        assertThat(lab.links.neighbours(BRIDGE)).containsExactlyInAnyOrder(ip("10.77.0.4"), ip("10.77.0.5"));
        assertThat(lab.links.routes(BRIDGE)).containsExactlyInAnyOrder(ip("10.77.0.4"), ip("10.77.0.5"));

        Guest moved = lab.new Guest(0, 3, 1, true, true);
        lab.links.detach(List.of(there.veth(), moved.veth()));
        assertThat(lab.links.named(there.name, BRIDGE)).isEmpty();
        lab.links.attach(moved.veth());
        lab.links.lease(moved.lease());
        assertThat(run("ip", "route", "get", "10.77.0.3")).contains("dev " + BRIDGE + " ");
        assertThat(calls(strangerHere, moved)).isEqualTo(SILENCE);
        lab.links.lease(here.lease());
        assertThat(calls(here, moved)).startsWith(moved.name);
        lab.links.giveBack(moved.lease());
    }

    @Test
    void aBridgeThatWasMadeAnewByHandIsFoundAgain() throws Exception {
        Guest guest = lab.new Guest(2, 9, 1, true, true);
        lab.network.addBridge(lab.plan, 2);
        lab.netns.create(guest.pin());
        lab.links.attach(guest.veth());
        lab.links.lease(guest.lease());
        run("ip", "link", "del", BRIDGE + "_2");
        lab.links.giveBack(guest.lease());
        lab.network.addBridge(lab.plan, 2);
        lab.links.attach(guest.veth());
        lab.links.lease(guest.lease());
        assertThat(lab.links.routes(BRIDGE)).contains(guest.address);
        lab.links.giveBack(guest.lease());
        lab.netns.remove(guest.pin());
    }

    @Test
    void anotherHostWithAnAlikeNameIsUntouchedAndAStrangersLinkIsAConflict() throws Exception {
        HostNetwork other = new LinuxHostNetwork();
        HostNetwork.Plan plan = new HostNetwork.Plan(
                "hosteltes",
                ip("10.78.0.1"),
                16,
                "hs-yy",
                new HostNetwork.Egress(List.of(), List.of(), List.of()),
                NetworkLab.BOUNDS,
                Optional.empty(),
                30000,
                30099,
                0,
                false);
        other.ensure(plan);
        other.addBridge(plan, 1);
        assertThat(other.bridges(plan)).containsExactly(0, 1);
        assertThat(lab.network.bridges(lab.plan)).containsExactly(0, 1);
        assertThat(lab.network.conflicts(lab.plan)).isEmpty();
        assertThat(other.conflicts(plan)).isEmpty();
        assertThat(other.conflicts(alike(plan)))
                .anyMatch(line -> line.contains(BRIDGE) && line.contains("hostel.network.bridge"));
        assertThat(lab.links.named(NetworkLab.PREFIX, plan.bridge())).isEmpty();
        String before = run("nft", "list", "table", "inet", BRIDGE) + run("ip", "-o", "route");
        other.remove(plan);
        assertThat(run("nft", "list", "table", "inet", BRIDGE) + run("ip", "-o", "route"))
                .isEqualTo(before.replaceAll("10\\.78\\..*\n", ""));
        assertThat(run("ip", "-o", "link")).doesNotContain("hosteltes_").doesNotContain("hosteltes:");
        assertThat(calls(here, there)).startsWith(there.name);

        run("ip", "link", "add", BRIDGE + "_7", "type", "bridge");
        assertThat(lab.network.conflicts(lab.plan)).anyMatch(line -> line.startsWith(BRIDGE + "_7 is a bridge that"));
        assertThat(NetworkLab.refusal(() -> lab.network.addBridge(lab.plan, 7)).errno())
                .isEqualTo("EEXIST");
        assertThat(lab.network.bridges(lab.plan)).containsExactly(0, 1);
        run("ip", "link", "del", BRIDGE + "_7");
    }

    /** The same, with a prefix that is another host's too. */
    private static HostNetwork.Plan alike(HostNetwork.Plan plan) {
        return new HostNetwork.Plan(
                plan.bridge(),
                plan.gateway(),
                plan.prefix(),
                NetworkLab.PREFIX,
                plan.egress(),
                plan.bounds(),
                plan.publishInterface(),
                plan.firstPort(),
                plan.lastPort(),
                plan.apiPort(),
                plan.forwardsOthers());
    }

    @Test
    void removalLeavesNothing() throws Exception {
        try (var alone = new Alone()) {
            String before = alone.machine();
            lab.network.ensure(lab.plan);
            lab.network.addBridge(lab.plan, 1);
            lab.network.addBridge(lab.plan, 2);
            lab.network.remove(lab.plan);
            assertThat(alone.machine()).isEqualTo(before);
        }
        lab.network.ensure(lab.plan);
    }

    /** The machine while the host is away. */
    private final class Alone implements AutoCloseable {
        Alone() throws Exception {
            lab.network.remove(lab.plan);
        }

        String machine() throws Exception {
            return run("sh", "-c", "ip -o link | sort; ip addr; ip route show table all; nft list ruleset")
                    .replaceAll("(?m)^.*hs-zz.*$|^.*fe80::.*\\R", "") // an address is the kernel's own, some time later
                    .replaceAll("state [A-Z]+", "");
        }

        @Override
        public void close() {}
    }

    @Test
    void manyLinksAreDetachedAtOnceAndOthersStay() throws Exception {
        List<Links.Veth> all = new ArrayList<>();
        for (Guest guest : List.of(here, there, strangerHere)) all.add(guest.veth());
        lab.links.detach(all);
        lab.links.detach(all);
        lab.links.detach(List.of());
        assertThat(lab.links.named(NetworkLab.PREFIX, BRIDGE)).containsExactly(strangerThere.name);
    }
}
