package io.hostel.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What a process may use, and what happens when it wants more. */
final class LimitsIT {
    @RegisterExtension
    static final Host HOST = new Host();

    private static Tenant alice;
    private static Sandbox neighbour;

    @BeforeAll
    static void aTenantAndItsNeighbour() {
        alice = HOST.tenant("alice");
        neighbour = HOST.tenant("bob").web("quiet", Program.webServer()).sandbox();
    }

    @Test
    void theDiskEndsWhereTheLimitSaysAndNeighboursGoOnWriting() {
        App app = alice.app("writer");
        app.deploy(Release.of("web", Program.idle().limits("disk", "16MiB"))).live();
        Sandbox writer = app.sandbox();
        Sandbox.Executed full = writer.exec("dd", "if=/dev/urandom", "of=/app/big", "bs=1M", "count=64");
        assertThat(full.code()).isNotZero();
        assertThat(full.stderr()).containsAnyOf("quota", "space");
        long written = Long.parseLong(
                writer.exec("stat", "-c", "%s", "/app/big").succeeded().strip());
        assertThat(written).isLessThanOrEqualTo(17L << 20);
        neighbour.shell("echo fine > /app/fine && cat /app/fine").succeeded();
        writer.exec("rm", "/app/big").succeeded();
        Awaitility.await()
                .atMost(Host.PATIENCE)
                .untilAsserted(() -> writer.shell("echo again > /app/again").succeeded());
        app.delete();
    }

    @Test
    void tmpAndShmAreBoundedToo() {
        App app = alice.app("shm");
        app.deploy(Release.of("web", Program.idle().limits("disk", "16MiB", "memory", "32MiB")))
                .live();
        Sandbox writer = app.sandbox();
        assertThat(writer.exec("dd", "if=/dev/urandom", "of=/tmp/big", "bs=1M", "count=64")
                        .code())
                .isNotZero();
        assertThat(writer.exec("dd", "if=/dev/zero", "of=/dev/shm/big", "bs=1M", "count=256")
                        .code())
                .isNotZero();
        app.delete();
    }

    @Test
    void openFilesAreBounded() {
        App app = alice.app("opener");
        app.deploy(Release.of("web", Program.idle().limits("files", 64))).live();
        Sandbox.Executed tried = app.sandbox()
                .python(
                        "f=[]\ntry:\n while True: f.append(open('/dev/null'))\nexcept OSError as e: print(len(f), e.errno)");
        String[] counted = tried.succeeded().strip().split(" ");
        assertThat(Integer.parseInt(counted[0])).isLessThan(64);
        assertThat(counted[1]).isEqualTo("24");
        assertThat(app.sandbox().shell("ulimit -n 100000").code()).isNotZero();
        app.delete();
    }

    @Test
    void theLeastThatIsAcceptedStarts() {
        App app = alice.app("least");
        app.deploy(Release.of(
                        "web",
                        Program.of("/bin/sleep", "100000")
                                .limits("files", 16, "pids", 4, "memory", "4MiB", "cpus", 0.01, "disk", "1MiB")))
                .live();
        Sandbox sandbox = app.sandbox();
        assertThat(sandbox.view().path("restarts").asInt()).isZero();
        // Its init has what launching takes.
        long command = Collections.max(sandbox.pidsInside());
        assertThat(Machine.read(Path.of("/proc/" + command + "/limits")))
                .containsPattern("Max open files +16 +16 ");
        app.delete();
    }

    @Test
    void aProcessGetsNoMoreCpuThanItsShare() {
        App app = alice.app("burner");
        app.deploy(Release.of(
                        "web",
                        Program.shell("while :; do :; done & while :; do :; done")
                                .limits("cpus", 0.25)))
                .live();
        Sandbox burner = app.sandbox();
        Awaitility.await()
                .atMost(Host.PATIENCE)
                .untilAsserted(() -> assertThat(cpuSeconds(burner)).isGreaterThan(0.5));
        double from = cpuSeconds(burner);
        long began = System.nanoTime();
        Awaitility.await().atMost(Host.PATIENCE).until(() -> cpuSeconds(burner) > from + 0.5);
        double used = cpuSeconds(burner) - from;
        double wall = (System.nanoTime() - began) / 1e9;
        // A share, not a time: twice the limit leaves room for the period's granularity.
        assertThat(used / wall).isLessThan(0.5);
        assertThat(neighbour.exec("true").code()).isZero();
        app.delete();
    }

    private static double cpuSeconds(Sandbox sandbox) {
        return sandbox.view().path("usage").path("cpuSeconds").asDouble();
    }

