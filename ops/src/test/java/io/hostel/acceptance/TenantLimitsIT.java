package io.hostel.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What a tenant's sandboxes and those who attend to them may use together: it is the kernel that holds them to it. */
final class TenantLimitsIT {
    private static final long MIB = 1 << 20;

    @RegisterExtension
    static final Host HOST = new Host();

    /** The tenant's group in the hierarchy that has such a file. */
    private static Path group(Sandbox sandbox, String... files) {
        return Shell.run("find", "/sys/fs/cgroup", "-type", "d", "-name", "hs-" + sandbox.id())
                .lines()
                .map(line -> Path.of(line).resolve("..").normalize())
                .filter(group -> List.of(files).stream().anyMatch(file -> Files.exists(group.resolve(file))))
                .findFirst()
                .orElseThrow();
    }

    private static long number(Path group, String... files) {
        return List.of(files).stream()
                .map(group::resolve)
                .filter(Files::exists)
                .map(file -> Long.parseLong(Machine.read(file).strip()))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void theBoundFollowsTheQuotaAndGoesWithTheTenant() {
        Tenant small = HOST.tenant("small", Map.of("memory", "192MiB", "sandboxes", 2, "pids", 300));
        Sandbox sandbox = small.web("one", Program.webServer()).sandbox();
        String[] memory = {"memory.max", "memory.limit_in_bytes"};
        Path group = group(sandbox, memory);
        assertThat(String.valueOf(group.getFileName())).matches("t-[0-9]+");
        long before = number(group, memory);
        assertThat(before).isBetween(192 * MIB, 1024 * MIB);
        assertThat(number(group(sandbox, "pids.max"), "pids.max")).isBetween(300L, 5_000L);
        HOST.operator()
                .patch(small.path(), Map.of("quota", Map.of("memory", "448MiB")))
                .is(200);
        Awaitility.await()
                .atMost(Host.PATIENCE)
                .untilAsserted(() -> assertThat(number(group, memory)).isEqualTo(before + 256 * MIB));
        HOST.operator()
                .patch(small.path(), Map.of("quota", Map.of("memory", "192MiB")))
                .is(200);
        Awaitility.await()
                .atMost(Host.PATIENCE)
                .untilAsserted(() -> assertThat(number(group, memory)).isEqualTo(before));
        small.delete();
        Awaitility.await().atMost(Host.PATIENCE).untilAsserted(() -> assertThat(group)
                .doesNotExist());
    }

    /** What is written has to be taken by somebody: that is the tenant's work, too. */
    @Test
    void whoTakesTheOutputIsHeldToTheTenantsProcessors() throws Exception {
        Tenant noisy = HOST.tenant("noisy", Map.of("cpus", 0.1, "sandboxes", 2));
        App app = noisy.app("flood");
        app.deploy(Release.of(
                        "web",
                        Program.shell("while :; do yes ''; done").limits("cpus", 0.05).scale(2)))
                .live();
        Sandbox one = app.running(2).get(0);
        long monitor = Machine.processes(line -> line.contains("hostel-monitor " + one.id())).stream()
                .map(line -> Long.parseLong(line.split(" ")[0]))
                .findFirst()
                .orElseThrow();
        Path group = group(one, "cpuacct.usage", "memory.max");
        assertThat(Machine.read(Path.of("/proc/" + monitor + "/cgroup")))
                .containsPattern("(?m):/" + HOST.bridge() + "/" + group.getFileName() + "/monitors$");
        double from = used(group);
        long began = System.nanoTime();
        Awaitility.await().atMost(Host.PATIENCE).until(() -> System.nanoTime() - began > 3_000_000_000L);
        double share = (used(group) - from) / ((System.nanoTime() - began) / 1e9);
        assertThat(share).as("cores").isLessThan(1.0);
        noisy.delete();
    }

    private static double used(Path group) {
        return Files.exists(group.resolve("cpuacct.usage"))
                ? number(group, "cpuacct.usage") / 1e9
                : Long.parseLong(Machine.read(group.resolve("cpu.stat")).lines().findFirst().orElseThrow().split(" ")[1]) / 1e6;
    }

    @Test
    void aSandboxThatRunsOutOfMemoryCostsNoOtherOfTheTenantsItsMonitor() {
        Tenant alice = HOST.tenant("alice");
        App quiet = alice.web("quiet", Program.webServer());
        long calm = quiet.sandbox().pid();
        App hungry = alice.web("hungry", Program.webServer().limits("memory", "48MiB"));
        Sandbox hungriest = hungry.sandbox();
        assertThat(hungriest.python("x = []\nwhile True: x.append(bytearray(1 << 20))").code())
                .isNotZero();
        assertThat(quiet.sandbox().pid()).isEqualTo(calm);
        assertThat(quiet.sandbox().exec("true").code()).isZero();
        alice.delete();
    }
}
