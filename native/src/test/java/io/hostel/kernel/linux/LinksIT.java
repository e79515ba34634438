package io.hostel.kernel.linux;

import static io.hostel.kernel.linux.NetworkLab.BRIDGE;
import static io.hostel.kernel.linux.NetworkLab.GATEWAY;
import static io.hostel.kernel.linux.NetworkLab.HOST;
import static io.hostel.kernel.linux.NetworkLab.INTERNET;
import static io.hostel.kernel.linux.NetworkLab.PREFIX;
import static io.hostel.kernel.linux.NetworkLab.refusal;
import static io.hostel.kernel.linux.NetworkLab.run;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.hostel.kernel.Links;
import io.hostel.kernel.linux.NetworkLab.Guest;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Links, addresses and namespaces, as ip(8) and bridge(8) see them. */
class LinksIT {
    private static final ObjectMapper JSON = new ObjectMapper();

    private NetworkLab lab;

    @BeforeEach
    void make() throws Exception {
        lab = new NetworkLab();
    }

    @AfterEach
    void clear() throws Exception {
        lab.close();
    }

    private static JsonNode json(String... command) throws Exception {
        return JSON.readTree(run(command));
    }

    private static JsonNode inside(Guest guest, String... command) throws Exception {
        List<String> all = new ArrayList<>(List.of("nsenter", "--net=" + guest.pin()));
        all.addAll(List.of(command));
        return json(all.toArray(String[]::new));
    }

    @Test
    void theBridgeHasTheGatewaysAddressAndAMacThatPortsDoNotChange() throws Exception {
        JsonNode before = json("ip", "-j", "addr", "show", BRIDGE).get(0);
        assertThat(before.at("/addr_info")).hasSize(1);
        assertThat(before.at("/addr_info/0/local").asText()).isEqualTo("10.77.0.1");
        assertThat(before.at("/addr_info/0/prefixlen").asInt()).isEqualTo(16);
        lab.sandbox(2, 1);
        lab.sandbox(3, 1);
        assertThat(json("ip", "-j", "link", "show", BRIDGE).get(0).get("address"))
                .isEqualTo(before.get("address"));
    }

    @Test
    void aPortForwardsWhenItIsAttachedAndNeitherLearnsNorFloods() throws Exception {
        Guest guest = lab.sandbox(2, 1);
        JsonNode port =
                json("bridge", "-j", "-d", "link", "show", "dev", guest.name).get(0);
        assertThat(port.get("state").asText()).isEqualTo("forwarding");
        assertThat(port.get("master").asText()).isEqualTo(BRIDGE);
        assertThat(port.get("hairpin").asBoolean()).isTrue();
        for (String off : List.of("learning", "flood", "mcast_flood", "bcast_flood", "isolated")) {
            assertThat(port.get(off).asBoolean()).as(off).isFalse();
        }
        assertThat(run("bridge", "fdb", "show", "br", BRIDGE))
                .contains(guest.mac + " dev " + guest.name + " master " + BRIDGE + " static");
        assertThat(run("ip", "-6", "addr", "show", "dev", guest.name)).isEmpty();
        assertThat(run("ip", "-6", "addr", "show", "dev", BRIDGE)).isEmpty();
    }

    @Test
    void whatWentWithABridgeIsBackAtOnceAndWhatIsGoneItselfIsLeftOut() throws Exception {
        Guest guest = lab.sandbox(2, 1).serving(80);
        Guest gone = lab.sandbox(3, 1);
        String ports = run("bridge", "-d", "link", "show", "dev", guest.name).replaceAll("^[0-9]+: ", "");
        List<String> ways = ways();
        run("ip", "link", "delete", BRIDGE);
        run("ip", "link", "delete", gone.name);
        lab.network.ensure(lab.plan);

        int refused = lab.links.rejoin(List.of(guest.veth(), gone.veth()), List.of(guest.lease(), gone.lease()));
        assertThat(refused).isZero();
        assertThat(run("bridge", "-d", "link", "show", "dev", guest.name).replaceAll("^[0-9]+: ", ""))
                .isEqualTo(ports);
        assertThat(run("bridge", "fdb", "show", "br", BRIDGE))
                .contains(guest.mac + " dev " + guest.name + " master " + BRIDGE + " static");
        assertThat(ways()).isEqualTo(ways);
        assertThat(NetworkLab.call(guest.address.getHostAddress(), 80)).startsWith(guest.name);
        assertThat(guest.calls(INTERNET, 80)).isEqualTo("ConnectException");
        assertThat(lab.links.named(PREFIX, BRIDGE)).containsExactly(guest.name);
    }

