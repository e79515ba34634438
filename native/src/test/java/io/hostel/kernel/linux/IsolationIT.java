package io.hostel.kernel.linux;

import static io.hostel.kernel.linux.NetworkLab.BRIDGE;
import static io.hostel.kernel.linux.NetworkLab.CLOSED;
import static io.hostel.kernel.linux.NetworkLab.GATEWAY;
import static io.hostel.kernel.linux.NetworkLab.HOST;
import static io.hostel.kernel.linux.NetworkLab.INTERNET;
import static io.hostel.kernel.linux.NetworkLab.LINK_LOCAL;
import static io.hostel.kernel.linux.NetworkLab.call;
import static io.hostel.kernel.linux.NetworkLab.run;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hostel.kernel.HostNetwork;
import io.hostel.kernel.linux.NetworkLab.Guest;
import io.hostel.netlink.NetlinkSocket;
import io.hostel.netlink.conntrack.Connection;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Everything that must not get through, by a tenant with all powers in its namespace; with and without br_netfilter's hooks. */
class IsolationIT {
    private static final String SILENCE = "SocketTimeoutException";

    private final BridgeNetfilter bridgeNetfilter = new BridgeNetfilter();
    private NetworkLab lab;
    private Guest attacker;
    private Guest victim;

    @BeforeEach
    void make() throws Exception {
        lab = new NetworkLab();
        attacker = lab.sandbox(2, 1);
        victim = lab.sandbox(4, 2).serving(80);
    }

