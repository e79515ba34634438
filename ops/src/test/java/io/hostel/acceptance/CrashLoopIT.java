package io.hostel.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Processes that die again and again. */
final class CrashLoopIT {
    @RegisterExtension
    static final Host HOST = new Host(
            "-Dhostel.tenants.quota.sandboxes=300",
            "-Dhostel.tenants.quota.memory=32GiB",
            "-Dhostel.tenants.quota.cpus=200",
            "-Dhostel.tenants.quota.pids=100000",
            "-Dhostel.tenants.quota.disk=64GiB",
            "-Dhostel.tenants.quota.files=400000");

    /** Runs long enough to go live, and dies whenever it is started again. */
    private static final Program FRAGILE =
            Program.shell("if [ -e /app/been ]; then echo giving up >&2; exit 5; fi; touch /app/been; sleep 3; exit 5");

    @Test
    void aCrashLoopShowsBackoffTheNextRetryAndTheLastExit() {
        App app = HOST.tenant("alice").app("loop");
        app.deploy(Release.of("web", FRAGILE)).live();
        Sandbox sandbox = app.sandbox().awaitState("backoff");
        var view = sandbox.view();
        Awaitility.await().atMost(Host.PATIENCE).untilAsserted(() -> {
            var now = sandbox.view();
            assertThat(now.path("state").asText()).isEqualTo("backoff");
            assertThat(Instant.parse(now.path("nextRetryAt").asText()))
                    .isAfter(Instant.parse(now.path("lastExit").path("at").asText()));
            assertThat(now.path("lastExit").path("code").asInt()).isEqualTo(5);
        });
        assertThat(view.path("restarts").asInt())
                .as("three restarts come at once")
                .isGreaterThanOrEqualTo(3);
        assertThat(app.api().get(app.path() + "/logs?tail=100").text()).contains("giving up");
        sandbox.view();
        app.api().post(app.path() + "/restart", Map.of()).succeeded();
        app.delete();
    }

    @Test
    void aFirstReleaseThatNeverStandsFailsAndLeavesNothing() {
        App app = HOST.tenant("bob").app("stillborn");
        assertThat(app.deploy(Release.of("web", Program.shell("exit 9").with("port", 8080)))
                        .failed())
                .contains("it exited with code 9");
        Awaitility.await()
                .atMost(Host.PATIENCE)
                .untilAsserted(() -> assertThat(app.sandboxes()).isEmpty());
        app.delete();
    }

    @Test
    void onFailureRestartsAfterAFailureAndEndsAfterASuccess() {
        App app = HOST.tenant("carol").app("job");
        app.deploy(Release.of(
                        "job",
                        Program.shell("sleep 2; if [ -e /app/second ]; then exit 0; fi; touch /app/second; exit 1")
                                .restart("on-failure")))
                .live();
        Awaitility.await()
                .atMost(Host.PATIENCE)
                .untilAsserted(() -> assertThat(app.sandboxes()).singleElement().satisfies(one -> {
                    assertThat(one.path("state").asText()).isEqualTo("ended");
                    assertThat(one.path("restarts").asInt()).isEqualTo(1);
                    assertThat(one.path("lastExit").path("code").asInt()).isZero();
                }));
        app.delete();
    }

    @Test
    void aHundredCrashLoopingSandboxesLeaveTheApiAndAnothersServiceAlive() {
        Tenant dave = HOST.tenant("dave");
        App quiet = dave.web("quiet", Program.webServer());
        App app = dave.app("storm");
        app.deploy(Release.of(
                        "web", FRAGILE.limits("memory", "8MiB", "cpus", 0.1).scale(100)))
                .release();
        Awaitility.await()
                .atMost(Host.PATIENCE)
                .untilAsserted(() -> assertThat(app.sandboxes().stream()
                                .filter(one -> one.path("restarts").asInt() > 0)
                                .count())
                        .isGreaterThan(50));
        for (int i = 0; i < 50; i++) {
            dave.api().get(app.path()).is(200);
            HOST.anonymous().get("/healthz").is(200);
            assertThat(Shell.curl("http://127.0.0.1:" + quiet.publishedPort("web") + "/"))
                    .isEqualTo(quiet.sandbox().id());
        }
        App during = dave.web("during", Program.webServer());
        during.delete();
        app.delete();
        quiet.delete();
    }
}
