package io.hostel.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Map;
import java.util.stream.StreamSupport;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What Hostel is for: tenants deploy, scale, look inside, break things and go. */
final class MainJobIT {
    @RegisterExtension
    static final Host HOST = new Host();

    private static Tenant alice;

    @BeforeAll
    static void oneTenant() {
        alice = HOST.tenant("alice");
    }

    private static String get(App app) {
        return Shell.curl("http://127.0.0.1:" + app.publishedPort("web") + "/");
    }

    @Test
    void twoTenantsServicesRunSideBySideEachAtItsOwnUrl() {
        Tenant bob = HOST.tenant("bob");
        App hers = alice.web("shop", Program.webServer());
        App his = bob.web("shop", Program.webServer());
        assertThat(hers.url("web")).isNotEqualTo(his.url("web")).startsWith("http://");
        assertThat(get(hers)).isEqualTo(hers.sandbox().id());
        assertThat(get(his)).isEqualTo(his.sandbox().id());
        JsonNode all = HOST.operator().get("/v1/sandboxes").is(200).path("items");
        assertThat(StreamSupport.stream(all.spliterator(), false)
                        .map(one -> one.path("tenant").asText()))
                .contains("alice", "bob");
        hers.delete();
        bob.delete();
        HOST.operator().get(bob.path()).isProblem(404);
    }

    @Test
    void anArtifactIsUnpackedAtAppWithModesAndLinksAndItsFilesCanBeChanged() {
        String digest = alice.upload(new Tar()
                .file("index.html", "hello from the artifact")
                .file("bin/run", "#!/bin/sh\nexec python3 -m http.server $PORT", 0755)
                .symlink("home.html", "index.html")
                .bytes());
        App app = alice.app("site");
        app.deploy(Release.of("web", Program.of("./bin/run").with("port", 8080)).with("artifact", digest))
                .live();
        assertThat(get(app)).isEqualTo("hello from the artifact");
        Sandbox sandbox = app.sandbox();
        assertThat(sandbox.exec("pwd").succeeded()).isEqualTo("/app\n");
        assertThat(sandbox.exec("readlink", "home.html").succeeded()).isEqualTo("index.html\n");
        assertThat(sandbox.shell("echo changed > index.html && cat home.html").succeeded())
                .isEqualTo("changed\n");
        assertThat(get(app)).isEqualTo("changed\n");
        app.delete();
    }

    @Test
    void aProcfileGivesTheProcessesWhereTheReleaseNamesNone() {
        String digest = alice.upload(new Tar()
                .file("Procfile", "web: python3 -m http.server $PORT\nworker: sleep 1000\n")
                .bytes());
        App app = alice.app("procs");
        app.deploy(new Release(Map.of("artifact", digest))).live();
        assertThat(app.process("web").path("port").asInt()).isEqualTo(8080);
        assertThat(app.process("worker").path("running").asInt()).isEqualTo(1);
        assertThat(get(app)).contains("Procfile");
        app.delete();
    }

    @Test
    void theEnvironmentIsAsPromised() {
        App app = alice.app("env");
        app.deploy(Release.of("web", Program.webServer()).with("env", Map.of("GREETING", "hello")))
                .live();
        Sandbox sandbox = app.sandbox();
        String env = Machine.read(java.nio.file.Path.of("/proc/"
                + sandbox.pidsInside().stream()
                        .filter(pid -> pid != sandbox.pid())
                        .findFirst()
                        .orElseThrow() + "/environ"));
        assertThat(env.split("\0"))
                .contains("GREETING=hello", "HOME=/app", "PORT=8080", "HOSTEL_TENANT=alice", "HOSTEL_APP=env")
                .contains("HOSTEL_PROCESS=web", "HOSTEL_SANDBOX=" + sandbox.id(), "HOSTEL_RELEASE=1");
        app.delete();
    }

