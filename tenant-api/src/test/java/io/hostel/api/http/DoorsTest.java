package io.hostel.api.http;

import static io.hostel.api.http.HttpApiTest.isProblem;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.hostel.api.ExecOutcome;
import io.hostel.api.Output;
import io.hostel.config.CallRates;
import java.io.IOException;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Nobody takes the doors from the others: calls, uploads, connections, answers, and by which names the host is asked. */
final class DoorsTest {
    private static final String EXEC = "/apps/shop/sandboxes/h0abcdefghij/exec";
    private final List<Socket> sockets = new ArrayList<>();
    private ServedApi served = new ServedApi(true);

    @AfterEach
    void close() throws IOException {
        for (Socket socket : sockets) {
            socket.close();
        }
        served.close();
    }

    private void tenant(String name) {
        served.host.tenants.put(name, FakeTenantOperations.QUOTA);
        served.json("POST", "/v1/tenants/" + name + "/apps/shop/releases", "op", HttpApiTest.SPEC);
    }

    private Socket send(String text) throws IOException {
        Socket socket = served.connect();
        sockets.add(socket);
        socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
        return socket;
    }

    private Socket exec(String tenant) throws IOException {
        String body = "{\"command\":[\"sleep\"]}";
        return send("POST /v1/tenants/" + tenant + EXEC + " HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer "
                + tenant + "-token\r\nContent-Type: application/json\r\nContent-Length: " + body.length() + "\r\n\r\n"
                + body);
    }

    @Test
    void whateverEightTenantsHaveUnderWayTheOthersAndTheOperatorAreAnswered() throws Exception {
        served.host.endless = new CompletableFuture<>();
        tenant("bob");
        int before = 0;
        for (int i = 0; i < 8; i++) {
            tenant("t" + i);
            for (int j = 0; j < 128; j++) {
                exec("t" + i);
            }
            // What is not executing was refused.
            int last = before;
            await().until(() -> served.host.executing.get() > last);
            await().until(() -> {
                int now = served.host.executing.get();
                Thread.sleep(100);
                return now == served.host.executing.get();
            });
            before = served.host.executing.get();
        }
        assertThat(before).isBetween(96, 512);
        assertThat(served.get("/v1/tenants/bob", "bob-token").status()).isEqualTo(200);
        assertThat(served.get("/v1/tenants/bob", "op").status()).isEqualTo(200);
        assertThat(served.get("/v1/tenants/t0", "t0-token").status()).as("its own reads").isEqualTo(200);
        isProblem(
                served.json("POST", "/v1/tenants/t0" + EXEC, "t0-token", "{\"command\":[\"x\"]}"), 429, "too-many-calls");
        exec("bob");
        int all = before;
        await().until(() -> served.host.executing.get() == all + 1);
        served.host.endless.complete(
                new ExecOutcome(
                        0,
                        Optional.empty(),
                        Output.of(new byte[0]),
                        Output.of(new byte[0]),
                        false,
                        false,
                        false,
                        0.1,
                        0.01));
        await().until(() -> served.json("POST", "/v1/tenants/t0" + EXEC + "", "t0-token", "{\"command\":[\"x\"]}")
                        .status()
                == 200);
    }

    @Test
    void callsThatComeTooFastAreToldWhenToComeAgain() {
        served.close();
        served = new ServedApi(true, Deadlines.STANDARD, new CallRates(1, 10), () -> 0);
        tenant("ann");
        tenant("bob");
        for (int i = 0; i < Rates.DEPTH_SECONDS; i++) {
            served.json("POST", "/v1/tenants/ann/tokens", "ann-token", "{\"label\":\"x\"}");
        }
        ServedApi.Reply refused = served.json("POST", "/v1/tenants/ann/tokens", "ann-token", "{\"label\":\"x\"}");
        isProblem(refused, 429, "too-many-calls");
        assertThat(refused.header("Retry-After")).isEqualTo("1");
        assertThat(served.get("/v1/tenants/ann", "ann-token").status()).as("reads have their own").isEqualTo(200);
        assertThat(served.json("POST", "/v1/tenants/bob/tokens", "bob-token", "{\"label\":\"x\"}")
                        .status())
                .isEqualTo(201);
        assertThat(served.json("POST", "/v1/tenants/ann/tokens", "op", "{\"label\":\"x\"}")
                        .status())
                .isEqualTo(201);
    }

