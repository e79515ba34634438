package io.hostel.kernel.linux;

import static io.hostel.kernel.linux.NetworkLab.BOUNDS;
import static io.hostel.kernel.linux.NetworkLab.CLOSED;
import static io.hostel.kernel.linux.NetworkLab.HOST;
import static io.hostel.kernel.linux.NetworkLab.INTERNET;
import static io.hostel.kernel.linux.NetworkLab.run;
import static org.assertj.core.api.Assertions.assertThat;

import io.hostel.kernel.linux.NetworkLab.Guest;
import io.hostel.netlink.NetlinkSocket;
import io.hostel.netlink.conntrack.Connection;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Who holds connections takes nobody else's room: not the victim's, not other tenants', not the machine's. */
class ConnectionBoundsIT {
    private static final int PORT = 20000;
    private static final String ANOTHER = "203.0.113.3";
    private static final String FORGED = "198.51.100.";

    private final List<AutoCloseable> held = new ArrayList<>();
    private NetworkLab lab;
    private Guest victim;

    @BeforeEach
    void make() throws Exception {
        lab = new NetworkLab();
        run("nsenter", "--net=" + lab.internet, "ip", "addr", "add", ANOTHER + "/24", "dev", "world1");
        run("ip", "route", "add", FORGED + "0/24", "via", INTERNET);
        victim = lab.sandbox(4, 2);
        held.add(NetworkLab.in(victim.pin(), () -> new ServerSocket(80, 500)));
        lab.filter.publish(PORT, List.of(victim.backend(80)));
    }

    @AfterEach
    void clear() throws Exception {
        for (AutoCloseable one : held) one.close();
        lab.close();
    }

    @Test
    void oneCallerOfTheWorldLeavesTheOthersIn() throws Exception {
        assertThat(hold(lab.internet, INTERNET, HOST, PORT, BOUNDS.sandbox())).isEqualTo(BOUNDS.source());
        assertThat(hold(lab.internet, ANOTHER, HOST, PORT, 1)).isOne();
    }

    @Test
    void allSandboxesOfOneTenantTogetherLeaveTheWorldAndOtherTenantsIn() throws Exception {
        int taken = 0;
        for (int number : new int[] {10, 11, 12}) {
            taken += hold(lab.sandbox(number, 1).pin(), "0.0.0.0", HOST, PORT, BOUNDS.source());
        }
        assertThat(taken).isEqualTo(BOUNDS.source());
        assertThat(hold(lab.internet, INTERNET, HOST, PORT, 1)).isOne();
        assertThat(hold(lab.sandbox(13, 3).pin(), "0.0.0.0", HOST, PORT, 1)).isOne();
    }

    @Test
    void noCallerAloneTakesAllThatAllSandboxesOfATenantMayTake() throws Exception {
        for (int number : new int[] {5, 6}) {
            Guest sibling = lab.sandbox(number, 2);
            held.add(NetworkLab.in(sibling.pin(), () -> new ServerSocket(80, 500)));
            lab.filter.publish(PORT + number, List.of(sibling.backend(80)));
        }
        Guest stranger = lab.sandbox(10, 1);
        int ofWorld = 0;
        int ofTenant = 0;
        for (int port : new int[] {PORT, PORT + 5, PORT + 6}) {
            ofWorld += hold(lab.internet, INTERNET, HOST, port, BOUNDS.source());
            ofTenant += hold(stranger.pin(), "0.0.0.0", HOST, port, BOUNDS.source());
        }
        assertThat(ofWorld).isEqualTo(2 * BOUNDS.source());
        assertThat(ofTenant).isEqualTo(2 * BOUNDS.source());
        assertThat(hold(lab.internet, ANOTHER, HOST, PORT + 6, 1)).isOne();
        assertThat(hold(lab.sandbox(11, 3).pin(), "0.0.0.0", HOST, PORT + 6, 1)).isOne();
    }

    @Test
    void whatMayNotPassIsNotCounted() throws Exception {
        Guest stranger = lab.sandbox(10, 1);
        assertThat(hold(stranger.pin(), "0.0.0.0", victim.address.getHostAddress(), 80, 1)).isZero();
        String rules = run("nft", "list", "table", "inet", NetworkLab.BRIDGE);
        assertThat(rules).doesNotContain(victim.address.getHostAddress() + " ct count");
        assertThat(rules).doesNotContain("0x20000002 ct count");
    }

    @Test
    void anEarlierDaemonsCountsTakeTheNextOnesBounds() throws Exception {
        lab.filter.bound(2, 12);
        assertThat(hold(lab.internet, INTERNET, HOST, PORT, 1)).isOne();
        try (LinuxPacketFilter next = new LinuxPacketFilter(NetworkLab.BRIDGE)) {
            next.retain(Set.of(PORT), Set.of(), Map.of(2, 2));
        }
        assertThat(hold(lab.internet, INTERNET, HOST, PORT, 3)).isEqualTo(2);
    }