    @Test
    void scalingUpAndDownIsServedAllTheTime() {
        App app = alice.web("scaled", Program.webServer());
        assertThat(app.scale("web", 4).path("running").asInt()).isEqualTo(4);
        app.running(4);
        assertThat(app.scale("web", 0).path("running").asInt()).isZero();
        Awaitility.await().atMost(Host.PATIENCE).until(() -> app.sandboxes().isEmpty());
        assertThat(app.scale("web", 1).path("running").asInt()).isEqualTo(1);
        assertThat(get(app)).isEqualTo(app.running(1).get(0).id());
        app.delete();
    }

    @Test
    void aSandboxWhosePid1IsKilledServesAgainWithItsAddressItsFilesAndACount() {
        App app = alice.web("phoenix", Program.webServer());
        Sandbox sandbox = app.sandbox();
        String ip = sandbox.ip();
        sandbox.shell("echo kept > /app/kept").succeeded();
        long former = sandbox.killInit();
        sandbox.awaitRestart(former);
        assertThat(sandbox.ip()).isEqualTo(ip);
        assertThat(sandbox.exec("cat", "/app/kept").succeeded()).isEqualTo("kept\n");
        assertThat(sandbox.view().path("restarts").asInt()).isEqualTo(1);
        assertThat(get(app)).isEqualTo(sandbox.id());
        app.delete();
    }

    @Test
    void anotherTakesThePlaceOfASandboxThatIsStopped() {
        App app = alice.web("replaced", Program.webServer());
        Sandbox first = app.sandbox();
        app.api().delete(first.path() + Patience.WAIT).succeeded();
        Sandbox second = app.running(1).get(0);
        assertThat(second.id()).isNotEqualTo(first.id());
        app.delete();
    }

    @Test
    void restartGoesThroughAllSandboxes() {
        App app = alice.app("again");
        app.deploy(Release.of("web", Program.webServer().scale(2))).live();
        List<Long> before = app.running(2).stream().map(Sandbox::pid).sorted().toList();
        app.api().post(app.path() + "/restart" + Patience.WAIT, Map.of()).succeeded();
        List<Long> after = app.running(2).stream().map(Sandbox::pid).sorted().toList();
        assertThat(after).doesNotContainAnyElementsOf(before);
        app.delete();
    }

    @Test
    void aCommandIsToldToStopBeforeItIsKilled() {
        App app = alice.app("polite");
        app.deploy(Release.of(
                        "web",
                        Program.shell("trap 'echo goodbye; exit 0' TERM; echo hello; while :; do sleep 0.1; done")))
                .live();
        Awaitility.await()
                .atMost(Host.PATIENCE)
                .until(() -> app.api().get(app.path() + "/logs?tail=100").text().contains("hello"));
        app.scale("web", 0);
        Awaitility.await()
                .atMost(Host.PATIENCE)
                .until(() -> app.api().get(app.path() + "/logs?tail=100").text().contains("goodbye"));
        app.delete();
    }

    /** A shell dies of the signal at once; what it runs is told too, and has the time that the command would have had. */
    @ParameterizedTest
    @ValueSource(strings = {"%s; true", "cd / && %s", "X=1 %s; true", "%s & wait"})
    void whatAShellRunsIsToldToStopTooAndCanSaveItsThings(String line) {
        App app = alice.app("saver");
        String saver = "sh -c 'trap \"sleep 1; echo saved; exit 0\" TERM; echo hello; while :; do sleep 0.1; done'";
        app.deploy(Release.of("web", Program.shell(line.formatted(saver)))).live();
        logged(app, "hello");
        app.scale("web", 0);
        logged(app, "saved");
        app.delete();
    }

    @Test
    void whatDoesNotStopInTimeIsKilledThoughItsCommandHasStopped() {
        App app = alice.app("stubborn");
        app.deploy(Release.of(
                        "web",
                        Program.shell("sh -c 'trap : TERM; echo hello; while :; do sleep 0.1; done'; true")
                                .with("stopTimeout", "1s")))
                .live();
        logged(app, "hello");
        app.scale("web", 0);
        assertThat(app.sandboxes()).isEmpty();
        app.delete();
    }

    private static void logged(App app, String word) {
        Awaitility.await(word)
                .atMost(Host.PATIENCE)
                .until(() -> app.api().get(app.path() + "/logs?tail=100").text().contains(word));
    }