    @Test
    void whoShowsATokenWhereNoneIsNeededIsNotHeldToWhatAllWithoutOneShare() {
        served.close();
        served = new ServedApi(true, Deadlines.STANDARD, new CallRates(1, 1), () -> 0);
        for (int i = 0; i < Rates.DEPTH_SECONDS; i++) {
            assertThat(served.get("/healthz", "").status()).isEqualTo(200);
        }
        ServedApi.Reply refused = served.get("/metrics", "");
        isProblem(refused, 429, "too-many-calls");
        assertThat(refused.json().path("detail").asText()).contains("without a token").doesNotContain("tenant");
        for (String path : List.of("/healthz", "/readyz", "/metrics", "/openapi.json", "/healthz", "/healthz")) {
            assertThat(served.get(path, "op").status()).as(path).isEqualTo(200);
        }
        assertThat(served.get("/healthz", "ann-token").status()).isEqualTo(200);
        isProblem(served.get("/healthz", "nobody's"), 429, "too-many-calls");
    }

    @Test
    void connectionsThatNeverAskMakeRoomForThoseThatDo() throws Exception {
        Socket first = send("GET /healthz HTTP/1.1\r\nHos");
        for (int i = 0; i < 3 * Idle.MOST; i++) {
            send("GET /healthz HTTP/1.1\r\nHos");
        }
        assertThat(served.raw("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes(StandardCharsets.US_ASCII)))
                .startsWith("HTTP/1.1 200");
        first.setSoTimeout(20_000);
        assertThat(first.getInputStream().read()).as("the oldest").isEqualTo(-1);
        sockets.get(sockets.size() - 1)
                .getOutputStream()
                .write("t: localhost\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        sockets.get(sockets.size() - 1).setSoTimeout(20_000);
        assertThat(sockets.get(sockets.size() - 1).getInputStream().read()).as("the youngest").isEqualTo('H');
    }

    @Test
    void aTenantWithoutAnUploadGetsThePlaceOfTheSlowestOfThoseWithSeveral() throws Exception {
        List<Socket> open = new ArrayList<>();
        for (int i = 0; i < 8 && open.size() < Uploads.ALL; i++) {
            tenant("t" + i);
            for (int j = 0; j < Uploads.EACH; j++) {
                Socket upload = send("POST /v1/tenants/t" + i + "/artifacts HTTP/1.1\r\nHost: localhost\r\n"
                        + "Authorization: Bearer t" + i + "-token\r\nContent-Type: application/x-tar\r\n"
                        + "Content-Length: 3\r\n\r\na");
                int before = open.size();
                await().until(() -> served.api.uploads() > before
                        || upload.getInputStream().available() > 0);
                if (served.api.uploads() > before) {
                    open.add(upload);
                }
            }
        }
        assertThat(open).hasSize(Uploads.ALL);
        tenant("bob");
        assertThat(served.send(
                                "POST",
                                "/v1/tenants/bob/artifacts",
                                "bob-token",
                                java.net.http.HttpRequest.BodyPublishers.ofString("x"),
                                "Content-Type",
                                "application/x-tar")
                        .status())
                .isEqualTo(201);
        List<Socket> cut = new ArrayList<>();
        await().until(() -> {
            for (Socket upload : open) {
                if (!cut.contains(upload) && upload.getInputStream().available() >= 12) {
                    cut.add(upload);
                }
            }
            return !cut.isEmpty();
        });
        assertThat(new String(cut.get(0).getInputStream().readNBytes(12), StandardCharsets.US_ASCII))
                .isEqualTo("HTTP/1.1 429");
        assertThat(cut).hasSize(1);
        assertThat(served.api.uploads()).as("the others go on").isEqualTo(Uploads.ALL - 1);
    }

    /** As many bytes as one likes, none of which is in memory. */
    private static Output of(byte each, long size, AtomicInteger closed) {
        return new Output() {
            @Override
            public long size() {
                return size;
            }

            @Override
            public int read(ByteBuffer into, long position) {
                byte[] some = new byte[(int) Math.min(into.remaining(), size - position)];
                Arrays.fill(some, each);
                into.put(some);
                return some.length;
            }

            @Override
            public void close() {
                closed.incrementAndGet();
            }
        };
    }

    @Test
    void whatACommandWroteIsSentAsItIsTaken() {
        tenant("ann");
        AtomicInteger closed = new AtomicInteger();
        served.host.stdout = of((byte) 0, 1 << 20, closed);
        served.host.stderr = of((byte) 'e', 3, closed);
        ServedApi.Reply reply = served.json("POST", "/v1/tenants/ann" + EXEC, "ann-token", "{\"command\":[\"x\"]}");
        assertThat(reply.status()).isEqualTo(200);
        assertThat(reply.header("Content-Length")).as("of an answer that is nowhere as a whole").isEmpty();
        assertThat(reply.json().path("stdout").asText()).hasSize(1 << 20).matches("\0*");
        assertThat(reply.json().path("stderr").asText()).isEqualTo("eee");
        assertThat(reply.json().path("exitCode").asInt()).isEqualTo(137);
        await().untilAsserted(() -> assertThat(closed).hasValueGreaterThanOrEqualTo(2));
    }

    @Test
    void charactersThatLieAcrossPiecesAreWhole() throws Exception {
        String text = "€\uD83D\uDE00\"\\\n\u0001".repeat(40_000);
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        JsonText json = new JsonText(Output.of(bytes));
        StringBuilder all = new StringBuilder("\"");
        for (var piece = json.next(); piece != null; piece = json.next()) {
            assertThat(piece.size()).isLessThan(64 << 10);
            all.append(piece.utf8String());
        }
        assertThat(Json.read(all.append('"').toString()).asText()).isEqualTo(text);
        assertThat(all.toString()).isEqualTo(Json.write(text));
    }

    @Test
    void aBodyOfManyTinyValuesIsRefusedBeforeItIsATree() {
        isProblem(
                served.json("POST", "/v1/tenants", "op", "{\"id\":[" + "{},".repeat(40_000) + "0]}"), 400, "malformed");
    }

    @Test
    void aHeadOfManyLongHeadersIsRefused() {
        String[] headers = new String[32];
        for (int i = 0; i < headers.length; i += 2) {
            headers[i] = "X-" + i;
            headers[i + 1] = "y".repeat(1_900);
        }
        isProblem(served.get("/v1/tenants", "op", headers), 431, "too-large");
    }

    @ParameterizedTest
    @ValueSource(strings = {"evil.example", "evil.example:7070", "localhost.evil.example", "10.0.0.1.evil.example"})
    void byAStrangersNameNothingIsToldWithoutAToken(String name) throws IOException {
        for (String path : List.of("/healthz", "/readyz", "/metrics", "/openapi.json")) {
            assertThat(served.raw(("GET " + path + " HTTP/1.1\r\nHost: " + name + "\r\n\r\n")
                            .getBytes(StandardCharsets.US_ASCII)))
                    .startsWith("HTTP/1.1 421")
                    .contains("/problems/misdirected");
        }
        assertThat(served.raw(("GET /healthz HTTP/1.1\r\nHost: " + name + "\r\nAuthorization: Bearer op\r\n\r\n")
                        .getBytes(StandardCharsets.US_ASCII)))
                .as("behind a proxy")
                .startsWith("HTTP/1.1 200");
    }

    @ParameterizedTest
    @ValueSource(strings = {"localhost", "LOCALHOST:80", "127.0.0.1:7070", "[::1]:7070", "192.168.1.7"})
    void byItsOwnNamesTheHostAnswers(String name) throws IOException {
        assertThat(served.raw(
                        ("GET /healthz HTTP/1.1\r\nHost: " + name + "\r\n\r\n").getBytes(StandardCharsets.US_ASCII)))
                .startsWith("HTTP/1.1 200");
    }

    @Test
    void theOldProtocolNeedsNoHostAndTheNewOneDoes() throws IOException {
        assertThat(served.raw("GET /healthz HTTP/1.0\r\n\r\n".getBytes(StandardCharsets.US_ASCII)))
                .contains(" 200 ")
                .endsWith("{\"status\":\"alive\"}");
        assertThat(served.raw("GET /healthz HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.US_ASCII)))
                .startsWith("HTTP/1.1 400");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET *",
                "OPTIONS *",
                "HEAD *",
                "GET http://localhost",
                "CONNECT localhost:80",
                "GET ?x",
                "GET //",
                "POST *",
                "GET /%00",
                "GET /v1/tenants/%2e%2e/apps",
                "OPTIONS /healthz",
                "TRACE /healthz",
                "GET http:///x",
                "GET /;",
                "GET mailto:x",
                "BREW /healthz"
            })
    void noTargetIsTheHostsFault(String target) throws IOException {
        for (String version : List.of("HTTP/1.1", "HTTP/1.0")) {
            String answer = served.raw((target + " " + version + "\r\nHost: localhost\r\n\r\n")
                    .getBytes(StandardCharsets.US_ASCII));
            assertThat(answer).as("%s %s", target, version).startsWith("HTTP/1.").doesNotContain(" 500 ");
        }
        assertThat(served.raw("GET * HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes(StandardCharsets.US_ASCII)))
                .startsWith("HTTP/1.1 400");
    }
}