    @Test
    void aMemoryHogInExecIsKilledAndTheServiceLivesOrIsRestarted() {
        App app = alice.web("frugal", Program.webServer().limits("memory", "48MiB"));
        Sandbox sandbox = app.sandbox();
        Sandbox.Executed hog = sandbox.python("x = []\nwhile True: x.append(bytearray(1 << 20))");
        assertThat(hog.code()).isNotZero();
        Awaitility.await()
                .atMost(Host.PATIENCE)
                .untilAsserted(() -> assertThat(sandbox.state()).isEqualTo("running"));
        assertThat(neighbour.state()).isEqualTo("running");
        Awaitility.await()
                .atMost(Host.PATIENCE)
                .untilAsserted(() -> assertThat(
                                sandbox.view().path("usage").path("oomKills").asInt())
                        .isPositive());
        app.delete();
    }

    @Test
    void aServiceThatIsKilledForMemoryIsRestartedAndSaysSo() {
        App app = alice.app("leaky");
        app.deploy(Release.of(
                        "web",
                        Program.of(
                                        "python3",
                                        "-c",
                                        "import time\ntime.sleep(2)\nx = []\nwhile True: x.append(bytearray(1 << 20))")
                                .limits("memory", "48MiB")))
                .live();
        Sandbox leaky = app.sandbox();
        Awaitility.await().atMost(Host.PATIENCE).untilAsserted(() -> {
            assertThat(leaky.view().path("lastExit").path("oom").asBoolean())
                    .as("%s", leaky.view())
                    .isTrue();
            assertThat(leaky.view().path("restarts").asInt()).isPositive();
        });
        app.delete();
    }

    @Test
    void aFloodOfLogsIsCutAndNeverStopsTheApp() {
        App app = alice.app("noisy");
        app.deploy(Release.of(
                        "web",
                        Program.shell(
                                "yes 'all work and no play' | head -c 24000000; echo done > /app/done; sleep 1000")))
                .live();
        Sandbox noisy = app.sandbox();
        Awaitility.await()
                .atMost(Host.PATIENCE)
                .untilAsserted(() -> noisy.exec("cat", "/app/done").succeeded());
        String size = Shell.run("du", "-sk", HOST.directory().resolve("log").toString())
                .split("\\s")[0];
        assertThat(Long.parseLong(size)).as("KiB of logs").isLessThan(40_000);
        assertThat(alice.api().get(app.path() + "/logs?tail=10").is(200)).isNotNull();
        app.delete();
    }

    @Test
    void aDeployOrScaleOverTheQuotaIsRefusedWholeWithTheNumbers() {
        Tenant small = HOST.tenant("small", Map.of("sandboxes", 2, "memory", "160MiB", "publishedPorts", 1));
        App app = small.web("one", Program.webServer());
        var problem = small.api()
                .patch(app.path() + "/processes/web", Map.of("scale", 3))
                .isProblem(403);
        assertThat(problem.path("detail").asText()).containsPattern("[0-9]");
        assertThat(app.process("web").path("scale").asInt()).isEqualTo(1);
        assertThat(app.sandboxes()).hasSize(1);
        small.api()
                .post(
                        small.path() + "/apps/two/releases",
                        Release.of("web", Program.webServer()).spec())
                .isProblem(403);
        small.api().get(small.path() + "/apps/two").isProblem(404);
        small.api()
                .post(
                        small.path() + "/apps/two/releases",
                        Release.of("job", Program.idle().limits("memory", "128MiB"))
                                .spec())
                .isProblem(403);
        var usage = small.api().get(small.path()).is(200).path("usage");
        assertThat(usage.path("sandboxes").asInt()).isEqualTo(1);
        assertThat(usage.path("memory").asLong()).isEqualTo(64L << 20);
        assertThat(usage.path("publishedPorts").asInt()).isEqualTo(1);
        HOST.operator()
                .patch(small.path(), Map.of("quota", Map.of("memory", "1GiB", "sandboxes", 5)))
                .is(200);
        assertThat(app.scale("web", 3).path("running").asInt()).isEqualTo(3);
        small.delete();
    }

    @Test
    void whatIsDeletedIsGivenBackToTheQuota() {
        Tenant small = HOST.tenant("tiny", Map.of("sandboxes", 1));
        for (int i = 0; i < 3; i++) {
            small.web("app", Program.webServer()).delete();
        }
        assertThat(List.of(small.api()
                        .get(small.path())
                        .is(200)
                        .path("usage")
                        .path("sandboxes")
                        .asInt()))
                .containsExactly(0);
        small.delete();
    }
}