    @Test
    void execGivesOutputInputCodeAndSignal() {
        App app = alice.web("exec", Program.webServer());
        Sandbox sandbox = app.sandbox();
        Sandbox.Executed both = sandbox.shell("echo out; echo err >&2; exit 3");
        assertThat(both.code()).isEqualTo(3);
        assertThat(both.stdout()).isEqualTo("out\n");
        assertThat(both.stderr()).isEqualTo("err\n");
        assertThat(sandbox.exec(Map.of("command", List.of("cat"), "stdin", "déjà vu"))
                        .stdout())
                .isEqualTo("déjà vu");
        assertThat(sandbox.exec(Map.of("command", List.of("printenv", "A"), "env", Map.of("A", "b")))
                        .stdout())
                .isEqualTo("b\n");
        Sandbox.Executed killed = sandbox.shell("kill -9 $$");
        assertThat(killed.code()).isEqualTo(137);
        assertThat(killed.json().path("signal").asText()).isEqualTo("SIGKILL");
        assertThat(sandbox.exec("no-such-program").code()).isEqualTo(127);
        Sandbox.Executed slow = sandbox.exec(Map.of("command", List.of("sleep", "1000"), "timeout", "1s"));
        assertThat(slow.code()).isNotZero();
        Awaitility.await()
                .atMost(Host.PATIENCE)
                .until(() -> !sandbox.exec("ps", "-eo", "args").stdout().contains("sleep 1000"));
        Sandbox.Executed flood = sandbox.exec("head", "-c", "50000000", "/dev/zero");
        assertThat(flood.json().path("truncated").asBoolean()).isTrue();
        app.delete();
    }

    @Test
    void logsHoldBothStreamsAndFollowGoesOn() throws Exception {
        App app = alice.app("talk");
        app.deploy(
                        Release.of(
                                "web",
                                Program.shell(
                                        "echo first; echo oops >&2; n=0; while :; do n=$((n+1)); echo tick $n; sleep 0.2; done")))
                .live();
        List<JsonNode> lines = app.api().lines(app.path() + "/logs?tail=100&follow=true", 6);
        assertThat(lines).hasSize(6);
        assertThat(lines).anySatisfy(line -> {
            assertThat(line.path("line").asText()).isEqualTo("first");
            assertThat(line.path("stream").asText()).isEqualTo("stdout");
            assertThat(line.path("process").asText()).isEqualTo("web");
            assertThat(line.path("sandbox").asText()).isEqualTo(app.sandbox().id());
        });
        assertThat(lines).anySatisfy(line -> {
            assertThat(line.path("line").asText()).isEqualTo("oops");
            assertThat(line.path("stream").asText()).isEqualTo("stderr");
        });
        app.delete();
    }

    @Test
    void eventsTellWhatHappenedAndCanBeReplayedFromANumber() throws Exception {
        App app = alice.web("eventful", Program.webServer());
        app.delete();
        List<JsonNode> all = alice.api().lines(alice.path() + "/events?since=0&follow=false", 1000);
        assertThat(all.stream().map(event -> event.path("kind").asText()))
                .anyMatch(kind -> kind.startsWith("release."));
        List<Long> numbers =
                all.stream().map(event -> event.path("sequence").asLong()).toList();
        assertThat(numbers).isSorted().doesNotHaveDuplicates();
        long middle = numbers.get(numbers.size() / 2);
        assertThat(alice.api().lines(alice.path() + "/events?since=" + middle + "&follow=false", 1000))
                .allMatch(event -> event.path("sequence").asLong() > middle);
    }

    @Test
    void aNewReleaseTakesOverAndAnOldOneCanBeBroughtBack() {
        App app = alice.app("versions");
        app.deploy(Release.of("web", Program.webServer()).with("env", Map.of("V", "1")))
                .live();
        int second = app.deploy(Release.of("web", Program.webServer()).with("env", Map.of("V", "2")))
                .live();
        assertThat(second).isEqualTo(2);
        assertThat(app.view().path("release").asInt()).isEqualTo(2);
        assertThat(app.running(1).get(0).exec("printenv", "V").stdout()).isEqualTo("2\n");
        JsonNode rolled = app.api()
                .post(app.path() + "/rollback" + Patience.WAIT, Map.of("release", 1))
                .succeeded();
        assertThat(rolled.path("release").asInt()).isEqualTo(3);
        assertThat(rolled.path("status").asText()).isEqualTo("live");
        assertThat(app.running(1).get(0).exec("printenv", "V").stdout()).isEqualTo("1\n");
        assertThat(app.api()
                        .get(app.path() + "/releases/2")
                        .is(200)
                        .path("status")
                        .asText())
                .isEqualTo("superseded");
        app.delete();
    }

