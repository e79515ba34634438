package io.hostel.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A command that writes as fast as it can is kept waiting by its own log's rate, and by nothing else that may befall its log. */
final class LogPressureIT {
    /** Writes numbered lines without end once it was asked for /go; answers with how many it has written. */
    private static final String FLOOD = """
            import http.server, os, threading
            written = 0
            def flood():
                global written
                while True:
                    lines = b"".join(b"line %d of many\\n" % i for i in range(written + 1, written + 101))
                    while lines:
                        lines = lines[os.write(1, lines):]
                    written += 100
            class H(http.server.BaseHTTPRequestHandler):
                def do_GET(self):
                    if self.path == "/go": threading.Thread(target=flood, daemon=True).start()
                    self.send_response(200)
                    self.end_headers()
                    self.wfile.write(str(written).encode())
                def log_message(self, *a): pass
            http.server.ThreadingHTTPServer(("", int(os.environ["PORT"])), H).serve_forever()
            """;

    /** What fits neither in a pipe, which takes 64 KiB, nor in sockets on the way to a reader. */
    private static final long MANY = 20_000;

    @RegisterExtension
    @Order(1)
    static final LogDisk DISK = new LogDisk();

    @RegisterExtension
    @Order(2)
    static final Host HOST = new Host(
            "-Dhostel.log-dir=" + DISK.directory(),
            "-Dhostel.logs.max-per-sandbox=4MiB",
            "-Dhostel.logs.max-rate=512KiB");

    private Tenant alice;
    private App app;
    private String url = "";

    @BeforeEach
    void deploy() {
        alice = HOST.tenant("alice");
        app = alice.web("flood", Program.of("python3", "-c", FLOOD).with("port", 8080));
        url = app.url("web");
    }

    @AfterEach
    void clean() throws IOException {
        DISK.makeRoom();
        alice.delete();
    }

    private long written() {
        return Long.parseLong(Shell.curl(url).strip());
    }

    /** @return how many lines there were then */
    private long goesOn(String whatever) {
        long before = written();
        Awaitility.await("it writes on " + whatever).atMost(Host.PATIENCE).until(() -> written() > before + MANY);
        return written();
    }

    private List<JsonNode> log() {
        List<JsonNode> lines = new ArrayList<>();
        app.api()
                .send(
                        "GET",
                        app.path() + "/logs?tail=2000",
                        java.net.http.HttpRequest.BodyPublishers.noBody(),
                        Map.of("Accept", "application/x-ndjson"))
                .text()
                .lines()
                .map(LogPressureIT::parse)
                .forEach(lines::add);
        return lines;
    }

    private static JsonNode parse(String line) {
        try {
            return Answer.JSON.readTree(line);
        } catch (com.fasterxml.jackson.core.JsonProcessingException e) {
            throw new AssertionError(line, e);
        }
    }

    private static boolean isNewerThan(long number, JsonNode line) {
        String text = line.path("line").asText();
        return text.matches("line [0-9]+ of many") && Long.parseLong(text.split(" ", -1)[1]) > number;
    }

    /** What is written now comes into the log. */
    private void logGoesOnAfter(long number) {
        Awaitility.await("the log goes on")
                .atMost(Host.PATIENCE)
                .untilAsserted(() -> assertThat(log()).anyMatch(line -> isNewerThan(number, line)));
    }

    /** What is written now comes into the log, and what did not is counted. */
    private void logGoesOnAfter(long number, String reason) {
        Awaitility.await("the log goes on, and says what it has not")
                .atMost(Host.PATIENCE)
                .untilAsserted(() -> {
                    assertThat(log()).anyMatch(line -> isNewerThan(number, line));
                    assertThat(files())
                            .containsPattern(" host F dropped [1-9][0-9]* lines, [1-9][0-9]* bytes: "
                                    + Pattern.quote(reason) + "\n");
                });
    }

    /** All that lies on the log's disk: more than a reader of the newest lines is given. */
    private static String files() throws IOException {
        StringBuilder all = new StringBuilder();
        try (Stream<Path> files = Files.walk(DISK.directory())) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                try {
                    all.append(Files.readString(file, StandardCharsets.ISO_8859_1));
                } catch (NoSuchFileException rotatedMeanwhile) {
                    continue; // whoever asks looks again
                }
            }
        }
        return all.toString();
    }

    @Test
    void aDeadHostStopsNeitherTheCommandNorItsLog() throws Exception {
        Shell.curl(url + "go");
        HOST.daemon().kill();
        long then = goesOn("without a host");
        HOST.startAgain();
        logGoesOnAfter(then);
        assertThat(app.sandbox().view().path("restarts").asInt()).isZero();
    }

    @Test
    void aReaderThatDoesNotReadStopsNobody() throws Exception {
        Shell.curl(url + "go");
        URI api = URI.create(HOST.daemon().api());
        try (Socket reader = new Socket(api.getHost(), api.getPort())) {
            String request =
                    "GET " + app.path() + "/logs?follow=true HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer "
                            + app.api().token() + "\r\n\r\n";
            reader.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
            assertThat(reader.getInputStream().read()).isEqualTo('H');
            long then = goesOn("beside a reader that has stopped");
            logGoesOnAfter(then);
        }
    }

    @Test
    void aFullDiskStopsNobodyAndTheLogGoesOnWhenThereIsRoom() throws Exception {
        DISK.fill();
        Shell.curl(url + "go");
        long then = goesOn("though its log's disk is full");
        assertThat(log()).as("but for what fits in its last page").noneMatch(line -> isNewerThan(MANY / 2, line));
        DISK.makeRoom();
        logGoesOnAfter(then, "the log's disk refused them (No space left on device)");
    }

    @Test
    void noLogOfTheHostsHoldsWhatIsInTheEnvironment() throws Exception {
        String secret = "s3cret-" + Long.toHexString(System.nanoTime());
        for (String program : List.of("sh", "no-such-program")) {
            App crashing = alice.app("crashing-" + program);
            crashing.deploy(Release.of(
                            "web",
                            Program.of(program, "-c", "echo out; echo err >&2; exit 3")
                                    .with("health", Map.of("startup", Patience.duration(3))))
                    .with("env", Map.of("TOKEN", secret)));
            Sandbox sandbox = new Sandbox(app, app.sandbox().id());
            sandbox.exec(Map.of("command", List.of("no-such-program"), "env", Map.of("TOKEN", secret)));
            assertThat(log(crashing)).as("the app's log").doesNotContain(secret);
        }
        assertThat(HOST.operator().get("/v1/events?since=0").text())
                .contains("sandbox.exited")
                .doesNotContain(secret);
        assertThat(Machine.read(HOST.log())).doesNotContain(secret);
        assertThat(HOST.anonymous().get("/metrics").text()).doesNotContain(secret);
        assertThat(files()).contains("stdout F out").doesNotContain(secret);
    }

    private static String log(App of) {
        return of.api().get(of.path() + "/logs?tail=1000").text();
    }
}
