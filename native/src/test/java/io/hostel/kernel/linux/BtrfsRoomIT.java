package io.hostel.kernel.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.hostel.kernel.KernelException;
import io.hostel.sys.Errno;
import io.hostel.sys.OpenFile;
import io.hostel.sys.Statfs;
import io.hostel.sys.SysException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A pool whose layers are promised more than there is. */
class BtrfsRoomIT {
    private static final Duration PATIENCE = Patience.seconds(120);
    private static final Duration SOME_LOOKS = Duration.ofSeconds(3);
    private static final long MIB = 1 << 20;
    private static final int GREEDY = 1_000_000;
    private static final int MODEST = 1_065_536;
    private static final int LATE = 1_131_072;
    private static final List<String> MANY =
            IntStream.range(0, 4).mapToObj(i -> "greedy" + i).toList();
    private static final Path DISK = Path.of(System.getProperty("hostel.test.disk", "/var/tmp"));

    @TempDir
    Path runDir;

    private Path stateDir;
    private Path file;
    private Path pool;
    private BtrfsLayers layers;

    @BeforeEach
    void open() throws Exception {
        stateDir = Files.createTempDirectory(DISK, "room");
        file = stateDir.resolve("layers.pool");
        pool = runDir.resolve("layers");
        layers = new BtrfsLayers();
        layers.open(file, pool, 512 * MIB);
        for (String name : MANY) layers.create(pool, name, 400 * MIB, GREEDY);
        layers.create(pool, "modest", 64 * MIB, MODEST);
    }

    @AfterEach
    void nothingIsLeft() throws Exception {
        layers.close(pool);
        await().atMost(PATIENCE).until(() -> LoopDevice.find(file).isEmpty());
        Files.delete(file);
        Files.delete(stateDir);
    }

    private Path upper(String layer) {
        return layers.upper(pool, layer);
    }

    private long available() throws SysException {
        return Statfs.of(pool.toString()).availableBytes();
    }

    /** Until nothing has gone in for some looks. */
    private void takeAllThereIs() throws Exception {
        for (int round = 0, idle = 0; idle < 3; round++) {
            long before = available();
            for (String name : MANY) Filling.fill(upper(name).resolve("f" + round), 512);
            idle = before - available() < 4 * MIB ? idle + 1 : 0;
            Thread.sleep(1100);
        }
    }

    @Test
    void whoTakesAllThereIsLeavesOthersTheirPartAndNewcomersTheirFloors() throws Exception {
        takeAllThereIs();
        assertThat(available()).as("most of it was had").isLessThan(200 * MIB);
        assertThat(Filling.fill(upper("modest").resolve("f"), 20)).isEqualTo(20);
        Thread.sleep(SOME_LOOKS.toMillis());
        assertThat(Filling.fill(upper("modest").resolve("g"), 8))
                .as("half of what it was given is its own")
                .isEqualTo(8);
        for (int i = 0; i < 8; i++) {
            layers.create(pool, "late" + i, 64 * MIB, LATE);
            Files.write(upper("late" + i).resolve("f"), new byte[512 << 10]);
        }
        takeAllThereIs();
        for (int i = 0; i < 8; i++) {
            Files.write(upper("late" + i).resolve("g"), new byte[64 << 10]);
            layers.remove(pool, "late" + i);
        }
        for (String name : MANY) {
            try (var files = Files.list(upper(name))) {
                for (Path each : files.toList()) Files.delete(each);
            }
        }
        await().atMost(PATIENCE)
                .pollInterval(Duration.ofSeconds(1))
                .untilAsserted(() -> {
                    assertThat(available()).isGreaterThan(350 * MIB);
                    Files.deleteIfExists(upper(MANY.get(0)).resolve("g"));
                    assertThat(Filling.fill(upper(MANY.get(0)).resolve("g"), 40))
                            .as("all is well again")
                            .isEqualTo(40);
                });
    }

    /** As a daemon that has been killed: bounds are what it left. */
    @Test
    void nobodyGetsPastWhatIsKeptBetweenTwoLooks() throws Exception {
        Thread.sleep(SOME_LOOKS.toMillis());
        layers.close();
        for (int round = 0; round < 5; round++) {
            for (String name : MANY) Filling.fill(upper(name).resolve("f" + round), 512);
        }
        assertThat(available()).isGreaterThan(32 * MIB);
        assertThat(Filling.fill(upper("modest").resolve("f"), 28)).isEqualTo(28);
    }

    @Test
    void whoeverHasManyLayersHasNoMoreThanWhoeverHasOne() throws Exception {
        layers.create(pool, "single", 400 * MIB, LATE);
        Thread.sleep(SOME_LOOKS.toMillis());
        layers.close();
        long many = 0;
        for (String name : MANY) many += Filling.fill(upper(name).resolve("f"), 512);
        long one = Filling.fill(upper("single").resolve("f"), 512);
        assertThat((double) many / one).isBetween(0.6, 1.4);
    }

    @Test
    void filesWithoutContentLeaveRoomForOthersLayersToo() throws Exception {
        String longName = "n".repeat(200);
        byte[] attribute = new byte[3000];
        for (int round = 0; round < 4; round++) {
            for (String name : MANY) {
                Path upper = upper(name);
                try {
                    for (int i = 0; i < 20_000; i++) {
                        Path path = upper.resolve(longName + round + "-" + i);
                        OpenFile.open(path.toString(), OpenFile.WRITE | OpenFile.CREATE, 0600)
                                .close();
                        Files.setAttribute(path, "user:padding", attribute);
                    }
                } catch (SysException e) {
                    assertThat(e.errno()).isIn(Errno.EDQUOT, Errno.ENOSPC);
                } catch (java.io.IOException e) {
                    assertThat(e).hasMessageContaining("quota");
                }
            }
            Thread.sleep(1100);
        }
        assertThat(Filling.fill(upper("modest").resolve("f"), 28)).isEqualTo(28);
        for (int i = 0; i < 8; i++) {
            layers.create(pool, "late" + i, 64 * MIB, LATE);
            Files.write(upper("late" + i).resolve("f"), new byte[512 << 10]);
        }
        for (String name : MANY) layers.remove(pool, name);
    }

    @Test
    void theNextDaemonHoldsLayersToWhatTheyWereGiven() throws Exception {
        Thread.sleep(SOME_LOOKS.toMillis());
        layers.close();
        BtrfsLayers next = new BtrfsLayers();
        next.open(file, pool, 512 * MIB);
        layers = next;
        for (String name : MANY) next.remove(pool, name);
        await().atMost(PATIENCE).pollInterval(Duration.ofSeconds(1)).untilAsserted(() -> {
            // What is written over takes room before what was there gives its own back.
            Files.deleteIfExists(upper("modest").resolve("f"));
            assertThat(Filling.fill(upper("modest").resolve("f"), 512)).isBetween(60L, 64L);
        });
    }

    @Test
    void whatLayersTakeAndWerePromisedIsTold() throws KernelException, SysException {
        long before = layers.use(pool, "modest").bytes();
        Filling.fill(upper("modest").resolve("f"), 10);
        assertThat(layers.use(pool, "modest").bytes() - before).isBetween(10 * MIB, 11 * MIB);
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(layers.promised(pool).promisedBytes()).isEqualTo(1664 * MIB));
    }
}