    private static List<String> ways() throws Exception {
        // The kernel tells neighbours in the order of a hash with a seed.
        return Stream.concat(
                        run("ip", "route").lines(),
                        run("ip", "neigh", "show", "nud", "permanent").lines())
                .sorted()
                .toList();
    }

    @Test
    void everyPortOfManyAttachedAtOnceForwardsWhenItsCallReturns() throws Exception {
        List<Guest> guests = new ArrayList<>();
        for (int i = 0; i < 24; i++) {
            Guest guest = lab.new Guest(100 + i, 1, true, true);
            lab.netns.create(guest.pin());
            guests.add(guest);
        }
        List<String> states = guests.parallelStream()
                .map(guest -> {
                    try {
                        lab.links.attach(guest.veth());
                        return json("ip", "-j", "-d", "link", "show", "dev", guest.name)
                                .at("/0/linkinfo/info_slave_data/state")
                                .asText();
                    } catch (Exception e) {
                        return e.toString();
                    }
                })
                .toList();
        assertThat(states).containsOnly("forwarding").hasSize(24);
        for (Guest guest : guests) {
            lab.links.detach(guest.veth());
            lab.netns.remove(guest.pin());
        }
        assertThat(lab.links.named(PREFIX, BRIDGE)).isEmpty();
    }

    @Test
    void insideThereIsOneAddressTheGatewayAndNothingOfIpv6() throws Exception {
        Guest guest = lab.sandbox(2, 1);
        JsonNode eth0 = inside(guest, "ip", "-j", "addr", "show", "eth0").get(0);
        assertThat(eth0.get("operstate").asText()).isEqualTo("UP");
        assertThat(eth0.get("address").asText()).isEqualTo(guest.mac.toString());
        assertThat(eth0.get("addr_info")).hasSize(1);
        assertThat(eth0.at("/addr_info/0/local").asText()).isEqualTo("10.77.0.2");
        assertThat(eth0.at("/addr_info/0/prefixlen").asInt()).isEqualTo(32);
        JsonNode routes = inside(guest, "ip", "-j", "route");
        assertThat(routes).hasSize(2);
        assertThat(routes.at("/0/dst").asText()).isEqualTo("default");
        assertThat(routes.at("/0/gateway").asText()).isEqualTo("10.77.0.1");
        assertThat(routes.at("/1/dst").asText()).isEqualTo("10.77.0.1");
        assertThat(routes.at("/1/scope").asText()).isEqualTo("link");
        JsonNode neighbours = inside(guest, "ip", "-j", "neigh");
        assertThat(neighbours).hasSize(1);
        assertThat(neighbours.at("/0/state/0").asText()).isEqualTo("PERMANENT");
        assertThat(neighbours.at("/0/lladdr"))
                .isEqualTo(json("ip", "-j", "link", "show", BRIDGE).get(0).get("address"));
        assertThat(inside(guest, "ip", "-j", "link", "show", "lo")
                        .get(0)
                        .get("flags")
                        .toString())
                .contains("\"UP\"");
        assertThat(run("nsenter", "--net=" + guest.pin(), "ip", "-6", "addr")).isEmpty();
        assertThat(run(
                        "nsenter",
                        "--net=" + guest.pin(),
                        "cat",
                        "/proc/sys/net/ipv4/ip_unprivileged_port_start",
                        "/proc/sys/net/ipv4/ping_group_range"))
                .isEqualTo("0\n0\t2147483647\n");
    }