    @AfterEach
    void clear() throws Exception {
        lab.close();
        bridgeNetfilter.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "1"})
    void sandboxesOfDifferentTenantsDoNotReachEachOtherUntilLinkedAndAfterUnlinking(String nf) throws Exception {
        bridgeNetfilter.set(nf);
        String there = victim.address.getHostAddress();
        long dropped = dropped("inet", "forwarding");
        assertThat(attacker.calls(there, 80)).isEqualTo(SILENCE);
        assertThat(dropped("inet", "forwarding")).isGreaterThan(dropped);

        lab.filter.link(1, 2);
        assertThat(attacker.calls(there, 80)).startsWith(victim.name);

        lab.filter.unlink(1, 2);
        assertThat(attacker.calls(there, 80)).isEqualTo(SILENCE);
    }

    @Test
    void unlinkingCutsWhatWasOpenedMeanwhileButNotWhatUsesAPublishedPort() throws Exception {
        lab.filter.publish(20000, List.of(victim.backend(81)));
        lab.filter.link(1, 2);
        try (ServerSocket server = NetworkLab.in(victim.pin(), () -> new ServerSocket(81));
                Socket direct = NetworkLab.in(attacker.pin(), () -> new Socket(victim.address, 81));
                Socket directThere = server.accept();
                Socket published = NetworkLab.in(attacker.pin(), () -> new Socket(HOST, 20000));
                Socket publishedThere = server.accept()) {
            direct.getOutputStream().write(1);
            assertThat(directThere.getInputStream().read()).isEqualTo(1);
            lab.filter.unlink(1, 2);
            direct.getOutputStream().write(2);
            directThere.setSoTimeout(Patience.silence(700));
            assertThatThrownBy(() -> directThere.getInputStream().read()).isInstanceOf(SocketTimeoutException.class);
            published.getOutputStream().write(3);
            publishedThere.setSoTimeout(Patience.silence(2000));
            assertThat(publishedThere.getInputStream().read()).isEqualTo(3);
        }
    }

    @Test
    void aSandboxHoldsNoMoreConnectionsThanItsShareAndNobodyElseNotices() throws Exception {
        int share = lab.plan.bounds().sandbox();
        Guest sibling = lab.sandbox(3, 1);
        List<Socket> held = new ArrayList<>();
        try (ServerSocket world = NetworkLab.in(lab.internet, () -> new ServerSocket(443, 2 * share))) {
            for (int i = 0; i < share; i++) {
                held.add(NetworkLab.in(attacker.pin(), () -> new Socket(INTERNET, 443)));
            }
            assertThat(opens(attacker.pin(), INTERNET, 443)).isFalse();
            assertThat(opens(sibling.pin(), INTERNET, 443)).isTrue();
            held.remove(0).close();
            world.accept().close();
            Patience.await().until(() -> opens(attacker.pin(), INTERNET, 443));
        } finally {
            for (Socket socket : held) socket.close();
        }
    }

    @Test
    void noMoreConnectionsAreHeldToASandboxThanItsShareAndTheOthersAreReached() throws Exception {
        int share = lab.plan.bounds().sandbox();
        lab.filter.publish(20000, List.of(attacker.backend(81)));
        lab.filter.publish(20001, List.of(victim.backend(80)));
        List<Socket> held = new ArrayList<>();
        try (ServerSocket server = NetworkLab.in(attacker.pin(), () -> new ServerSocket(81, 2 * share))) {
            assertThat(server.isBound()).isTrue();
            for (int i = 0; i < share; i++) {
                String caller = "203.0.113." + (10 + i); // each address has a bound of its own
                run("nsenter", "--net=" + lab.internet, "ip", "addr", "add", caller + "/24", "dev", "world1");
                held.add(NetworkLab.in(
                        lab.internet, () -> new Socket(HOST, 20000, InetAddress.getByName(caller), 0)));
            }
            assertThat(opens(lab.internet, HOST, 20000)).isFalse();
            assertThat(call(lab.internet, HOST, 20001)).startsWith(victim.name);
        } finally {
            for (Socket socket : held) socket.close();
        }
    }

    /** Leaves nothing open. */
    private static boolean opens(Path pin, String host, int port) throws Exception {
        return NetworkLab.in(pin, () -> {
            try (Socket socket = new Socket()) {
                socket.connect(new InetSocketAddress(host, port), Patience.silence(700));
                return true;
            } catch (SocketTimeoutException e) {
                return false;
            }
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "1"})
    void theMachinesOwnServicesDoNotAnswerOnAnyOfItsAddresses(String nf) throws Exception {
        bridgeNetfilter.set(nf);
        Path here = Path.of("/proc/self/ns/net");
        lab.serve(here, "control-api", 7070);
        long dropped = dropped("inet", "input");
        assertThat(call("127.0.0.1", 7070)).startsWith("control-api");
        assertThat(attacker.calls("10.77.0.1", 7070)).isEqualTo(SILENCE);
        assertThat(attacker.calls(HOST, 7070)).isEqualTo(SILENCE);
        assertThat(dropped("inet", "input")).isGreaterThan(dropped);
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "1"})
    void theMachinesLoopbackIsOutOfReachThoughTheBridgeRoutesIt(String nf) throws Exception {
        bridgeNetfilter.set(nf);
        lab.serve(Path.of("/proc/self/ns/net"), "control-api", 7070);
        Files.writeString(Path.of("/proc/sys/net/ipv4/conf/all/route_localnet"), "0");
        String inside = "nsenter --net=" + attacker.pin() + " ";
        run("sh", "-c", inside + "sh -c 'echo 1 > /proc/sys/net/ipv4/conf/all/route_localnet'");
        run("sh", "-c", inside + "ip route del local 127.0.0.0/8 dev lo table local");
        run("sh", "-c", inside + "ip route del local 127.0.0.1 dev lo table local");
        run("sh", "-c", inside + "ip route add 127.0.0.0/8 via 10.77.0.1 dev eth0 onlink src 10.77.0.2");
        long dropped = dropped("inet", "guard");
        assertThat(attacker.calls("127.0.0.1", 7070)).isEqualTo(SILENCE);
        assertThat(dropped("inet", "guard")).isGreaterThan(dropped);
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "1"})
    void closedBlocksAndLinkLocalAreShutButResolversAnswerOnTheirPort(String nf) throws Exception {
        bridgeNetfilter.set(nf);
        lab.serve(lab.internet, "anything", 443);
        lab.serve(lab.internet, "resolver", 53);
        long dropped = dropped("inet", "world");
        assertThat(attacker.calls(INTERNET, 443)).startsWith("anything");
        assertThat(attacker.calls(CLOSED, 443)).isEqualTo(SILENCE);
        assertThat(attacker.calls(LINK_LOCAL, 443)).isEqualTo(SILENCE);
        assertThat(attacker.calls(CLOSED, 53)).startsWith("resolver");
        assertThat(attacker.calls(LINK_LOCAL, 53)).startsWith("resolver");
        assertThat(dropped("inet", "world")).isGreaterThan(dropped);
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "1"})
    void withoutEgressTheWorldAndItsResolversAreShutAndWithoutReachNobodyComesIn(String nf) throws Exception {
        bridgeNetfilter.set(nf);
        Guest hermit = lab.sandbox(5, 1, false, false).serving(80);
        Guest peer = lab.sandbox(6, 1).serving(80);
        lab.serve(lab.internet, "anything", 443);
        lab.serve(lab.internet, "resolver", 53);
        assertThat(hermit.calls(INTERNET, 443)).isEqualTo(SILENCE);
        assertThat(hermit.calls(CLOSED, 53)).isEqualTo(SILENCE);
        assertThat(hermit.calls(LINK_LOCAL, 53)).isEqualTo(SILENCE);
        assertThat(hermit.calls(peer.address.getHostAddress(), 80)).startsWith(peer.name);
        assertThat(peer.calls(hermit.address.getHostAddress(), 80)).isEqualTo(SILENCE);
        assertThat(call(hermit.address.getHostAddress(), 80))
                .as("the machine's own probe")
                .startsWith(hermit.name);
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "1"})
    void theWorldReachesNoSandboxButByPublishedPorts(String nf) throws Exception {
        bridgeNetfilter.set(nf);
        run("nsenter", "--net=" + lab.internet, "ip", "route", "add", "10.77.0.0/16", "via", HOST);
        long dropped = dropped("inet", "forwarding");
        assertThat(call(lab.internet, victim.address.getHostAddress(), 80)).isEqualTo(SILENCE);
        assertThat(dropped("inet", "forwarding")).isGreaterThan(dropped);
        lab.filter.publish(20000, List.of(victim.backend(80)));
        assertThat(call(lab.internet, HOST, 20000)).startsWith(victim.name);
        lab.filter.publish(20000, List.of());
        assertThat(call(lab.internet, HOST, 20000)).isEqualTo("ConnectException");
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "1"})
    void aForgedSourceAddressOrMacGoesNowhere(String nf) throws Exception {
        bridgeNetfilter.set(nf);
        lab.serve(lab.internet, "anything", 443);
        String inside = "nsenter --net=" + attacker.pin() + " ";

        long dropped = dropped("bridge", "pre");
        run("sh", "-c", inside + "ip addr add 10.77.0.4/32 dev eth0");
        run("sh", "-c", inside + "ip route change default via 10.77.0.1 dev eth0 onlink src 10.77.0.4");
        assertThat(attacker.calls(INTERNET, 443)).isEqualTo(SILENCE);
        assertThat(dropped("bridge", "pre")).isGreaterThan(dropped);

        run("sh", "-c", inside + "ip route change default via 10.77.0.1 dev eth0 onlink src 10.77.0.2");
        assertThat(attacker.calls(INTERNET, 443)).startsWith("anything");

        dropped = dropped("bridge", "pre");
        run("sh", "-c", inside + "ip link set eth0 address " + victim.mac);
        run("sh", "-c", inside + "ip route replace default via 10.77.0.1 dev eth0 onlink src 10.77.0.2");
        assertThat(attacker.calls(INTERNET, 443)).isEqualTo(SILENCE);
        assertThat(dropped("bridge", "pre")).isGreaterThan(dropped);
        assertThat(run("bridge", "fdb", "show", "br", BRIDGE)).contains(victim.mac + " dev " + victim.name);
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "1"})
    void aFrameStraightToAnothersMacIsDropped(String nf) throws Exception {
        bridgeNetfilter.set(nf);
        String inside = "nsenter --net=" + attacker.pin() + " ";
        String there = victim.address.getHostAddress();
        run("sh", "-c", inside + "ip neigh replace " + there + " lladdr " + victim.mac + " dev eth0 nud permanent");
        run("sh", "-c", inside + "ip route add " + there + "/32 dev eth0 scope link");
        // Where br_netfilter is loaded after the host's tables were made, the packet comes by the inet table first.
        long dropped = dropped("bridge", "forwarding") + dropped("inet", "forwarding");
        assertThat(attacker.calls(there, 80)).isEqualTo(SILENCE);
        assertThat(dropped("bridge", "forwarding") + dropped("inet", "forwarding"))
                .isGreaterThan(dropped);
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "1"})
    void forgedArpAndIpv6AreDroppedAndNeighboursStayAsTheyWere(String nf) throws Exception {
        bridgeNetfilter.set(nf);
        String before = run("ip", "neigh", "show", "dev", BRIDGE);
        long dropped = dropped("bridge", "pre");
        // An answer that the victim's address is at the attacker's MAC; then one with the victim's MAC on its outside
        // too; then IPv6.
        send("ff".repeat(6) + mac(attacker), "0806", arp(mac(attacker), "0a4d0004"));
        send("ff".repeat(6) + mac(victim), "0806", arp(mac(attacker), "0a4d0002"));
        send("333300000001" + mac(attacker), "86dd", "60000000" + "0008" + "3a" + "ff" + "00".repeat(40));
        assertThat(dropped("bridge", "pre")).isEqualTo(dropped + 3);
        assertThat(run("ip", "neigh", "show", "dev", BRIDGE)).isEqualTo(before);

        send("ff".repeat(6) + mac(attacker), "0806", arp(mac(attacker), "0a4d0002"));
        assertThat(dropped("bridge", "pre")).as("its own ARP passes").isEqualTo(dropped + 3);
    }

    private void send(String addresses, String type, String rest) throws Exception {
        String frame = addresses + type + rest;
        String program = "import socket; s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW); s.bind(('eth0', 0));"
                + " s.send(bytes.fromhex('" + frame + "'))";
        run("nsenter", "--net=" + attacker.pin(), "python3", "-c", program);
    }

    private static String arp(String senderMac, String senderAddress) {
        return "0001" + "0800" + "06" + "04" + "0002" + senderMac + senderAddress + "ff".repeat(6) + "0a4d0001";
    }

    private static String mac(Guest guest) {
        return guest.mac.toString().replace(":", "");
    }

    /** Packets that the counting rules of a chain have dropped. */
    private static long dropped(String family, String chain) throws Exception {
        Matcher counter = Pattern.compile("counter packets ([0-9]+) .* drop")
                .matcher(run("nft", "list", "chain", family, BRIDGE, chain));
        long sum = 0;
        while (counter.find()) sum += Long.parseLong(counter.group(1));
        return sum;
    }

    @Test
    void whatTheHostProbesFromItsPortsIsNotTrackedAndAllElseIs() throws Exception {
        Guest guest = lab.sandbox(90, 90).serving(80);
        try (Socket probe = new Socket()) {
            probe.bind(new InetSocketAddress(HostNetwork.FIRST_PROBE_PORT + 7));
            probe.connect(new InetSocketAddress(guest.address, 80), Patience.milliseconds(2000));
            probe.setSoTimeout(Patience.milliseconds(2000));
            assertThat(new String(probe.getInputStream().readAllBytes(), US_ASCII))
                    .startsWith(guest.name);
            assertThat(tracked(guest)).isZero();
            assertThat(call(guest.address.getHostAddress(), 80)).startsWith(guest.name);
            assertThat(tracked(guest)).isEqualTo(1);
        }
    }

    @Test
    void noSandboxBeginsAnythingByWhatIsLetInForProbes() throws Exception {
        Guest guest = lab.sandbox(91, 91);
        int port = HostNetwork.FIRST_PROBE_PORT + 8;
        lab.serve(Path.of("/proc/self/ns/net"), "the host's own", port);
        assertThat(call(GATEWAY.getHostAddress(), port)).startsWith("the host's own");
        assertThat(guest.calls(GATEWAY.getHostAddress(), port)).isEqualTo("SocketTimeoutException");
        assertThat(guest.calls(HOST, port)).isEqualTo("SocketTimeoutException");
    }

    @Test
    void theHostsApiIsReachedByLoopbackWithoutBeingTracked() throws Exception {
        lab.serve(Path.of("/proc/self/ns/net"), "api", lab.plan.apiPort());
        lab.serve(Path.of("/proc/self/ns/net"), "other", lab.plan.apiPort() + 1);
        int before = trackedInAll();
        assertThat(call("127.0.0.1", lab.plan.apiPort())).startsWith("api");
        assertThat(trackedInAll()).isEqualTo(before);
        assertThat(call("127.0.0.1", lab.plan.apiPort() + 1)).startsWith("other");
        assertThat(trackedInAll()).isGreaterThan(before);
    }

    private static long tracked(Guest guest) throws Exception {
        try (NetlinkSocket netfilter = NetlinkSocket.netfilter()) {
            return netfilter.dump(Connection.all()).stream()
                    .map(Connection::of)
                    .filter(connection -> connection.isOfAny(Set.of(guest.address)))
                    .count();
        }
    }

    private static int trackedInAll() throws Exception {
        try (NetlinkSocket netfilter = NetlinkSocket.netfilter()) {
            return netfilter.dump(Connection.all()).size();
        }
    }
}
