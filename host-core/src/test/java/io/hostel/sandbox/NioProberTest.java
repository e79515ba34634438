package io.hostel.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import io.hostel.config.Cidr;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class NioProberTest {
    private static final Duration TIMEOUT = Duration.ofSeconds(5);

    @Test
    void a_listening_port_is_well() throws Exception {
        assertThat(ask("", Optional.empty(), TIMEOUT)).isEqualTo(Prober.Answer.WELL);
    }

    @Test
    void a_port_that_nobody_listens_on_is_ill() throws Exception {
        int port;
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = server.getLocalPort();
        }
        assertThat(probe(port, Optional.empty(), TIMEOUT).why()).containsIgnoringCase("refused");
    }

    @Test
    void a_server_that_is_starting_is_well_as_soon_as_it_listens() throws Exception {
        int port;
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = server.getLocalPort();
        }
        try (NioProber prober = NioProber.open()) {
            var answer = prober.ask(
                            new Probe(target(port, Optional.empty()), System.nanoTime(), TIMEOUT, Long.MAX_VALUE / 2))
                    .toCompletableFuture();
            Thread.sleep(20);
            assertThat(answer).isNotDone();
            try (ServerSocket server = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
                assertThat(answer.get(5, TimeUnit.SECONDS)).isEqualTo(Prober.Answer.WELL);
            }
        }
    }

    @Test
    void success_and_redirection_are_well_and_other_codes_are_ill() throws Exception {
        assertThat(ask("HTTP/1.1 204 No Content\r\n\r\n", Optional.of("/"), TIMEOUT))
                .isEqualTo(Prober.Answer.WELL);
        assertThat(ask("HTTP/1.0 302 Found\r\n\r\n", Optional.of("/"), TIMEOUT)).isEqualTo(Prober.Answer.WELL);
        assertThat(ask("HTTP/1.1 503 Busy\r\n\r\n", Optional.of("/"), TIMEOUT).why())
                .isEqualTo("it answers 503");
    }

    @Test
    void what_is_not_http_is_ill() throws Exception {
        assertThat(ask("SSH-2.0-OpenSSH_9.2\r\n", Optional.of("/"), TIMEOUT).why())
                .isEqualTo("its answer is not HTTP");
    }

    @Test
    void a_server_that_never_stops_talking_is_not_listened_to_beyond_its_status() throws Exception {
        assertThat(ask("HTTP/1.1 200 OK\r\n" + "x".repeat(1 << 22), Optional.of("/"), TIMEOUT))
                .isEqualTo(Prober.Answer.WELL);
    }

    @Test
    void the_server_reads_an_end_and_no_error_and_no_socket_stays_behind() throws Exception {
        try (ServerSocket server = new ServerSocket(0, 8, InetAddress.getLoopbackAddress())) {
            int port = server.getLocalPort();
            for (int i = 0; i < 20; i++) {
                assertThat(probe(port, Optional.empty(), TIMEOUT)).isEqualTo(Prober.Answer.WELL);
                try (Socket accepted = server.accept()) {
                    assertThat(accepted.getInputStream().read()).isEqualTo(-1);
                }
            }
            // Local and remote address, then the state: 06 is TIME_WAIT.
            String ours = String.format(":%04X 06 ", port);
            assertThat(Files.readString(Path.of("/proc/net/tcp"))).doesNotContain(ours);
        }
    }

    @Test
    void an_answer_is_read_to_its_end_though_its_status_is_all_that_counts() throws Exception {
        try (ServerSocket server = new ServerSocket(0, 8, InetAddress.getLoopbackAddress());
                NioProber prober = NioProber.open()) {
            var answer = prober.probe(target(server.getLocalPort(), Optional.of("/")), Duration.ZERO, TIMEOUT)
                    .toCompletableFuture();
            try (Socket accepted = server.accept()) {
                OutputStream out = accepted.getOutputStream();
                out.write("HTTP/1.1 200 OK\r\n".getBytes(StandardCharsets.US_ASCII));
                assertThat(answer.get(5, TimeUnit.SECONDS)).isEqualTo(Prober.Answer.WELL);
                for (int i = 0; i < 20; i++) {
                    out.write(new byte[4096]);
                    Thread.sleep(2);
                }
                accepted.shutdownOutput();
                accepted.getInputStream().transferTo(OutputStream.nullOutputStream());
            }
        }
    }

    @Test
    void a_server_that_never_ends_its_answer_holds_no_descriptor() throws Exception {
        try (ServerSocket server = new ServerSocket(0, 8, InetAddress.getLoopbackAddress());
                NioProber prober = NioProber.open()) {
            Duration patient = Duration.ofMinutes(10);
            var answer = prober.probe(target(server.getLocalPort(), Optional.of("/")), Duration.ZERO, patient)
                    .toCompletableFuture();
            try (Socket accepted = server.accept()) {
                accepted.getOutputStream().write("HTTP/1.1 200 OK\r\n".getBytes(StandardCharsets.US_ASCII));
                assertThat(answer.get(5, TimeUnit.SECONDS)).isEqualTo(Prober.Answer.WELL);
                accepted.setSoTimeout(30_000);
                // To its end, which a probe that goes on would not come to.
                accepted.getInputStream().transferTo(OutputStream.nullOutputStream());
            }
        }
    }

    @Test
    void a_server_that_says_nothing_is_ill_when_the_time_is_over() throws Exception {
        assertThat(ask("", Optional.of("/"), Duration.ofMillis(50)).why()).isEqualTo("no answer within 50 ms");
    }

    @Test
    void what_is_asked_after_the_end_is_ill() throws Exception {
        NioProber prober = NioProber.open();
        prober.close();
        assertThat(prober.probe(target(1, Optional.empty()), Duration.ZERO, TIMEOUT)
                        .toCompletableFuture()
                        .get(5, TimeUnit.SECONDS)
                        .well())
                .isFalse();
    }

    /** What the prober finds at a server that accepts and says something, whatever it is asked. */
    private static Prober.Answer ask(String words, Optional<String> http, Duration timeout) throws Exception {
        try (ServerSocket server = new ServerSocket(0, 8, InetAddress.getLoopbackAddress())) {
            Thread talker = new Thread(() -> talk(server, words), "talker");
            talker.setDaemon(true);
            talker.start();
            return probe(server.getLocalPort(), http, timeout);
        }
    }

    private static void talk(ServerSocket server, String words) {
        try (Socket socket = server.accept();
                OutputStream out = socket.getOutputStream()) {
            socket.getInputStream().read();
            out.write(words.getBytes(StandardCharsets.US_ASCII));
            out.flush();
            socket.getInputStream().transferTo(OutputStream.nullOutputStream());
        } catch (SocketException e) {
            // the prober has hung up
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static Prober.Answer probe(int port, Optional<String> http, Duration timeout) throws Exception {
        try (NioProber prober = NioProber.open()) {
            return prober.probe(target(port, http), Duration.ofMillis(2), timeout)
                    .toCompletableFuture()
                    .get(10, TimeUnit.SECONDS);
        }
    }

    private static Prober.Target target(int port, Optional<String> http) {
        return new Prober.Target(Cidr.parseAddress("127.0.0.1"), port, http);
    }
}
