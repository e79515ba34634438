package io.hostel.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests and archives that are wrong, by mistake or on purpose. */
final class BadInputIT {
    @RegisterExtension
    static final Host HOST = new Host();

    private static Tenant alice;
    private static App app;

    @BeforeAll
    static void oneTenant() {
        alice = HOST.tenant("alice", Map.of("artifacts", "64MiB"));
        app = alice.app("shop");
    }

    static Stream<org.junit.jupiter.params.provider.Arguments> badSpecs() {
        return Stream.of(
                bad("{\"processes\":{\"web\":{\"command\":[]}}}", "/processes/web/command"),
                bad("{\"processes\":{\"web\":{\"command\":[\"x\"],\"port\":0}}}", "/processes/web/port"),
                bad("{\"processes\":{\"web\":{\"command\":[\"x\"],\"port\":65536}}}", "/processes/web/port"),
                bad("{\"processes\":{\"web\":{\"command\":[\"x\"],\"scale\":-1}}}", "/processes/web/scale"),
                bad("{\"processes\":{\"web\":{\"command\":[\"x\"],\"colour\":\"red\"}}}", "/processes/web/colour"),
                bad(
                        "{\"processes\":{\"web\":{\"command\":[\"x\"],\"limits\":{\"memory\":\"lots\"}}}}",
                        "/processes/web/limits/memory"),
                bad(
                        "{\"processes\":{\"web\":{\"command\":[\"x\"],\"stopTimeout\":\"soon\"}}}",
                        "/processes/web/stopTimeout"),
                bad("{\"processes\":{\"web\":{\"command\":[\"x\"],\"user\":\"root\"}}}", "/processes/web/user"),
                bad(
                        "{\"processes\":{\"web\":{\"command\":[\"x\"],\"restart\":{\"policy\":\"maybe\"}}}}",
                        "/processes/web/restart/policy"),
                bad("{\"env\":{\"A=B\":\"c\"},\"processes\":{\"web\":{\"command\":[\"x\"]}}}", "/env"),
                bad("{\"image\":\"../etc\",\"processes\":{\"web\":{\"command\":[\"x\"]}}}", "/image"),
                bad("{\"artifact\":\"sha256:zz\",\"processes\":{\"web\":{\"command\":[\"x\"]}}}", "/artifact"));
    }

    private static org.junit.jupiter.params.provider.Arguments bad(String spec, String pointer) {
        return org.junit.jupiter.params.provider.Arguments.of(spec, pointer);
    }

    @ParameterizedTest
    @MethodSource("badSpecs")
    void aBadFieldIsNamedByItsPointer(String spec, String pointer) {
        Answer answer = app.api().post(app.path() + "/releases", spec);
        assertThat(answer.status()).as(answer.text()).isIn(400, 422);
        JsonNode problem = answer.isProblem(answer.status());
        assertThat(problem.path("errors").findValuesAsText("pointer"))
                .as(answer.text())
                .contains(pointer);
        app.api().get(app.path()).isProblem(404);
    }

