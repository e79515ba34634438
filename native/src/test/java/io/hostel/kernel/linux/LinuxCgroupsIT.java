package io.hostel.kernel.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.hostel.kernel.Cgroups.Limits;
import io.hostel.kernel.Cgroups.Usage;
import io.hostel.kernel.KernelException;
import io.hostel.sys.KernelFile;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class LinuxCgroupsIT {
    private static final Duration PATIENCE = Patience.seconds(120);
    private static final long MIB = 1 << 20;
    private static final Limits LIMITS = new Limits(64 * MIB, 0.5, 16);

    private final String host = "hs-it-" + ProcessHandle.current().pid();
    private LinuxCgroups cgroups;

    @BeforeEach
    void prepare() throws Exception {
        cgroups = new LinuxCgroups(host);
        cgroups.prepare();
        cgroups.prepare();
    }

    @AfterEach
    void nothingIsLeft() throws Exception {
        for (String group : cgroups.groups()) {
            cgroups.killForGood(group);
            cgroups.remove(group);
        }
        cgroups.unprepare();
        cgroups.unprepare();
        for (Path entrance : cgroups.entrances("x")) {
            assertThat(entrance.resolve("../..").normalize()).doesNotExist();
        }
    }

    @Test
    void groupsAreMadeListedAndTakenAway() throws Exception {
        cgroups.create("hs-a", LIMITS);
        cgroups.create("hs-a", new Limits(128 * MIB, 1, 32));
        cgroups.create("hs-a", new Limits(32 * MIB, 0.25, 8));
        cgroups.create("hs-b", LIMITS);
        assertThat(cgroups.groups()).containsExactly("hs-a", "hs-b");
        cgroups.remove("hs-a");
        cgroups.remove("hs-a");
        assertThat(cgroups.groups()).containsExactly("hs-b");
        assertThat(cgroups.usage("hs-a")).isEqualTo(Usage.NONE);
        assertThat(cgroups.processes("hs-a")).isEmpty();
        cgroups.kill("hs-a");
        cgroups.killForGood("hs-a");
    }

    @Test
    void namesLeadNowhereElse() {
        assertThatIllegalArgumentException().isThrownBy(() -> cgroups.kill("../memory"));
        assertThatIllegalArgumentException().isThrownBy(() -> cgroups.remove(""));
        assertThatIllegalArgumentException().isThrownBy(() -> cgroups.create("..", LIMITS));
    }

    @Test
    void aGroupWithProcessesIsNotRemovedUntilTheyAreKilled() throws Exception {
        cgroups.create("hs-a", LIMITS);
        try (Sleeper sleeper = Sleeper.start()) {
            enter("hs-a", sleeper);
            assertThat(cgroups.processes("hs-a")).containsExactly(sleeper.pid());
            assertThat(cgroups.usage("hs-a").pids()).isEqualTo(1);
            assertThatThrownBy(() -> cgroups.remove("hs-a"))
                    .isInstanceOfSatisfying(
                            KernelException.class, e -> assertThat(e.errno()).isEqualTo("EBUSY"));
            cgroups.kill("hs-a");
            cgroups.remove("hs-a");
            assertThat(sleeper.ended()).isTrue();
        }
    }

    @Test
    void aForkBombStopsAtTheLimitAndIsKilledWhole() throws Exception {
        aForkBombIsKilledBy(cgroups::kill);
        aForkBombIsKilledBy(cgroups::killForGood);
    }

    private void aForkBombIsKilledBy(Kill kill) throws Exception {
        cgroups.create("hs-a", LIMITS);
        try (Sleeper bomb = Sleeper.running("b() { b & b & sleep 0.1; b; }; sleep 1; b")) {
            enter("hs-a", bomb);
            await().atMost(PATIENCE)
                    .untilAsserted(
                            () -> assertThat(cgroups.usage("hs-a").pids()).isGreaterThanOrEqualTo(8));
            assertThat(cgroups.usage("hs-a").pids()).isLessThanOrEqualTo(16 + cgroups.attendants());
            kill.of("hs-a");
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(cgroups.processes("hs-a")).isEmpty());
            cgroups.remove("hs-a");
        }
    }

    private interface Kill {
        void of(String group) throws Exception;
    }

    @Test
    void aMemoryHogIsKilledAndCounted() throws Exception {
        cgroups.create("hs-a", new Limits(24 * MIB, 1, 16));
        String waitThenHog = "sleep 1; exec tail /dev/zero";
        try (Sleeper hog = Sleeper.running(waitThenHog)) {
            enter("hs-a", hog);
            await().atMost(PATIENCE).until(hog::ended);
            Usage usage = cgroups.usage("hs-a");
            assertThat(usage.oomKills()).isEqualTo(1);
            assertThat(usage.peakMemoryBytes()).isBetween(20 * MIB, 24 * MIB);
        }
    }

    @Test
    void theProcessorIsSharedOutByQuota() throws Exception {
        cgroups.create("hs-a", new Limits(64 * MIB, 0.1, 16));
        try (Sleeper busy = Sleeper.running("sleep 0.5; while :; do :; done")) {
            enter("hs-a", busy);
            await().atMost(PATIENCE).until(() -> cgroups.usage("hs-a").cpuSeconds() > 0.3);
            String throttled = KernelFile.read(cpuStat().toString());
            assertThat(FlatKeyed.value(throttled, "nr_throttled")).isPositive();
        }
    }

    @Test
    void theMonitorsGroupIsEnteredToo() throws Exception {
        try (Sleeper monitor = Sleeper.start()) {
            enter(LinuxCgroups.MONITORS, monitor);
            assertThat(cgroups.groups()).isEmpty();
        }
        assertThat(new LinuxCgroups(host).version()).isEqualTo(cgroups.version());
        assertThat(cgroups.directory("hs-a").isPresent())
                .isEqualTo(cgroups.version().equals("v2"));
    }

    private Path cpuStat() {
        return cgroups.entrances("hs-a").stream()
                .map(entrance -> entrance.resolveSibling("cpu.stat"))
                .filter(file -> file.toFile().exists())
                .findFirst()
                .orElseThrow();
    }

    private void enter(String group, Sleeper process) throws Exception {
        for (Path entrance : cgroups.entrances(group)) {
            KernelFile.write(entrance.toString(), Integer.toString(process.pid()));
        }
    }
}