    @Test
    void aFailedReleaseLeavesTheOldOneServingAndSaysWhy() {
        App app = alice.web("careful", Program.webServer());
        String serving = app.sandbox().id();
        String reason = app.deploy(Release.of(
                        "web",
                        Program.shell("echo no config >&2; exit 4")
                                .with("port", 8080)
                                .with("health", Map.of("startup", "3s"))))
                .failed();
        assertThat(reason).contains("4").contains("no config");
        assertThat(get(app)).isEqualTo(serving);
        assertThat(app.view().path("release").asInt()).isEqualTo(1);
        Awaitility.await()
                .atMost(Host.PATIENCE)
                .untilAsserted(() -> assertThat(app.sandboxes()).hasSize(1));
        app.delete();
    }

    @Test
    void aProcessThatListensLateIsNotServedBeforeItAnswers() {
        App app = alice.app("slow");
        app.deploy(Release.of(
                                "web",
                                Program.shell("sleep 2; exec python3 -c \"$SERVER\"")
                                        .with("port", 8080))
                        .with("env", Map.of("SERVER", Program.WEB_SERVER)))
                .live();
        assertThat(get(app)).isEqualTo(app.sandbox().id());
        assertThat(app.sandbox().view().path("readyAt").asText()).isNotEmpty();
        app.delete();
    }

    @Test
    void aProcessThatStopsAnsweringIsUnhealthyAndThenRestarted() {
        App app = alice.app("sick");
        String server = Program.WEB_SERVER.replace(
                "code, text = 200, os.environ[\"HOSTEL_SANDBOX\"]",
                "code, text = (500 if os.path.exists('/app/sick') else 200), os.environ['HOSTEL_SANDBOX']");
        app.deploy(Release.of(
                        "web",
                        Program.of("python3", "-c", server)
                                .with("port", 8080)
                                .with(
                                        "health",
                                        Map.of(
                                                "http",
                                                "/",
                                                "interval",
                                                "1s",
                                                "timeout",
                                                Patience.duration(1),
                                                "startup",
                                                Patience.duration(30)))))
                .live();
        Sandbox sandbox = app.sandbox();
        sandbox.exec("touch", "/app/sick").succeeded();
        Awaitility.await().atMost(Host.PATIENCE).untilAsserted(() -> {
            JsonNode view = sandbox.view();
            boolean noticed = view.path("state").asText().equals("unhealthy")
                    || view.path("restarts").asInt() > 0;
            assertThat(noticed).as("%s", view).isTrue();
        });
        app.delete();
    }

    @Test
    void whatIsWatchedIsThere() {
        for (String path : List.of("/healthz", "/readyz", "/metrics", "/openapi.json")) {
            assertThat(HOST.anonymous().get(path).status()).as(path).isEqualTo(200);
        }
        assertThat(HOST.anonymous().get("/metrics").text()).contains("# TYPE");
        assertThat(HOST.anonymous().get("/openapi.json").json().path("openapi").asText())
                .startsWith("3.");
    }

    @Test
    void deployingAndDeletingAgainAndAgainLeavesNothingBehind() {
        for (int i = 0; i < 3; i++) {
            App app = alice.web("brief", Program.webServer());
            app.delete();
            alice.api().get(app.path()).isProblem(404);
        }
        Awaitility.await().atMost(Host.PATIENCE).untilAsserted(() -> {
            JsonNode doctor = HOST.operator().get("/v1/doctor").is(200);
            assertThat(doctor.path("leaked")).isEmpty();
            assertThat(doctor.path("missing")).isEmpty();
        });
    }
}