    @Test
    void itsOwnTenantsAndLinkedOnesAreNoStrangers() throws Exception {
        lab.filter.link(2, 3);
        int more = BOUNDS.source() + 1;
        assertThat(hold(lab.sandbox(10, 2).pin(), "0.0.0.0", HOST, PORT, more)).isEqualTo(more);
        assertThat(hold(lab.sandbox(11, 3).pin(), "0.0.0.0", HOST, PORT, more)).isEqualTo(more);
    }

    @Test
    void handshakesThatAreNeverFinishedAreForgottenAndServicesReachedAgain() throws Exception {
        Patience.await().until(() -> {
            forge(BOUNDS.sandbox() + 10);
            return hold(lab.internet, INTERNET, HOST, PORT, 1) == 0; // as long as they last
        });
        Patience.await()
                .atMost(Patience.seconds(20)) // a minute, by the machine's own settings
                .until(() -> hold(lab.internet, INTERNET, HOST, PORT, 1) == 1);
    }

    /** Begins so many connections, each in the name of another address that never answers. */
    private void forge(int many) throws Exception {
        String program = String.join(
                "\n",
                "import socket, struct",
                "s = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)",
                "def sum16(b):",
                "  t = sum(struct.unpack('!%dH' % (len(b) // 2), b))",
                "  while t >> 16: t = (t & 0xffff) + (t >> 16)",
                "  return ~t & 0xffff",
                "to = socket.inet_aton('" + HOST + "')",
                "for n in range(" + many + "):",
                "  of = socket.inet_aton('" + FORGED + "%d' % (1 + n))",
                "  tcp = struct.pack('!HHIIBBHHH', 1025 + n, " + PORT + ", n, 0, 80, 2, 1024, 0, 0)",
                "  c = sum16(of + to + struct.pack('!BBH', 0, 6, 20) + tcp)",
                "  tcp = tcp[:16] + struct.pack('!H', c) + tcp[18:]",
                "  ip = struct.pack('!BBHHHBBH4s4s', 69, 0, 40, n + 1, 0, 64, 6, 0, of, to)",
                "  s.sendto(ip + tcp, ('" + HOST + "', 0))");
        run("nsenter", "--net=" + lab.internet, "python3", "-c", program);
    }

    @Test
    void aTenantsSandboxesTogetherOpenNoMoreThanItsQuotaAndNobodyElseNotices() throws Exception {
        held.add(NetworkLab.in(lab.internet, () -> new ServerSocket(443, 500)));
        held.add(NetworkLab.in(lab.sandbox(20, 1).pin(), () -> new ServerSocket(81, 500)));
        lab.filter.publish(PORT + 1, List.of(lab.new Guest(20, 1, true, true).backend(81)));
        lab.filter.bound(1, 10);
        Guest one = lab.sandbox(10, 1);
        assertThat(hold(one.pin(), "0.0.0.0", INTERNET, 443, 6)).isEqualTo(6);
        assertThat(hold(lab.sandbox(11, 1).pin(), "0.0.0.0", INTERNET, 443, 6)).isEqualTo(4);
        assertThat(hold(victim.pin(), "0.0.0.0", INTERNET, 443, 1)).isOne();
        assertThat(hold(lab.internet, INTERNET, HOST, PORT + 1, 1))
                .as("who has called a lot is still called")
                .isOne();

        lab.filter.bound(1, 12);
        assertThat(hold(one.pin(), "0.0.0.0", INTERNET, 443, 2)).as("a new bound is in force").isEqualTo(2);
        lab.filter.bound(1, 2);
        assertThat(hold(one.pin(), "0.0.0.0", INTERNET, 443, 3)).isEqualTo(2);
        lab.filter.retain(Set.of(PORT, PORT + 1), Set.of(), Map.of(2, 1)); // as the next daemon does, at once for all
        assertThat(run("nft", "list", "map", "inet", NetworkLab.BRIDGE, "bounds"))
                .contains("{ 0x00000002 : goto c1, 0x20000002 : goto c1 }");
        lab.filter.unbound(2);
        assertThat(run("nft", "list", "map", "inet", NetworkLab.BRIDGE, "bounds")).doesNotContain("elements");
    }