    @Test
    void allBadFieldsAreNamedAtOnce() {
        Answer answer = app.api()
                .post(app.path() + "/releases", "{\"processes\":{\"web\":{\"command\":[],\"port\":0,\"scale\":-1}}}");
        assertThat(answer.json().path("errors").findValuesAsText("pointer"))
                .contains("/processes/web/command", "/processes/web/port", "/processes/web/scale");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{",
                "[]",
                "null",
                "\"text\"",
                "{\"processes\":3}",
                "{\"processes\":{\"web\":{\"command\":[\"x\"]}}} trailing"
            })
    void aBodyThatIsNoSpecIsRefused(String body) {
        Answer answer = app.api().post(app.path() + "/releases", body);
        assertThat(answer.status()).as(answer.text()).isIn(400, 422);
        answer.isProblem(answer.status());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"Shop", "-shop", "shop-", "sh_op", "a.b", "0123456789012345678901234567890", "%2e%2e", "shop%00"
            })
    void anIdentifierThatIsNoDnsLabelIsRefused(String id) {
        Answer answer = app.api()
                .post(
                        alice.path() + "/apps/" + id + "/releases",
                        Release.of("web", Program.idle()).spec());
        assertThat(answer.status()).as(answer.text()).isIn(400, 404, 422);
    }

    @Test
    void aTenantThatExistsIsAConflict() {
        HOST.operator().post("/v1/tenants", Map.of("id", "alice")).isProblem(409);
        HOST.operator().post("/v1/tenants", Map.of("id", "Bad Name")).status();
        assertThat(HOST.operator().post("/v1/tenants", Map.of("id", "Bad Name")).status())
                .isIn(400, 422);
    }

    @Test
    void whatDoesNotExistIsNotFound() {
        for (String path :
                List.of("/v1", "/nothing", alice.path() + "/apps/none", alice.path() + "/apps/none/sandboxes/x")) {
            HOST.operator().get(path).isProblem(404);
        }
        assertThat(HOST.operator()
                        .send("PATCH", "/healthz", BodyPublishers.noBody(), Map.of())
                        .status())
                .isIn(404, 405);
    }

    static Stream<org.junit.jupiter.params.provider.Arguments> badArchives() {
        return Stream.of(
                archive("leaves the root by ..", new Tar().file("../escaped", "x")),
                archive("leaves the root by .. in the middle", new Tar().file("a/../../escaped", "x")),
                archive(
                        "is written through a link that leaves",
                        new Tar().symlink("out", "/tmp").file("out/escaped", "x")),
                archive(
                        "is written through a relative link that leaves",
                        new Tar().symlink("out", "../../..").file("out/escaped", "x")),
                archive(
                        "is a hard link to what is outside",
                        new Tar().entry("shadow", TarConstants.LF_LINK, "/etc/shadow")),
                archive("is a character device", new Tar().entry("null", TarConstants.LF_CHR, "")),
                archive("is a block device", new Tar().entry("disk", TarConstants.LF_BLK, "")),
                archive("is a fifo", new Tar().entry("fifo", TarConstants.LF_FIFO, "")),
                archive("is set-uid", new Tar().file("su", "x", 04755)),
                archive("is set-gid", new Tar().file("sg", "x", 02755)),
                archive("is more than the quota", new Tar().zeros("big", 80 << 20)));
    }

    private static org.junit.jupiter.params.provider.Arguments archive(String what, Tar tar) {
        return org.junit.jupiter.params.provider.Arguments.of(what, tar.gzipped());
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("badArchives")
    void anArchiveWithAnEntryThatIsRefusedLeavesNothing(String what, byte[] archive) throws IOException {
        List<String> before = artifacts();
        Answer answer = alice.api().upload(alice.path() + "/artifacts", "application/gzip", archive);
        assertThat(answer.status()).as(what + ": " + answer.text()).isIn(413, 422, 403);
        answer.isProblem(answer.status());
        assertThat(artifacts()).isEqualTo(before);
        assertThat(Files.exists(Path.of("/tmp/escaped"))).isFalse();
    }

    private static List<String> artifacts() throws IOException {
        try (Stream<Path> all = Files.walk(HOST.stateDir())) {
            return all.map(Path::toString)
                    .filter(path -> path.contains("artifact"))
                    .sorted()
                    .toList();
        }
    }

    @Test
    void anAbsoluteNameOrALinkThatLeavesIsHarmlessOrRefused() {
        Answer answer = alice.api()
                .upload(
                        alice.path() + "/artifacts",
                        "application/x-tar",
                        new Tar()
                                .file("/tmp/escaped", "x")
                                .symlink("shadow", "/etc/shadow")
                                .bytes());
        assertThat(answer.status()).as(answer.text()).isIn(201, 422);
        assertThat(Files.exists(Path.of("/tmp/escaped"))).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"application/x-tar", "application/gzip", "application/zstd"})
    void whatIsNoArchiveIsRefused(String mediaType) {
        byte[] noise = new byte[4096];
        new java.util.Random(7).nextBytes(noise);
        Answer answer = alice.api().upload(alice.path() + "/artifacts", mediaType, noise);
        assertThat(answer.status()).as(answer.text()).isIn(400, 422);
        answer.isProblem(answer.status());
    }

    @Test
    void anArchiveThatBreaksOffIsRefused() {
        byte[] whole = new Tar().zeros("file", 100_000).gzipped();
        Answer answer = alice.api()
                .upload(
                        alice.path() + "/artifacts",
                        "application/gzip",
                        java.util.Arrays.copyOf(whole, whole.length / 2));
        assertThat(answer.status()).as(answer.text()).isIn(400, 422);
    }

    @Test
    void anotherMediaTypeIsUnsupported() {
        alice.api()
                .upload(alice.path() + "/artifacts", "image/png", new byte[10])
                .isProblem(415);
    }

    @Test
    void aBodyFarTooLargeIsRefusedBeforeItIsRead() {
        String huge = "{\"env\":{\"A\":\"" + "x".repeat(32 << 20) + "\"}}";
        assertThat(app.api().post(app.path() + "/releases", huge).status()).isIn(400, 413, 422);
    }

    @Test
    void theSameKeyGivesTheSameAnswerAndOnAnotherBodyAConflict() {
        Map<String, String> key = Map.of("Idempotency-Key", "key-1");
        Answer first = HOST.operator().json("POST", "/v1/tenants", Map.of("id", "keyed"), key);
        Answer again = HOST.operator().json("POST", "/v1/tenants", Map.of("id", "keyed"), key);
        first.is(201);
        assertThat(again.status()).isEqualTo(201);
        assertThat(again.json()).isEqualTo(first.json());
        assertThat(HOST.operator()
                        .json("POST", "/v1/tenants", Map.of("id", "other"), key)
                        .status())
                .isIn(409, 422);
    }

    @Test
    void clientsThatSaySlowlyOrHalfOrNonsenseDontStopOthers() throws IOException {
        URI api = URI.create(HOST.daemon().api());
        List<Socket> slow = new ArrayList<>();
        try {
            for (int i = 0; i < 200; i++) {
                Socket socket = new Socket(api.getHost(), api.getPort());
                slow.add(socket);
                OutputStream out = socket.getOutputStream();
                out.write(
                        switch (i % 4) {
                            case 0 -> ascii("GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-Slow: ");
                            case 1 ->
                                ascii("POST " + alice.path()
                                        + "/artifacts HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer "
                                        + alice.api().token()
                                        + "\r\nContent-Type: application/x-tar\r\nContent-Length: 1000000\r\n\r\nhalf");
                            case 2 -> new byte[] {0x16, 3, 1, 0, 5, 1, 0, 0};
                            default -> new byte[0];
                        });
                out.flush();
            }
            for (int i = 0; i < 20; i++) {
                HOST.anonymous().get("/healthz").is(200);
                alice.api().get(alice.path()).is(200);
            }
        } finally {
            for (Socket socket : slow) {
                socket.close();
            }
        }
        // Her half-sent uploads count as hers until the host has noticed that they were cut off.
        Awaitility.await()
                .atMost(Host.PATIENCE)
                .untilAsserted(
                        () -> alice.upload(new Tar().file("after", "the storm").bytes()));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET /healthz HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                "GET / HTTP/9.9\r\n\r\n",
                "\0\0\0\0\r\n\r\n",
                "GET /healthz HTTP/1.1\r\nHost: localhost\r\nContent-Length: 18446744073709551617\r\n\r\n"
            })
    void nonsenseOnTheWireIsAnsweredWithAnErrorOrClosed(String request) throws IOException {
        URI api = URI.create(HOST.daemon().api());
        try (Socket socket = new Socket(api.getHost(), api.getPort())) {
            socket.setSoTimeout(20_000);
            socket.getOutputStream().write(ascii(request));
            socket.shutdownOutput();
            try (InputStream in = socket.getInputStream()) {
                String answer = new String(in.readAllBytes(), StandardCharsets.ISO_8859_1);
                assertThat(answer).matches("(?s)|HTTP/1\\.1 [45]\\d\\d .*");
            }
        }
        HOST.anonymous().get("/healthz").is(200);
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }
}
