package io.hostel.kernel.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.hostel.kernel.Cgroups;
import io.hostel.kernel.Cgroups.Limits;
import io.hostel.kernel.Cgroups.Usage;
import io.hostel.kernel.KernelException;
import io.hostel.kernel.Listening;
import io.hostel.sys.KernelFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
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
        List<String> fromTheEnd = new ArrayList<>(cgroups.groups());
        Collections.reverse(fromTheEnd);
        for (String group : fromTheEnd) {
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
            enter(Cgroups.MONITORS, monitor);
            assertThat(cgroups.groups()).isEmpty();
        }
        assertThat(new LinuxCgroups(host).version()).isEqualTo(cgroups.version());
        assertThat(cgroups.directory("hs-a").isPresent())
                .isEqualTo(cgroups.version().equals("v2"));
    }

    @Test
    void aTenantsGroupHoldsItsSandboxesAndGoesAfterThem() throws Exception {
        assertThatThrownBy(() -> cgroups.create("t-1/hs-a", LIMITS))
                .isInstanceOfSatisfying(
                        KernelException.class, e -> assertThat(e.errno()).isEqualTo("ENOENT"));
        cgroups.bound("t-1", new Limits(128 * MIB, 1.5, 64));
        cgroups.create("t-1/hs-a", LIMITS);
        cgroups.bound("t-1", new Limits(256 * MIB, 2, 64));
        cgroups.bound("t-1", new Limits(96 * MIB, 1, 32));
        assertThat(cgroups.groups()).containsExactly("t-1", "t-1/hs-a");
        assertThat(cgroups.present("t-1/monitors")).isTrue();
        assertThatThrownBy(() -> cgroups.remove("t-1")).isInstanceOf(KernelException.class);
        cgroups.remove("t-1/hs-a");
        cgroups.remove("t-1");
        cgroups.remove("t-1");
        assertThat(cgroups.groups()).isEmpty();
        assertThatIllegalArgumentException().isThrownBy(() -> cgroups.create("t-1/../x", LIMITS));
        assertThatIllegalArgumentException().isThrownBy(() -> cgroups.create("t-1/hs-a/x", LIMITS));
    }

    /** Each may use more than the tenant may. */
    @Test
    void whatATenantsSandboxesUseTogetherEndsAtItsBoundAndIsNobodyElsesLoss() throws Exception {
        cgroups.bound("t-1", new Limits(48 * MIB, 2, 64));
        cgroups.bound("t-2", new Limits(48 * MIB, 2, 64));
        for (String group : List.of("t-1/hs-a", "t-1/hs-b", "t-2/hs-c")) {
            cgroups.create(group, new Limits(64 * MIB, 1, 16));
        }
        try (Sleeper monitor = Sleeper.start();
                Sleeper neighbour = Sleeper.start();
                Sleeper one = Sleeper.holding(32);
                Sleeper other = Sleeper.holding(40)) {
            for (Sleeper tenants : List.of(one, other)) {
                KernelFile.write("/proc/" + tenants.pid() + "/oom_score_adj", "100");
            }
            enter("t-1/monitors", monitor);
            enter("t-2/hs-c", neighbour);
            enter("t-1/hs-a", one);
            enter("t-1/hs-b", other);
            await().atMost(PATIENCE).until(() -> one.ended() || other.ended());
            assertThat(cgroups.usage("t-1/hs-a").oomKills() + cgroups.usage("t-1/hs-b").oomKills())
                    .isPositive();
            assertThat(cgroups.usage("t-2/hs-c").oomKills()).isZero();
            assertThat(cgroups.usage("t-1").peakMemoryBytes()).isBetween(0L, 48 * MIB);
            assertThat(monitor.ended()).isFalse();
            assertThat(neighbour.ended()).isFalse();
        }
    }

    @Test
    void forkBombsInTwoOfATenantsSandboxesStopAtItsBound() throws Exception {
        cgroups.bound("t-1", new Limits(256 * MIB, 2, 20));
        cgroups.create("t-1/hs-a", LIMITS);
        cgroups.create("t-1/hs-b", LIMITS);
        String bomb = "b() { b & b & sleep 0.1; b; }; sleep 1; b";
        try (Sleeper one = Sleeper.running(bomb);
                Sleeper other = Sleeper.running(bomb)) {
            enter("t-1/hs-a", one);
            enter("t-1/hs-b", other);
            await().atMost(PATIENCE).until(() -> cgroups.usage("t-1").pids() >= 16);
            for (int i = 0; i < 100; i++) {
                assertThat(cgroups.usage("t-1").pids()).isLessThanOrEqualTo(20);
            }
            cgroups.kill("t-1/hs-a");
            cgroups.kill("t-1/hs-b");
        }
    }

    @Test
    void aTenantWithManySandboxesGetsNoMoreOfTheProcessorsThanOneWithFew() throws Exception {
        int cores = Runtime.getRuntime().availableProcessors();
        List<Sleeper> busy = new ArrayList<>();
        try {
            for (String tenant : List.of("t-1", "t-2")) {
                cgroups.bound(tenant, new Limits(256 * MIB, cores, 256));
                int sandboxes = tenant.equals("t-1") ? 4 : 1;
                for (int i = 0; i < sandboxes; i++) {
                    String group = tenant + "/hs-" + i;
                    cgroups.create(group, new Limits(64 * MIB, cores, 64));
                    for (int each = 0; each < cores; each++) {
                        Sleeper loop = Sleeper.running("sleep 1; while :; do :; done");
                        busy.add(loop);
                        enter(group, loop);
                    }
                }
            }
            await().atMost(PATIENCE).until(() -> cgroups.usage("t-2").cpuSeconds() > 0.2);
            double many = cgroups.usage("t-1").cpuSeconds();
            double few = cgroups.usage("t-2").cpuSeconds();
            await().atMost(PATIENCE).until(() -> cgroups.usage("t-2").cpuSeconds() > few + 1);
            double ratio = (cgroups.usage("t-1").cpuSeconds() - many) / (cgroups.usage("t-2").cpuSeconds() - few);
            assertThat(ratio).as("of four sandboxes' share and one's").isBetween(0.5, 2.0);
        } finally {
            for (Sleeper loop : busy) loop.close();
        }
    }

    @Test
    void everybodyMovesIntoAnotherGroupWhoeverForksMeanwhile() throws Exception {
        cgroups.create("hs-a", new Limits(64 * MIB, 1, 64));
        cgroups.bound("t-1", new Limits(128 * MIB, 2, 64));
        cgroups.create("t-1/hs-a", new Limits(64 * MIB, 1, 64));
        try (Sleeper forking = Sleeper.running("sleep 1000 & while :; do (:); done")) {
            enter("hs-a", forking);
            await().atMost(PATIENCE).until(() -> cgroups.processes("hs-a").size() > 1);
            cgroups.move("hs-a", "t-1/hs-a");
            assertThat(cgroups.groups()).containsExactly("t-1", "t-1/hs-a");
            assertThat(cgroups.processes("t-1/hs-a")).contains(forking.pid());
            assertThat(forking.ended()).isFalse();
            cgroups.move("hs-a", "t-1/hs-a");
            cgroups.kill("t-1/hs-a");
        }
    }

    @Test
    void aBoundBelowWhatIsInUseHasToWait() throws Exception {
        cgroups.bound("t-1", new Limits(128 * MIB, 1, 64));
        cgroups.create("t-1/hs-a", new Limits(64 * MIB, 1, 16));
        try (Sleeper one = Sleeper.holding(32)) {
            enter("t-1/hs-a", one);
            await().atMost(PATIENCE).until(() -> cgroups.usage("t-1").memoryBytes() > 32 * MIB);
            assertThatThrownBy(() -> cgroups.bound("t-1", new Limits(24 * MIB, 1, 64)))
                    .isInstanceOfSatisfying(
                            KernelException.class, e -> assertThat(e.errno()).isEqualTo("EBUSY"));
            assertThat(one.ended()).isFalse();
        }
        await().atMost(PATIENCE).until(() -> cgroups.usage("t-1").memoryBytes() < 24 * MIB);
        cgroups.bound("t-1", new Limits(24 * MIB, 1, 64));
    }

    /** What it has read and written is cached in memory that is counted as the tenant's. */
    @Test
    void aBoundBelowWhatIsCachedIsSet() throws Exception {
        cgroups.bound("t-1", new Limits(128 * MIB, 1, 64));
        cgroups.create("t-1/hs-a", new Limits(128 * MIB, 1, 16));
        Path written = Files.createTempFile(Path.of("/var/tmp"), "cached", "");
        String write = "import sys, time; time.sleep(1);"
                + " open(sys.argv[1], 'wb').write(bytes(64 << 20)); time.sleep(600)";
        try (Sleeper one = Sleeper.python(write, written.toString())) {
            enter("t-1/hs-a", one);
            await().atMost(PATIENCE).until(() -> Files.size(written) == 64 * MIB);
            assertThat(cgroups.usage("t-1").memoryBytes()).isGreaterThan(60 * MIB);
            await().atMost(PATIENCE)
                    .ignoreExceptions()
                    .untilAsserted(() -> cgroups.bound("t-1", new Limits(32 * MIB, 1, 64)));
            assertThat(cgroups.usage("t-1").memoryBytes()).isLessThanOrEqualTo(32 * MIB);
            assertThat(one.ended()).isFalse();
        } finally {
            Files.delete(written);
        }
    }

    @Test
    void hundredsThatAreKilledForGoodDieFasterThanTheirBoundAllows() throws Exception {
        cgroups.create("hs-a", new Limits(256 * MIB, 0.01, 512));
        List<Sleeper> many = new ArrayList<>();
        try {
            for (int i = 0; i < 200; i++) many.add(Sleeper.start());
            for (Sleeper one : many) enter("hs-a", one);
            cgroups.killForGood("hs-a");
            await().atMost(Duration.ofSeconds(5))
                    .untilAsserted(() -> assertThat(cgroups.processes("hs-a")).isEmpty());
        } finally {
            for (Sleeper one : many) one.close();
        }
    }

    @Test
    void itIsToldOfGroupsThatGoOnBothFloors() throws Exception {
        cgroups.bound("t-1", LIMITS);
        BlockingQueue<String> gone = new LinkedBlockingQueue<>();
        try (Listening listening = cgroups.watch(gone::add)) {
            cgroups.bound("t-2", LIMITS);
            for (String group : List.of("t-1/hs-a", "t-2/hs-b")) {
                cgroups.create(group, LIMITS);
                cgroups.remove(group);
            }
            for (String name : List.of("hs-a", "hs-b")) {
                String told = gone.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS);
                while (told != null && !told.equals(name)) {
                    told = gone.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS);
                }
                assertThat(told).isEqualTo(name);
            }
        }
    }

    /** On v2 it is part of what memory is counted; on v1 it has a bound of its own. */
    @Test
    void whatLiesInQueuesOfSocketsIsBoundedToo() throws Exception {
        cgroups.bound("t-1", new Limits(64 * MIB, 1, 64));
        cgroups.create("t-1/hs-a", new Limits(24 * MIB, 1, 16));
        String fill = """
                import socket, sys, time
                server = socket.create_server(("127.0.0.1", 0))
                time.sleep(1)
                held, pairs = 0, []
                for n in range(200):
                    one = socket.socket()
                    one.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4 << 20)
                    one.settimeout(1)
                    try:
                        one.connect(server.getsockname())
                    except OSError: break
                    pairs.append((one, server.accept()[0]))
                    one.setblocking(False)
                    try:
                        while True: held += one.send(bytes(65536))
                    except OSError: pass
                print(held, file=open(sys.argv[1], "w"))
                """;
        Path told = Files.createTempFile("held", "");
        try (Sleeper hoarder = Sleeper.python(fill, told.toString())) {
            enter("t-1/hs-a", hoarder);
            await().atMost(PATIENCE).until(hoarder::ended);
            String held = Files.readString(told).strip();
            // Killed for it, or stopped: what is in the queues is no more than the limit and what is counted late.
            assertThat(held.isEmpty() ? 0 : Long.parseLong(held)).isLessThan(36 * MIB);
        } finally {
            Files.delete(told);
        }
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