    @Test
    void noMoreIsOpenedToATenantsSandboxesTogetherThanItsQuota() throws Exception {
        Guest sibling = lab.sandbox(5, 2);
        held.add(NetworkLab.in(sibling.pin(), () -> new ServerSocket(80, 500)));
        lab.filter.publish(PORT + 1, List.of(sibling.backend(80)));
        lab.filter.bound(2, 10);
        assertThat(hold(lab.internet, INTERNET, HOST, PORT, 7)).isEqualTo(7);
        assertThat(hold(lab.internet, INTERNET, HOST, PORT + 1, 7)).isEqualTo(3);
        held.add(NetworkLab.in(lab.internet, () -> new ServerSocket(443, 500)));
        assertThat(hold(victim.pin(), "0.0.0.0", INTERNET, 443, 1))
                .as("who is called a lot still calls")
                .isOne();
    }

    @Test
    void oneTenantLeavesTheOthersAndTheHostThePortsFromWhichAServiceIsCalled() throws Exception {
        for (int port : new int[] {443, 444}) held.add(NetworkLab.in(lab.internet, () -> new ServerSocket(port, 500)));
        int taken = 0;
        for (int number : new int[] {10, 11, 12}) {
            taken += hold(lab.sandbox(number, 1).pin(), "0.0.0.0", INTERNET, 443, BOUNDS.sandbox() - 5);
        }
        assertThat(taken).isEqualTo(BOUNDS.service()).isLessThan(BOUNDS.tenant());
        assertThat(hold(lab.sandbox(13, 1).pin(), "0.0.0.0", INTERNET, 444, 1)).as("another service").isOne();
        assertThat(hold(lab.sandbox(14, 3).pin(), "0.0.0.0", INTERNET, 443, 1)).as("another tenant").isOne();
    }

    @Test
    void soWithQuestionsToAResolverWhichAreForgottenOnceTheyAreAnswered() throws Exception {
        try (DatagramSocket resolver = NetworkLab.in(lab.internet, () -> new DatagramSocket(53, InetAddress.getByName(CLOSED)))) {
            Thread answering = new Thread(() -> echo(resolver));
            answering.setDaemon(true);
            answering.start();
            int answered = 0;
            for (int number : new int[] {10, 11}) {
                Path pin = lab.sandbox(number, 1).pin();
                for (int i = 0; i < BOUNDS.sandbox(); i++) {
                    if (NetworkLab.in(pin, ConnectionBoundsIT::asks)) answered++;
                }
            }
            assertThat(answered).isEqualTo(BOUNDS.service());
            Guest other = lab.sandbox(12, 3);
            assertThat(NetworkLab.in(other.pin(), ConnectionBoundsIT::asks)).isTrue();
            Patience.await()
                    .atMost(Patience.seconds(20)) // half a minute, by the machine's own settings
                    .until(() -> tracked(other) == 0);
        }
    }

    private static void echo(DatagramSocket resolver) {
        DatagramPacket packet = new DatagramPacket(new byte[64], 64);
        try {
            while (true) {
                resolver.receive(packet);
                resolver.send(packet);
            }
        } catch (IOException e) {
            // closed
        }
    }

    /** From a port of its own. */
    private static boolean asks() throws IOException {
        try (DatagramSocket socket = new DatagramSocket()) {
            socket.setSoTimeout(Patience.silence(200));
            socket.send(new DatagramPacket(new byte[1], 1, InetAddress.getByName(CLOSED), 53));
            socket.receive(new DatagramPacket(new byte[1], 1));
            return true;
        } catch (SocketTimeoutException e) {
            return false;
        }
    }

    private static long tracked(Guest guest) throws Exception {
        try (NetlinkSocket netfilter = NetlinkSocket.netfilter()) {
            return netfilter.dump(Connection.all()).stream()
                    .map(Connection::of)
                    .filter(c -> c.isOfAny(Set.of(guest.address)))
                    .count();
        }
    }

    @Test
    void deniedPortsAreShutAndThoseBesideThemOpen() throws Exception {
        for (int port : new int[] {25, 26, 5999, 6000, 6063, 6064}) lab.serve(lab.internet, "port " + port, port);
        for (int open : new int[] {26, 5999, 6064}) {
            assertThat(victim.calls(INTERNET, open)).startsWith("port " + open);
        }
        for (int closed : new int[] {25, 6000, 6063}) {
            assertThat(victim.calls(INTERNET, closed)).isEqualTo("SocketTimeoutException");
        }
    }

    /** @return how many of so many connections are open, and stay so; none is tried after one that is not */
    private int hold(Path pin, String from, String host, int port, int many) throws Exception {
        for (int i = 0; i < many; i++) {
            boolean open = NetworkLab.in(pin, () -> {
                Socket socket = new Socket();
                try {
                    socket.bind(new InetSocketAddress(from, 0));
                    socket.connect(new InetSocketAddress(host, port), Patience.silence(500));
                    held.add(socket);
                    return true;
                } catch (SocketTimeoutException e) {
                    socket.close();
                    return false;
                }
            });
            if (!open) return i;
        }
        return many;
    }
}