    @Test
    void attachingAndLeasingTwiceEqualsOnceAndALeaseCanBeChanged() throws Exception {
        Guest guest = lab.sandbox(2, 1);
        lab.links.attach(guest.veth());
        lab.links.lease(guest.lease());
        assertThat(lab.links.neighbours(BRIDGE)).containsExactly(guest.address);
        assertThat(lab.links.named(PREFIX, BRIDGE)).containsExactly(guest.name);
        Links.Lease later = new Links.Lease(BRIDGE, guest.pin(), NetworkLab.ip("10.77.0.9"), guest.mac, GATEWAY);
        lab.links.lease(later);
        assertThat(inside(guest, "ip", "-j", "addr", "show", "eth0").at("/0/addr_info"))
                .hasSize(1);
        assertThat(inside(guest, "ip", "-j", "route")).hasSize(2);
        lab.links.giveBack(later);
        lab.links.giveBack(later);
        assertThat(lab.links.neighbours(BRIDGE)).containsExactly(guest.address);
        lab.links.detach(guest.veth());
        lab.links.detach(guest.veth());
        assertThat(lab.links.named(PREFIX, BRIDGE)).isEmpty();
    }

    @Test
    void aNamespacesPinHasItsInodeAndTakesTheLinkAlongWhenItGoes() throws Exception {
        Guest guest = lab.sandbox(2, 1);
        long inode = lab.netns.inode(guest.pin());
        assertThat(run("nsenter", "--net=" + guest.pin(), "readlink", "/proc/self/ns/net"))
                .isEqualTo("net:[" + inode + "]\n");
        lab.netns.create(guest.pin());
        assertThat(lab.netns.inode(guest.pin())).isEqualTo(inode);
        assertThat(lab.netns.pins(lab.pins)).containsExactly(guest.name, "internet");
        lab.netns.remove(guest.pin());
        lab.netns.remove(guest.pin());
        assertThat(lab.netns.inode(guest.pin())).isZero();
        assertThat(lab.netns.pins(lab.pins)).containsExactly("internet");
        Patience.await().until(() -> lab.links.named(PREFIX, BRIDGE).isEmpty());
    }

    @Test
    void endedConnectionsOfAnAddressAreForgottenAndOthersAreNot() throws Exception {
        Guest guest = lab.sandbox(2, 1);
        Guest other = lab.sandbox(3, 1);
        lab.filter.publish(20000, List.of(guest.backend(80)));
        ServerSocket server = NetworkLab.in(guest.pin(), () -> new ServerSocket(80));
        ServerSocket world = NetworkLab.in(lab.internet, () -> new ServerSocket(443));
        try (Socket in = NetworkLab.in(lab.internet, () -> connected(HOST, 20000));
                Socket out = NetworkLab.in(other.pin(), () -> connected(INTERNET, 443));
                Socket mine = NetworkLab.in(guest.pin(), () -> connected(INTERNET, 443))) {
            assertThat(conntrack()).contains("src=10.77.0.2").contains("src=10.77.0.3");
            lab.links.endConnections(guest.address);
            assertThat(conntrack()).doesNotContain("10.77.0.2").contains("src=10.77.0.3");
            lab.links.endConnections(guest.address);
            assertThat(in.isConnected() && out.isConnected() && mine.isConnected())
                    .isTrue();
        }
        server.close();
        world.close();
    }

    private static String conntrack() throws Exception {
        return Files.readString(Path.of("/proc/thread-self/net/nf_conntrack"));
    }

    private static Socket connected(String host, int port) throws SocketException {
        Socket socket = new Socket();
        try {
            socket.connect(new InetSocketAddress(host, port), Patience.milliseconds(2000));
        } catch (java.io.IOException e) {
            throw new IllegalStateException(e);
        }
        return socket;
    }

    @Test
    void refusalsCarryTheKernelsOwnWords() throws Exception {
        Guest guest = lab.new Guest(2, 1, true, true);
        lab.netns.create(guest.pin());
        Links.Veth nowhere = new Links.Veth(guest.name, "nobridge", guest.pin(), guest.mac);
        assertThat(refusal(() -> lab.links.attach(nowhere)))
                .hasMessageContaining("nobridge")
                .hasMessageContaining("ENODEV");
        Links.Veth tooLong = new Links.Veth("hs-zz-far-too-long-a-name", BRIDGE, guest.pin(), guest.mac);
        assertThat(refusal(() -> lab.links.attach(tooLong)))
                .hasMessageStartingWith("attach hs-zz-far-too-long-a-name to bridge " + BRIDGE + ": ")
                .hasMessageContaining("Attribute failed policy validation");
        lab.netns.remove(guest.pin());
    }
}
