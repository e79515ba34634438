package io.hostel.kernel.linux;

import static org.assertj.core.api.Assertions.assertThat;

import io.hostel.kernel.ProcessIdentity;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class TcpListenersIT {
    private final LinuxHostNetwork network = new LinuxHostNetwork();

    @Test
    void whoListensForIpv4ByWhateverAddressIsFoundAndNobodyElse() throws Exception {
        NetworkLab.run("ip", "link", "set", "lo", "up");
        try (ServerSocket everywhere = listening("0.0.0.0", 20001);
                ServerSocket loopback = listening("127.0.0.1", 20002);
                ServerSocket other = listening("127.3.2.1", 20003);
                Ipv6 ipv6 = new Ipv6("('::', 20004), ('::ffff:127.0.0.1', 20005), ('::1', 20006)");
                Socket connected = new Socket("127.0.0.1", 20002)) {
            assertThat(network.listening()).containsExactlyInAnyOrder(20001, 20002, 20003, 20004, 20005);
            try (LinuxProcesses processes = new LinuxProcesses()) {
                ProcessIdentity one = processes.identify((int) ipv6.pid()).orElseThrow();
                assertThat(processes.listening(one))
                        .containsExactlyInAnyOrder(
                                new InetSocketAddress("0.0.0.0", 20001),
                                new InetSocketAddress("127.0.0.1", 20002),
                                new InetSocketAddress("127.3.2.1", 20003),
                                new InetSocketAddress("0.0.0.0", 20004),
                                new InetSocketAddress("127.0.0.1", 20005));
            }
            assertThat(connected.isConnected() && ipv6.serves()).isTrue();
            assertThat(everywhere.isBound() && loopback.isBound() && other.isBound())
                    .isTrue();
        }
        assertThat(network.listening()).isEmpty();
    }

    @Test
    void whatASandboxListensOnIsItsOwnAffair() throws Exception {
        try (NetworkLab lab = new NetworkLab()) {
            lab.sandbox(2, 1).serving(20001);
            assertThat(network.listening()).isEmpty();
            lab.serve(Path.of("/proc/self/ns/net"), "the machine's", 20001);
            assertThat(network.listening()).containsExactly(20001);
        }
    }

    /** Listens by IPv6, which a Java that was started where there was none does not know. */
    private static final class Ipv6 implements AutoCloseable {
        private final Process process;

        /** @param addresses as Python has them */
        Ipv6(String addresses) throws Exception {
            String program = String.join(
                    "\n",
                    "import socket, sys",
                    "held = []",
                    "for to in [" + addresses + "]:",
                    "  s = socket.socket(socket.AF_INET6)",
                    "  s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)",
                    "  s.bind(to)",
                    "  s.listen()",
                    "  held.append(s)",
                    "print('listening', flush=True)",
                    "sys.stdin.read()");
            process = new ProcessBuilder("python3", "-c", program)
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            assertThat(process.inputReader().readLine()).isEqualTo("listening");
        }

        long pid() {
            return process.pid();
        }

        boolean serves() {
            return process.isAlive();
        }

        @Override
        public void close() throws Exception {
            process.outputWriter().close();
            process.waitFor();
        }
    }

    private static ServerSocket listening(String address, int port) throws Exception {
        return new ServerSocket(port, 10, InetAddress.getByName(address));
    }
}
