package io.hostel.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A release takes the place of another once it has shown that it can go on, and not because it has answered once. */
final class ProofIT {
    @RegisterExtension
    static final Host HOST =
            new Host("-Dhostel.deploys.alive-seconds=1", "-Dhostel.deploys.alive-without-port-seconds=3");

    /** Long before any allowance is over. */
    private static final Duration SOON = Patience.seconds(15);

    private Tenant tenant;
    private App app;

    @BeforeEach
    void aTenant() {
        tenant = HOST.tenant("alice");
        app = tenant.app("shop");
    }

    @AfterEach
    void away() {
        tenant.delete();
    }

    /** Listens for so many seconds, or answers one request, and ends with 1. */
    @ParameterizedTest
    @ValueSource(strings = {"time.sleep(0.05)", "time.sleep(0.3)", "c = s.accept()[0]; time.sleep(0.05); c.close()"})
    void whatAnswersForAMomentFailsAndTheOldOneGoesOn(String moment) throws Exception {
        app.deploy(Release.of("web", Program.webServer())).live();
        String old = app.sandbox().id();
        AtomicBoolean over = new AtomicBoolean();
        AtomicInteger others = new AtomicInteger();
        CompletableFuture<Integer> asked = CompletableFuture.supplyAsync(() -> {
            int times = 0;
            while (!over.get()) {
                times++;
                if (!Shell.curl(app.url("web")).equals(old)) {
                    others.incrementAndGet();
                }
            }
            return times;
        });
        Instant begun = Instant.now();
        String reason = app.deploy(Release.of(
                        "web",
                        Program.of(
                                        "python3",
                                        "-c",
                                        "import os, socket, sys, time; s = socket.create_server(('', int(os.environ['PORT']))); "
                                                + moment + "; sys.exit('that was all')")
                                .with("port", 8080)))
                .failed();
        assertThat(Duration.between(begun, Instant.now())).isLessThan(SOON);
        assertThat(reason).contains("3 times").contains("it exited with code 1").contains("that was all");
        over.set(true);
        assertThat(asked.get()).isPositive();
        assertThat(others).as("answers that were not the old one's").hasValue(0);
        assertThat(app.view().path("release").asInt()).isEqualTo(1);
    }

    @Test
    void aWorkerThatDiesAfterTwoSecondsIsNoRelease() {
        String reason = app.deploy(Release.of("worker", Program.shell("sleep 2; echo dying; exit 3")))
                .failed();
        assertThat(reason).contains("worker").contains("it exited with code 3").contains("dying");
    }

    @Test
    void whatCanNotBeExecutedOrEndsAtOnceIsToldAtOnce() {
        Instant begun = Instant.now();
        assertThat(app.deploy(Release.of("web", Program.of("/app/nothing").with("port", 8080)))
                        .failed())
                .contains("/app/nothing");
        assertThat(app.deploy(Release.of("web", Program.shell("echo no module; exit 1").with("port", 8080)))
                        .failed())
                .contains("no module");
        assertThat(Duration.between(begun, Instant.now())).isLessThan(SOON);
    }

    @Test
    void whoListensForItselfOnlyIsToldSo() {
        String serve = "python3 -m http.server --bind %s 8080";
        assertThat(app.deploy(Release.of(
                                "web",
                                Program.shell("exec " + serve.formatted("127.0.0.1"))
                                        .with("port", 8080)
                                        .with("health", Map.of("startup", Patience.duration(3)))))
                        .failed())
                .contains("it listens on 127.0.0.1:8080 only: let it listen on 0.0.0.0");
        assertThat(app.deploy(Release.of(
                                "web",
                                Program.shell("exec " + serve.formatted("0.0.0.0"))
                                        .with("port", 3000)
                                        .with("health", Map.of("startup", Patience.duration(3)))))
                        .failed())
                .contains("it listens on 0.0.0.0:8080, and its port is 3000");
    }

    @Test
    void theFirstAnswerOfAFirstReleaseIsLedTo() {
        app.deployLater(Release.of("web", Program.webServer()));
        Awaitility.await()
                .atMost(Host.PATIENCE)
                .pollInterval(Duration.ofMillis(20))
                .untilAsserted(() -> assertThat(Shell.curl(app.url("web"))).isEqualTo(app.sandbox().id()));
    }

    @Test
    void aCrashLoopIsNotCountedAsRunning() {
        app.deploy(Release.of("worker", Program.shell("[ -e /app/spoilt ] && sleep 2 && exit 1; sleep 100000")))
                .live();
        Sandbox sandbox = app.sandbox();
        sandbox.shell("touch /app/spoilt").succeeded();
        long first = sandbox.killInit();
        sandbox.awaitRestart(first);
        Awaitility.await()
                .atMost(Host.PATIENCE)
                .until(() -> app.sandbox().view().path("restarts").asInt() > 1);
        Awaitility.await()
                .during(Duration.ofSeconds(4))
                .atMost(Host.PATIENCE)
                .until(() -> app.process("worker").path("running").asInt() == 0);
    }
}
