package io.hostel.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hostel.config.Cidr;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
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
    void a_probe_ends_by_a_reset_so_that_connection_tracking_forgets_it_soon() throws Exception {
        try (ServerSocket server = new ServerSocket(0, 8, InetAddress.getLoopbackAddress())) {
            assertThat(probe(server.getLocalPort(), Optional.empty(), TIMEOUT)).isEqualTo(Prober.Answer.WELL);
            try (Socket accepted = server.accept()) {
                assertThatThrownBy(() -> accepted.getInputStream().read()).hasMessageContaining("reset");
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
