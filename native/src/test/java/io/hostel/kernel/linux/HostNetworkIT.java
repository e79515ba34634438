package io.hostel.kernel.linux;

import static io.hostel.kernel.linux.NetworkLab.BRIDGE;
import static io.hostel.kernel.linux.NetworkLab.HOST;
import static io.hostel.kernel.linux.NetworkLab.INTERNET;
import static io.hostel.kernel.linux.NetworkLab.call;
import static io.hostel.kernel.linux.NetworkLab.ip;
import static io.hostel.kernel.linux.NetworkLab.plan;
import static io.hostel.kernel.linux.NetworkLab.refusal;
import static io.hostel.kernel.linux.NetworkLab.run;
import static org.assertj.core.api.Assertions.assertThat;

import io.hostel.kernel.HostNetwork;
import io.hostel.kernel.Links;
import io.hostel.kernel.Listening;
import io.hostel.kernel.MacAddress;
import io.hostel.kernel.PacketFilter;
import io.hostel.kernel.linux.NetworkLab.Guest;
import io.hostel.netlink.NetlinkSocket;
import io.hostel.netlink.nft.Batch;
import io.hostel.netlink.nft.Table;
import io.hostel.sys.Namespaces;
import io.hostel.sys.ThrowAwayThread;
import java.net.Inet4Address;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class HostNetworkIT {
    private static final Path FORWARD = Path.of("/proc/sys/net/ipv4/ip_forward");
    private static final Path REDIRECTS = Path.of("/proc/sys/net/ipv4/conf/all/accept_redirects");

    private final LinuxHostNetwork network = new LinuxHostNetwork();

    @AfterEach
    void clear() throws Exception {
        network.remove(plan(Optional.empty()));
        network.remove(other());
        run(
                "sh",
                "-c",
                "nft flush ruleset; ip link del stranger 2>/dev/null; ip link del " + BRIDGE + " 2>/dev/null; true");
    }

    private static HostNetwork.Plan other() {
        HostNetwork.Plan p = plan(Optional.empty());
        return new HostNetwork.Plan(
                "hostelother",
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
    }

    private static String read(Path sysctl) throws Exception {
        return run("cat", sysctl.toString());
    }

    private static String machine() throws Exception {
        return run("ip", "link")
                + run("ip", "addr")
                + run("ip", "route", "show", "table", "all")
                + run("nft", "list", "ruleset")
                + read(FORWARD)
                + read(REDIRECTS)
                + run("sh", "-c", "grep -r . /proc/sys/net/ipv4/conf/all /proc/sys/net/ipv4/conf/default");
    }

    @Test
    void whatWasMadeTwiceAndRemovedTwiceLeavesTheMachineAsItWas() throws Exception {
        Files.writeString(FORWARD, "0");
        Files.writeString(REDIRECTS, "0");
        String before = machine();
        network.ensure(plan(Optional.empty()));
        network.ensure(plan(Optional.empty()));
        assertThat(read(FORWARD)).isEqualTo("1\n");
        network.remove(plan(Optional.empty()));
        network.remove(plan(Optional.empty()));
        assertThat(machine()).isEqualTo(before);
    }

    @Test
    void forwardingThatWasOnStaysOn() throws Exception {
        Files.writeString(FORWARD, "1");
        network.ensure(plan(Optional.empty()));
        network.remove(plan(Optional.empty()));
        assertThat(read(FORWARD)).isEqualTo("1\n");
    }

    @Test
    void theMachineDoesNotBecomeARouterBetweenItsOtherNetworks() throws Exception {
        Files.writeString(FORWARD, "0");
        try (NetworkLab lab = new NetworkLab();
                Networks others = new Networks(lab)) {
            assertThat(read(FORWARD)).isEqualTo("1\n");
            assertThat(others.fromOneToTheOther()).isEqualTo("SocketTimeoutException");

            lab.network.ensure(lab.plan);
            new LinuxHostNetwork().ensure(lab.plan);
            assertThat(others.fromOneToTheOther())
                    .as("another daemon knows that it was none")
                    .isEqualTo("SocketTimeoutException");
        }
    }

    @Test
    void whereItWasOneItStaysOneAndWhereItIsSetToBeOneItBecomesOne() throws Exception {
        Files.writeString(FORWARD, "1");
        try (NetworkLab lab = new NetworkLab();
                Networks others = new Networks(lab)) {
            assertThat(others.fromOneToTheOther()).startsWith("private");
        }
        Files.writeString(FORWARD, "0");
        HostNetwork.Plan p = plan(Optional.empty());
        HostNetwork.Plan router = new HostNetwork.Plan(
                p.bridge(),
                p.gateway(),
                p.prefix(),
                p.linkPrefix(),
                p.egress(),
                p.bounds(),
                p.publishInterface(),
                p.firstPort(),
                p.lastPort(),
                p.apiPort(),
                true);
        try (NetworkLab lab = new NetworkLab(router);
                Networks others = new Networks(lab)) {
            assertThat(others.fromOneToTheOther()).startsWith("private");
        }
    }

    @Test
    void anotherHostsSandboxesAndFramesOfOtherBridgesPassAllTheSame() throws Exception {
        Files.writeString(FORWARD, "0");
        try (NetworkLab lab = new NetworkLab();
                BridgeNetfilter bridgeNetfilter = new BridgeNetfilter();
                Networks others = new Networks(lab)) {
            bridgeNetfilter.set("1");
            lab.serve(lab.internet, "anything", 443);
            new LinuxHostNetwork().ensure(other());
            new LinuxHostNetwork().addBridge(other(), 1);
            for (int bridge : new int[] {0, 1}) {
                assertThat(others.fromASandboxOf(other(), bridge, INTERNET, 443)).startsWith("anything");
            }
            lab.network.ensure(lab.plan); // which finds the bridges by itself
            assertThat(others.fromASandboxOf(other(), 1, INTERNET, 443)).startsWith("anything");
            others.makeABridge();
            Patience.await().until(() -> others.overTheBridge().startsWith("bridged"));
            assertThat(others.fromOneToTheOther()).isEqualTo("SocketTimeoutException");
        }
    }

    /** Networks of the machine that are none of the host's: the world, and a private one behind the machine. */
    private static final class Networks implements AutoCloseable {
        private final NetworkLab lab;
        private final List<Path> made = new ArrayList<>();

        Networks(NetworkLab lab) throws Exception {
            this.lab = lab;
            Path inside = namespace("private");
            run("ip", "link", "add", "priv0", "type", "veth", "peer", "name", "priv1", "netns", inside.toString());
            run("ip", "addr", "add", "10.99.0.1/24", "dev", "priv0");
            run("ip", "link", "set", "priv0", "up");
            in(inside, "ip addr add 10.99.0.2/24 dev priv1; ip link set priv1 up; ip route add default via 10.99.0.1");
            in(lab.internet, "ip route add 10.99.0.0/24 via " + HOST);
            lab.serve(inside, "private", 80);
        }

        String fromOneToTheOther() throws Exception {
            return call(lab.internet, "10.99.0.2", 80);
        }

        String fromASandboxOf(HostNetwork.Plan host, int bridge, String to, int port) throws Exception {
            Path pin = namespace("hs-yy" + bridge + made.size());
            Inet4Address address = ip("10.78.0." + (20 + made.size()));
            MacAddress mac = MacAddress.of(address);
            String link = "hs-yy000000" + made.size();
            lab.links.attach(new Links.Veth(link, host.bridge(bridge), pin, mac));
            lab.links.lease(new Links.Lease(host.bridge(bridge), pin, address, mac, host.gateway()));
            try (LinuxPacketFilter filter = new LinuxPacketFilter(host.bridge())) {
                filter.admit(new PacketFilter.Rules(link, mac, address, 1, true, true));
                return call(pin, to, port);
            }
        }

        /** After the filters, whose hosts hear of it. */
        void makeABridge() throws Exception {
            run("ip", "link", "add", "br-other", "type", "bridge");
            run("ip", "link", "set", "br-other", "up");
            lab.network.ensure(lab.plan);
            new LinuxHostNetwork().ensure(other());
            for (int i = 1; i <= 2; i++) {
                Path end = namespace("bridged" + i);
                run("sh", "-c", "ip link add port" + i + " master br-other type veth peer name eth0 netns " + end);
                run("ip", "link", "set", "port" + i, "up");
                in(end, "ip addr add 10.98.0." + i + "/24 dev eth0; ip link set eth0 up");
            }
            lab.serve(made.get(made.size() - 1), "bridged", 80);
        }

        String overTheBridge() throws Exception {
            return call(made.get(made.size() - 2), "10.98.0.2", 80);
        }

        private Path namespace(String name) throws Exception {
            Path pin = lab.pins.resolve(name);
            lab.netns.create(pin);
            made.add(pin);
            return pin;
        }

        private static void in(Path pin, String commands) throws Exception {
            run("nsenter", "--net=" + pin, "sh", "-ec", commands);
        }

        @Override
        public void close() throws Exception {
            for (Path pin : made) lab.netns.remove(pin);
            run("sh", "-c", "ip link del priv0; ip link del br-other; true");
        }
    }

    @Test
    void theLastOfTwoHostsPutsForwardingBackWhicheverTurnedItOn() throws Exception {
        Files.writeString(FORWARD, "0");
        network.ensure(plan(Optional.empty()));
        new LinuxHostNetwork().ensure(other());
        network.remove(plan(Optional.empty()));
        assertThat(read(FORWARD)).isEqualTo("1\n");
        new LinuxHostNetwork().remove(other());
        assertThat(read(FORWARD)).isEqualTo("0\n");
    }

    @Test
    void aSecondDaemonRemembersForTheFirstWhatForwardingWas() throws Exception {
        Files.writeString(FORWARD, "0");
        network.ensure(plan(Optional.empty()));
        new LinuxHostNetwork().ensure(plan(Optional.empty()));
        new LinuxHostNetwork().remove(plan(Optional.empty()));
        assertThat(read(FORWARD)).isEqualTo("0\n");
    }

    @Test
    void aBridgeThatIsMadeAgainStillSaysWhatForwardingWas() throws Exception {
        Files.writeString(FORWARD, "0");
        Files.writeString(REDIRECTS, "1");
        network.ensure(plan(Optional.empty()));
        run("ip", "link", "delete", BRIDGE);
        network.ensure(plan(Optional.empty()));
        new LinuxHostNetwork().remove(plan(Optional.empty())); // as --reap does, in a process of its own
        assertThat(read(FORWARD)).isEqualTo("0\n");
        assertThat(read(REDIRECTS)).isEqualTo("1\n");
    }

    @Test
    void aPortThatHangsInTheAirIsTakenForASignOfWhatBecomesOfItsBridge() throws Exception {
        try (NetworkLab lab = new NetworkLab()) {
            Guest guest = lab.sandbox(2, 1);
            List<String> heard = new CopyOnWriteArrayList<>();
            HostNetwork.Ears ears = new HostNetwork.Ears() {
                @Override
                public void bridges() {
                    heard.add("bridges");
                }

                @Override
                public void link(String name) {
                    heard.add(name);
                }

                @Override
                public void filter() {}
            };
            try (Listening watch = lab.network.watch(lab.plan, ears)) {
                run("ip", "link", "set", guest.name, "nomaster");
                Awaitility.await().until(() -> heard.contains(guest.name));
                assertThat(heard.get(0)).as("before it").isEqualTo("bridges");
            }
        }
    }

    @Test
    void anotherBridgeIsHeardOfOnceSinceTheFilterKnowsThemAll() throws Exception {
        network.ensure(plan(Optional.empty()));
        List<String> heard = new CopyOnWriteArrayList<>();
        HostNetwork.Ears ears = new HostNetwork.Ears() {
            @Override
            public void bridges() {
                heard.add("bridges");
            }

            @Override
            public void link(String name) {
                heard.add(name);
            }

            @Override
            public void filter() {}
        };
        try (Listening watch = network.watch(plan(Optional.empty()), ears)) {
            run("ip", "link", "add", "br-other", "type", "bridge");
            Patience.await().until(() -> heard.equals(List.of("bridges")));
            run("ip", "link", "set", "br-other", "up");
            run("ip", "link", "set", "br-other", "down");
            run("ip", "link", "del", "br-other");
            run("ip", "link", "add", "br-other", "type", "bridge");
            Patience.await().until(() -> heard.size() == 2);
        } finally {
            run("ip", "link", "del", "br-other");
        }
    }

    @Test
    void whatAnotherSocketOfTheSameNumberHasDoneIsOwn() throws Exception {
        Optional<Boolean> own = ThrowAwayThread.<Optional<Boolean>, Exception>call(Exception.class, () -> {
            Namespaces.unshare(Namespaces.NETWORK);
            // In there, the first of each protocol has the process's number as its port.
            try (NetlinkSocket netfilter = NetlinkSocket.netfilter();
                    NetlinkSocket ear = NetlinkSocket.netfilter()) {
                NetlinkSocket.route().close();
                ear.join(Table.NFNLGRP_NFTABLES);
                new Batch().add(FilterNames.ip("any").create("any")).commit(netfilter);
                return ear.next(Duration.ofSeconds(10)).map(NetlinkSocket::isOwn);
            }
        });
        assertThat(own).contains(true);
    }

    @Test
    void ensuringAgainLeavesTheTablesAloneAndMendsWhatSomebodyTookOut() throws Exception {
        network.ensure(plan(Optional.empty()));
        String made = run("nft", "-a", "list", "ruleset");
        network.ensure(plan(Optional.empty()));
        assertThat(run("nft", "-a", "list", "ruleset")).isEqualTo(made);

        run("nft", "flush", "chain", "bridge", BRIDGE, "pre");
        network.ensure(plan(Optional.empty()));
        assertThat(run("nft", "list", "ruleset")).isEqualTo(made.replaceAll(" # handle [0-9]+", ""));
    }

    @Test
    void anotherPlanMakesTheTablesAnewAndSandboxesKeepTheirElementsAndConnections() throws Exception {
        try (NetworkLab lab = new NetworkLab()) {
            Guest guest = lab.sandbox(2, 1).serving(80);
            lab.filter.publish(20000, List.of(guest.backend(80), guest.backend(80), guest.backend(80)));
            var contents = lab.filter.contents();
            HostNetwork.Plan p = lab.plan;
            lab.network.ensure(new HostNetwork.Plan(
                    p.bridge(),
                    p.gateway(),
                    p.prefix(),
                    p.linkPrefix(),
                    new HostNetwork.Egress(List.of("172.16.0.0/12"), List.of(), List.of()),
                    p.bounds(),
                    Optional.empty(),
                    p.firstPort(),
                    p.lastPort(),
                    p.apiPort(),
                    p.forwardsOthers()));
            assertThat(lab.filter.contents()).isEqualTo(contents);
            assertThat(call(lab.internet, HOST, 20000)).startsWith(guest.name);
            assertThat(run("nft", "list", "set", "inet", BRIDGE, "deny"))
                    .contains("172.16.0.0/12")
                    .doesNotContain("192.168");
        }
    }

    @Test
    void thousandsOfSandboxesAndPortsAreBroughtOverInOneTransaction() throws Exception {
        network.ensure(plan(Optional.empty()));
        LinuxPacketFilter filter = new LinuxPacketFilter(BRIDGE);
        for (int i = 0; i < 2500; i++) {
            Inet4Address address = ip("10.77." + (1 + i / 250) + "." + (1 + i % 250));
            filter.admit(new PacketFilter.Rules(
                    String.format("hs-zz%010d", i), MacAddress.of(address), address, 1 + i % 50, true, true));
            filter.publish(20000 + i, List.of(new PacketFilter.Backend(address, 80)));
        }
        PacketFilter.Contents before = filter.contents();
        assertThat(before.addresses()).hasSize(2500);
        run("nft", "flush", "chain", "inet", BRIDGE, "input");
        network.ensure(plan(Optional.empty()));
        assertThat(filter.contents()).isEqualTo(before);
        assertThat(run("nft", "list", "chain", "inet", BRIDGE, "input")).contains("echo-request accept");
    }

    @Test
    void aPublishInterfaceKeepsPublishedPortsOffAllOtherAddresses() throws Exception {
        run(
                "sh",
                "-c",
                "ip link add stranger type veth peer name stranger1; ip link set stranger1 up; ip addr add 203.0.114.1/24 dev stranger; ip link set stranger up");
        try (NetworkLab lab = new NetworkLab(plan(Optional.of("world0")))) {
            run("nsenter", "--net=" + lab.internet, "ip", "route", "add", "203.0.114.1/32", "via", HOST);
            Guest guest = lab.sandbox(2, 1).serving(80);
            lab.filter.publish(20000, List.of(guest.backend(80)));
            assertThat(call(lab.internet, HOST, 20000)).startsWith(guest.name);
            assertThat(call(HOST, 20000)).startsWith(guest.name);
            assertThat(guest.calls(HOST, 20000)).startsWith(guest.name);
            assertThat(call(lab.internet, "203.0.114.1", 20000)).isEqualTo("ConnectException");
            assertThat(call("203.0.114.1", 20000)).isEqualTo("ConnectException");
            assertThat(call("127.0.0.1", 20000)).isEqualTo("ConnectException");
        }
    }

    @Test
    void aFreeMachineHasNoConflictsAndTheHostsOwnNetworkIsNone() throws Exception {
        assertThat(network.conflicts(plan(Optional.empty()))).isEmpty();
        network.ensure(plan(Optional.empty()));
        assertThat(network.conflicts(plan(Optional.empty()))).isEmpty();
    }

    @Test
    void anothersBridgeAddressesAndRoutesAreConflictsAndItsBridgeIsNotTouched() throws Exception {
        run("ip", "link", "add", BRIDGE, "type", "bridge");
        run(
                "sh",
                "-c",
                "ip link add stranger type veth peer name stranger1; ip link set stranger1 up; ip addr add 10.77.200.1/24 dev stranger; ip link set stranger up");
        run("ip", "route", "add", "10.0.0.0/8", "dev", "stranger");
        run("ip", "route", "add", "0.0.0.0/1", "dev", "stranger");
        assertThat(network.conflicts(plan(Optional.empty())))
                .anyMatch(line -> line.contains(BRIDGE) && line.contains("hostel.network.bridge"))
                .anyMatch(line -> line.contains("10.77.200.1/24 of stranger") && line.contains("hostel.network.cidr"))
                .anyMatch(line -> line.contains("the route to 10.0.0.0/8"))
                .noneMatch(line -> line.contains("0.0.0.0/1"));
        assertThat(refusal(() -> network.ensure(plan(Optional.empty()))).errno())
                .isEqualTo("EEXIST");
        network.remove(plan(Optional.empty()));
        assertThat(run("ip", "link", "show", BRIDGE)).contains(BRIDGE);
    }

    @Test
    void aFirewallThatDropsForwardedPacketsIsNamedWithWhatMendsIt() throws Exception {
        network.ensure(plan(Optional.empty()));
        assertThat(network.forwardingBlockedBy()).isEmpty();
        run(
                "nft",
                "add table ip filter; add chain ip filter FORWARD { type filter hook forward priority 0; policy drop; }");
        assertThat(network.forwardingBlockedBy().orElseThrow())
                .contains("FORWARD of table ip filter")
                .endsWith("iptables -I FORWARD -i hosteltest -j ACCEPT && iptables -I FORWARD -o hosteltest -j ACCEPT"
                        + " && iptables -I FORWARD -i hosteltest_+ -j ACCEPT"
                        + " && iptables -I FORWARD -o hosteltest_+ -j ACCEPT");
        run("nft", "add chain ip filter DOCKER-USER");
        assertThat(network.forwardingBlockedBy().orElseThrow()).contains("iptables -I DOCKER-USER -i " + BRIDGE);
        run("nft", "add rule ip filter DOCKER-USER iifname " + BRIDGE + " accept");
        assertThat(network.forwardingBlockedBy()).isEmpty();
        network.addBridge(plan(Optional.empty()), 1);
        assertThat(network.forwardingBlockedBy()).isPresent();
        run("nft", "add rule ip filter DOCKER-USER iifname \"" + BRIDGE + "_*\" accept");
        assertThat(network.forwardingBlockedBy()).isEmpty();
        run("nft", "delete table ip filter");
        run("nft", "add table inet mine; add chain inet mine fw { type filter hook forward priority 5; policy drop; }");
        assertThat(network.forwardingBlockedBy().orElseThrow())
                .contains("nft insert rule inet mine fw iifname " + BRIDGE + " accept");
    }

    @Test
    void soIsOneOfIptablesLegacyWhichNfTablesDoesNotShow() throws Exception {
        network.ensure(plan(Optional.empty()));
        run("iptables-legacy", "-A", "FORWARD", "-s", "192.0.2.0/24", "-j", "ACCEPT");
        assertThat(network.forwardingBlockedBy()).isEmpty();
        run("iptables-legacy", "-P", "FORWARD", "DROP");
        String line = network.forwardingBlockedBy().orElseThrow();
        assertThat(line)
                .contains("chain FORWARD of iptables-legacy")
                .contains("iptables-legacy -I FORWARD -i " + BRIDGE + " -j ACCEPT");
        run("iptables-legacy", "-N", "DOCKER-USER");
        run("iptables-legacy", "-I", "FORWARD", "-j", "DOCKER-USER");
        assertThat(network.forwardingBlockedBy().orElseThrow()).contains("iptables-legacy -I DOCKER-USER -i " + BRIDGE);
        network.addBridge(plan(Optional.empty()), 1);
        run("iptables-legacy", "-I", "FORWARD", "-i", BRIDGE, "-j", "ACCEPT");
        assertThat(network.forwardingBlockedBy()).isPresent();
        for (String command : line.substring(line.indexOf("mend it by: ") + 12).split(" && ", -1)) {
            run(command.split(" ", -1));
        }
        assertThat(network.forwardingBlockedBy()).isEmpty();
        run("iptables-legacy", "-P", "FORWARD", "ACCEPT");
        run("iptables-legacy", "-F");
        assertThat(network.forwardingBlockedBy()).isEmpty();
    }
}
