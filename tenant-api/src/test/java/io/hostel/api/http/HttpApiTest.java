package io.hostel.api.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.hostel.api.Refusal;
import io.hostel.api.RefusedException;
import io.hostel.api.http.ServedApi.Reply;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class HttpApiTest {
    static final String SPEC = "{\"processes\":{\"web\":{\"command\":[\"x\"],\"port\":80}}}";
    private static final String SHOP = "/v1/tenants/ann/apps/shop";
    private final ServedApi served = new ServedApi(true);

    @AfterEach
    void close() {
        served.close();
    }

    private void aTenantWithAnApp() {
        served.json("POST", "/v1/tenants", "op", "{\"id\":\"ann\"}");
        served.json("POST", SHOP + "/releases?wait=1s", "op", SPEC);
    }

    private static List<String> names(JsonNode object) {
        List<String> names = new java.util.ArrayList<>();
        object.fieldNames().forEachRemaining(names::add);
        return names;
    }

    static void isProblem(Reply reply, int status, String type) {
        assertThat(reply.status()).as(reply.body()).isEqualTo(status);
        assertThat(reply.header("Content-Type")).isEqualTo("application/problem+json");
        assertThat(reply.json().path("type").asText()).isEqualTo("/problems/" + type);
        assertThat(reply.json().path("status").asInt()).isEqualTo(status);
        assertThat(reply.json().path("title").asText()).isNotEmpty();
        assertThat(reply.json().path("detail").asText()).isNotEmpty();
    }

    @Test
    void aTenantIsMadeWithItsTokenAndQuota() {
        Reply created = served.json(
                "POST", "/v1/tenants", "op", "{\"id\":\"ann\",\"quota\":{\"memory\":\"1GiB\",\"cpus\":0.5}}");
        assertThat(created.status()).isEqualTo(201);
        assertThat(created.header("Location")).isEqualTo("/v1/tenants/ann");
        JsonNode body = created.json();
        assertThat(names(body)).containsExactly("id", "token", "subnet", "uidBase", "uidCount", "quota", "usage");
        assertThat(body.path("quota"))
                .hasToString("{\"memory\":1073741824,\"cpus\":0.5,\"pids\":4096,\"disk\":8589934592,"
                        + "\"sandboxes\":200,\"publishedPorts\":50,\"artifacts\":2147483648,\"apps\":1000,"
                        + "\"releases\":50,\"state\":67108864,\"logs\":1073741824,\"tokens\":100,"
                        + "\"files\":262144,\"inodes\":500000,\"connections\":8192}");
        assertThat(names(served.get("/v1/tenants/ann", "op").json()))
                .containsExactly("id", "subnet", "uidBase", "uidCount", "quota", "usage");
        assertThat(served.get("/v1/tenants", "op").json().path("items")).hasSize(1);
        assertThat(served.json("PATCH", "/v1/tenants/ann", "op", "{\"quota\":{\"pids\":9}}")
                        .json()
                        .path("quota")
                        .path("pids")
                        .asInt())
                .isEqualTo(9);
        isProblem(served.json("POST", "/v1/tenants", "op", "{\"id\":\"ann\"}"), 409, "conflict");
    }

    @Test
    void aDeployAnswersBrieflyAndSettledOnlyWhenWaitedFor() {
        served.json("POST", "/v1/tenants", "op", "{\"id\":\"ann\"}");
        Reply waited = served.json("POST", SHOP + "/releases?wait=30s", "ann-token", SPEC);
        assertThat(waited.status()).isEqualTo(201);
        assertThat(waited.body()).isEqualTo("{\"release\":1,\"status\":\"live\"}");
        assertThat(waited.header("Location")).isEqualTo(SHOP + "/releases/1");
        Reply unwaited = served.json("POST", SHOP + "/releases", "ann-token", SPEC);
        assertThat(unwaited.status()).isEqualTo(202);
        assertThat(unwaited.body()).isEqualTo("{\"release\":2,\"status\":\"deploying\"}");
        assertThat(served.json("POST", SHOP + "/rollback?wait=1s", "ann-token", "{\"release\":1}")
                        .body())
                .isEqualTo("{\"release\":3,\"status\":\"live\"}");
        assertThat(served.get(SHOP + "/releases", "ann-token").json().path("items"))
                .hasSize(3);
        JsonNode release = served.get(SHOP + "/releases/1", "ann-token").json();
        assertThat(names(release)).containsExactly("release", "status", "createdAt", "spec");
        assertThat(release.path("createdAt").asText()).isEqualTo("2026-11-23T10:00:00Z");
        assertThat(release.path("spec")
                        .path("processes")
                        .path("web")
                        .path("expose")
                        .asText())
                .isEqualTo("public");
        isProblem(served.get(SHOP + "/releases/9", "ann-token"), 404, "not-found");
    }

    @Test
    void appsAndProcessesAreShownScaledAndRestarted() {
        aTenantWithAnApp();
        assertThat(served.get(SHOP, "ann-token").body())
                .isEqualTo(
                        "{\"id\":\"shop\",\"tenant\":\"ann\",\"release\":1,\"processes\":{\"web\":{\"scale\":1,\"running\":1,"
                                + "\"pending\":0,\"port\":80,\"expose\":\"public\",\"publishedPort\":20000,\"url\":\"http://127.0.0.1:20000/\","
                                + "\"address\":\"10.77.1.2:8080\"}}}");
        Reply scaled = served.json("PATCH", SHOP + "/processes/web?wait=1m", "ann-token", "{\"scale\":3}");
        assertThat(scaled.status()).isEqualTo(200);
        assertThat(scaled.json().path("scale").asInt()).isEqualTo(3);
        assertThat(served.json("PATCH", SHOP + "/processes/web", "ann-token", "{\"scale\":2}")
                        .status())
                .isEqualTo(202);
        assertThat(served.send("POST", SHOP + "/restart?wait=1s", "ann-token", BodyPublishers.noBody())
                        .status())
                .isEqualTo(200);
        assertThat(served.send("DELETE", SHOP, "ann-token", BodyPublishers.noBody())
                        .status())
                .isEqualTo(202);
        isProblem(served.get(SHOP, "ann-token"), 404, "not-found");
    }

    @Test
    void aSandboxIsShownWithAllThatIsKnownOfIt() {
        aTenantWithAnApp();
        assertThat(served.get(SHOP + "/sandboxes/h0abcdefghij", "ann-token").body())
                .isEqualTo(
                        "{\"id\":\"h0abcdefghij\",\"tenant\":\"ann\",\"app\":\"shop\",\"process\":\"web\",\"release\":1,"
                                + "\"state\":\"running\",\"ip\":\"10.77.1.2\",\"pid\":4711,\"restarts\":2,\"startedAt\":\"2026-11-23T10:00:00Z\","
                                + "\"lastExit\":{\"signal\":\"SIGKILL\",\"oom\":true,\"at\":\"2026-11-23T10:00:00Z\",\"reason\":\"out of memory\","
                                + "\"wallSeconds\":1.5,\"cpuSeconds\":0.25,\"peakMemoryBytes\":4096},"
                                + "\"namespaces\":{\"pid\":\"pid:[4026532201]\"},\"usage\":{\"memoryBytes\":4096,\"cpuSeconds\":0.5,\"pids\":3,"
                                + "\"oomKills\":1,\"diskBytes\":8192,\"diskFiles\":7}}");
        assertThat(served.get(SHOP + "/sandboxes", "ann-token").json().path("items"))
                .hasSize(1);
        assertThat(served.send("DELETE", SHOP + "/sandboxes/h0abcdefghij?wait=1s", "ann-token", BodyPublishers.noBody())
                        .status())
                .isEqualTo(204);
    }

    @Test
    void execAnswersTextAsTextAndWhatIsNoneInBase64() {
        aTenantWithAnApp();
        String path = SHOP + "/sandboxes/h0abcdefghij/exec";
        Reply reply = served.json(
                "POST",
                path,
                "ann-token",
                "{\"command\":[\"sh\",\"-c\",\"x\"],\"stdin\":\"a\\u0000b\",\"env\":{\"A\":\"1\"},\"user\":\"5:6\",\"timeout\":\"1m30s\"}");
        assertThat(reply.body())
                .isEqualTo(
                        "{\"exitCode\":137,\"signal\":\"SIGKILL\",\"stdoutBase64\":\"b2v/\",\"stderr\":\"err\",\"truncated\":true,"
                                + "\"timedOut\":false,\"oom\":true,\"wallSeconds\":1.5,\"cpuSeconds\":0.25}");
        var executed = java.util.Objects.requireNonNull(served.host.executed);
        assertThat(executed.stdin()).containsExactly('a', 0, 'b');
        assertThat(executed.env()).isEqualTo(Map.of("A", "1"));
        assertThat(executed.user()).contains("5:6");
        assertThat(executed.timeout()).hasSeconds(90);
        isProblem(served.json("POST", path, "ann-token", "{\"command\":[],\"timeout\":\"2h\"}"), 422, "invalid");
        served.json("POST", path, "ann-token", "{\"command\":[\"x\"],\"stdinBase64\":\"/wA=\",\"workdir\":\"/srv\"}");
        var binary = java.util.Objects.requireNonNull(served.host.executed);
        assertThat(binary.stdin()).containsExactly(255, 0);
        assertThat(binary.workdir()).contains("/srv");
        for (String bad : List.of("\"workdir\":\"srv\"", "\"stdinBase64\":\"/w!\"", "\"stdin\":\"\",\"stdinBase64\":\"\"")) {
            isProblem(served.json("POST", path, "ann-token", "{\"command\":[\"x\"]," + bad + "}"), 422, "invalid");
        }
    }

    @Test
    void tokensAreMadeListedAndDeleted() {
        aTenantWithAnApp();
        Reply created =
                served.json("POST", "/v1/tenants/ann/tokens", "ann-token", "{\"label\":\"ci\",\"expiresIn\":\"30d\"}");
        assertThat(created.body()).isEqualTo("{\"id\":\"t1\",\"token\":\"another-secret\"}");
        assertThat(served.get("/v1/tenants/ann/tokens", "ann-token").body())
                .isEqualTo("{\"items\":[{\"id\":\"t1\",\"label\":\"ci\",\"createdAt\":\"2026-11-23T10:00:00Z\","
                        + "\"expiresAt\":\"2026-12-23T10:00:00Z\"}]}");
        Reply deleted = served.send("DELETE", "/v1/tenants/ann/tokens/t1", "ann-token", BodyPublishers.noBody());
        assertThat(deleted.status()).isEqualTo(204);
        assertThat(deleted.body()).isEmpty();
    }

    @Test
    void theOperatorLinksForBothSidesAndATenantForItsOwn() {
        aTenantWithAnApp();
        assertThat(served.send("PUT", "/v1/tenants/ann/links/bob", "ann-token", BodyPublishers.noBody())
                        .body())
                .isEqualTo("{\"tenant\":\"ann\",\"other\":\"bob\",\"inForce\":false}");
        assertThat(served.send("PUT", "/v1/tenants/ann/links/bob", "op", BodyPublishers.noBody())
                        .body())
                .contains("\"inForce\":true");
        assertThat(served.send("DELETE", "/v1/tenants/ann/links/bob", "ann-token", BodyPublishers.noBody())
                        .status())
                .isEqualTo(204);
        assertThat(served.host.done).contains("unlink ann bob false");
    }

    @Test
    void theOperatorSeesTheHost() {
        assertThat(served.get("/v1/doctor", "op").body())
                .isEqualTo(
                        "{\"leaked\":[{\"kind\":\"link\",\"name\":\"hs-h0abc\",\"detail\":\"nobody's\"}],\"missing\":[],"
                                + "\"going\":1,\"repaired\":2,\"stuck\":[],\"scarce\":[],\"exposed\":[]}");
        assertThat(served.get("/v1/sandboxes", "op").body()).isEqualTo("{\"items\":[]}");
        assertThat(served.get("/v1/capabilities", "op")
                        .json()
                        .path("degraded")
                        .path(0)
                        .path("mend")
                        .asText())
                .isEqualTo("boot with v2");
    }

    @Test
    void healthMetricsAndDescriptionNeedNoTokenOnLoopback() {
        assertThat(served.get("/healthz", "").status()).isEqualTo(200);
        assertThat(served.get("/openapi.json", "").json().path("openapi").asText())
                .startsWith("3.1");
        Reply metrics = served.get("/metrics", "");
        assertThat(metrics.body()).isEqualTo("hostel_sandboxes 3\n");
        assertThat(metrics.header("Content-Type")).startsWith("text/plain");
        assertThat(served.get("/readyz", "").status()).isEqualTo(200);
        served.host.notReady = Optional.of("adopting 3 sandboxes");
        isProblem(served.get("/readyz", ""), 503, "unavailable");
        assertThat(served.get("/readyz", "").json().path("detail").asText()).isEqualTo("adopting 3 sandboxes");
        isProblem(served.json("POST", "/v1/tenants", "op", "{\"id\":\"late\"}"), 503, "unavailable");
        assertThat(served.get("/v1/tenants", "op").status()).isEqualTo(200);
    }

    @ParameterizedTest
    @CsvSource({
        "not-found, 404",
        "conflict, 409",
        "over-quota, 403",
        "too-large, 413",
        "bad-archive, 422",
        "no-capacity, 503",
        "disk-full, 507",
        "unavailable, 503",
        "invalid, 422"
    })
    void everyRefusalHasItsStatus(String type, int status) {
        List<Refusal.FieldProblem> problems = List.of(new Refusal.FieldProblem("/quota/memory", "2 of 1"));
        Map<String, Refusal> refusals = Map.of(
                "not-found", new Refusal.NotFound("d"),
                "conflict", new Refusal.Conflict("busy", "d"),
                "over-quota", new Refusal.OverQuota("d", problems),
                "too-large", new Refusal.TooLarge("d"),
                "bad-archive", new Refusal.BadArchive("d"),
                "no-capacity", new Refusal.NoCapacity("d"),
                "disk-full", new Refusal.DiskFull("d"),
                "unavailable", new Refusal.Unavailable("d"),
                "invalid", new Refusal.Invalid("d", problems));
        Refusal refusal = java.util.Objects.requireNonNull(refusals.get(type));
        served.host.failure = new RefusedException(refusal);
        Reply reply = served.get(SHOP, "op");
        isProblem(reply, status, type);
        assertThat(reply.json().path("code").asText()).isEqualTo(type.equals("conflict") ? "busy" : "");
        assertThat(reply.json().path("errors").path(0).path("pointer").asText())
                .isEqualTo(type.equals("invalid") || type.equals("over-quota") ? "/quota/memory" : "");
    }

    @Test
    void theHostsOwnFaultsTellNothingOfTheInside() {
        served.host.failure = new IllegalStateException("password is hunter2");
        Reply reply = served.get(SHOP, "op");
        isProblem(reply, 500, "internal");
        assertThat(reply.body()).doesNotContain("hunter2").doesNotContain("IllegalState");
    }

    @Test
    void unknownPathsAndMethodsAreToldSo() {
        isProblem(served.get("/nothing", ""), 404, "not-found");
        isProblem(served.get("/v1/nothing", "op"), 404, "not-found");
        isProblem(served.get("/v1/tenants/", "op"), 404, "not-found");
        Reply wrong = served.json("PUT", "/v1/tenants", "op", "{}");
        isProblem(wrong, 405, "method");
        assertThat(wrong.header("Allow")).isEqualTo("GET, POST");
    }

    @Test
    void everyAnswerIsNeitherCachedNorSniffed() {
        Reply reply = served.get("/v1/tenants", "op");
        assertThat(reply.header("Cache-Control")).isEqualTo("no-store");
        assertThat(reply.header("X-Content-Type-Options")).isEqualTo("nosniff");
        assertThat(reply.header("Server")).isEqualTo("hostel");
    }

    @ParameterizedTest
    @CsvSource({"wait=11m", "wait=soon", "wait=1s&wait=2s", "wiat=1s", "wait=-1s", "wait="})
    void parametersAreHeldToTheirRules(String query) {
        aTenantWithAnApp();
        int before = served.host.done.size();
        Reply reply = served.json("POST", SHOP + "/releases?" + query, "op", SPEC);
        isProblem(reply, 422, "invalid");
        assertThat(reply.json().path("errors").path(0).path("pointer").asText()).startsWith("?w");
        assertThat(served.host.done).hasSize(before);
    }

    @Test
    void aCallerLearnsWhoItIs() {
        assertThat(served.get("/v1/whoami", "op").body()).isEqualTo("{\"operator\":true,\"label\":\"operator\"}");
        assertThat(served.get("/v1/whoami", "ann-token").body())
                .isEqualTo("{\"tenant\":\"ann\",\"operator\":false,\"label\":\"first\"}");
        isProblem(served.get("/v1/whoami", "nobody's"), 401, "unauthorised");
    }

    @Test
    void aSpecHasABound() {
        aTenantWithAnApp();
        String word = "x".repeat(120_000);
        String fits = "{\"env\":{\"A\":\"\"},\"processes\":{\"web\":{\"command\":[\"" + word + "\"]},"
                + "\"other\":{\"command\":[\"" + word + "\"]}}}";
        assertThat(served.json("POST", SHOP + "/releases?wait=1s", "op", fits).status())
                .isEqualTo(201);

        String large = fits.replace("\"A\":\"\"", "\"A\":\"" + "y".repeat(30_000) + "\"");
        isProblem(served.json("POST", SHOP + "/releases?wait=1s", "op", large), 413, "too-large");
        assertThat(served.get(SHOP + "/releases", "ann-token").json().path("items"))
                .hasSize(2);
    }
}
