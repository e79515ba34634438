package io.hostel.kernel.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.hostel.kernel.KernelException;
import io.hostel.sys.Errno;
import io.hostel.sys.Mounts;
import io.hostel.sys.OpenFile;
import io.hostel.sys.Stat;
import io.hostel.sys.SysException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BtrfsLayersIT {
    private static final Duration PATIENCE = Patience.seconds(120);
    private static final long MIB = 1 << 20;
    private static final int OWNER = 1_000_000;

    /** What a pool lies on must be a disk's file system: overlayfs and tmpfs may refuse loop devices. */
    private static final Path DISK = Path.of(System.getProperty("hostel.test.disk", "/var/tmp"));

    @TempDir
    Path runDir;

    private Path stateDir;
    private Path file;
    private Path pool;
    private BtrfsLayers layers;

    @BeforeEach
    void open() throws Exception {
        stateDir = Files.createTempDirectory(DISK, "layers");
        file = stateDir.resolve("layers.pool");
        pool = runDir.resolve("layers");
        layers = new BtrfsLayers();
        layers.open(file, pool, 256 * MIB);
    }

    @AfterEach
    void nothingIsLeft() throws Exception {
        layers.close(pool);
        layers.close(pool);
        assertThat(mounts()).noneMatch(mount -> mount.point().startsWith(runDir));
        await().atMost(PATIENCE).until(() -> LoopDevice.find(file).isEmpty());
        try (var all = Files.list(stateDir)) {
            for (Path each : all.toList()) Files.delete(each);
        }
        Files.delete(stateDir);
    }

    @Test
    void aLayerIsAnEmptyTreeOfItsOwners() throws Exception {
        layers.create(pool, "a", 16 * MIB, OWNER);
        layers.create(pool, "a", 16 * MIB, OWNER);
        for (Path directory : List.of(layers.upper(pool, "a"), layers.work(pool, "a"))) {
            Stat stat = Stat.of(directory.toString());
            assertThat(stat.uid()).isEqualTo(OWNER);
            assertThat(stat.gid()).isEqualTo(OWNER);
            assertThat(stat.mode() & 07777).isEqualTo(0755);
        }
        assertThat(Stat.of(pool.toString()).mode() & 07777).isEqualTo(0700);
        assertThat(Stat.of(pool.resolve("a").toString()).mode() & 07777).isEqualTo(0700);
        assertThat(layers.layers(pool)).containsExactly("a");
        layers.remove(pool, "a");
        layers.remove(pool, "a");
        assertThat(layers.layers(pool)).isEmpty();
    }

    @Test
    void aFullLayerRefusesItsTenantAndNoOther() throws Exception {
        layers.create(pool, "a", 16 * MIB, OWNER);
        layers.create(pool, "b", 32 * MIB, OWNER);
        Path upper = layers.upper(pool, "a");
        assertThat(Filling.fill(upper.resolve("f"), 64)).isBetween(12L, 16L);
        assertThat(Filling.fill(layers.upper(pool, "b").resolve("f"), 20)).isEqualTo(20);
        Files.delete(upper.resolve("f"));
        assertThat(Filling.fill(upper.resolve("g"), 8))
                .as("what is deleted is free again")
                .isEqualTo(8);
    }

    @Test
    void manySmallFilesAreBoundedToo() throws Exception {
        layers.create(pool, "a", 8 * MIB, OWNER);
        Path upper = layers.upper(pool, "a");
        assertThatThrownBy(() -> {
                    for (int i = 0; i < 100_000; i++) {
                        OpenFile.open(upper.resolve("file" + i).toString(), OpenFile.WRITE | OpenFile.CREATE, 0600)
                                .close();
                    }
                })
                .isInstanceOfSatisfying(
                        SysException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EDQUOT));
    }

    @Test
    void aLimitIsRaisedByMakingTheLayerAgain() throws Exception {
        layers.create(pool, "a", 8 * MIB, OWNER);
        assertThat(Filling.fill(layers.upper(pool, "a").resolve("f"), 64)).isLessThan(9);
        layers.create(pool, "a", 64 * MIB, OWNER);
        assertThat(Filling.fill(layers.upper(pool, "a").resolve("g"), 20)).isEqualTo(20);
    }

    @Test
    void aLayerIsAnOverlaysUpper() throws Exception {
        layers.create(pool, "a", 16 * MIB, OWNER);
        Path lower = Files.createDirectory(runDir.resolve("lower"));
        Files.writeString(lower.resolve("x"), "below");
        Path merged = Files.createDirectory(runDir.resolve("merged"));
        String options =
                "lowerdir=" + lower + ",upperdir=" + layers.upper(pool, "a") + ",workdir=" + layers.work(pool, "a");
        Mounts.mount("overlay", merged.toString(), "overlay", Mounts.NOSUID, options);
        try {
            Files.delete(merged.resolve("x"));
            assertThat(merged.resolve("x")).doesNotExist();
            assertThat(Filling.fill(merged.resolve("f"), 64)).isBetween(12L, 16L);
            assertThatThrownBy(() -> {
                        try (BtrfsVolume inside = BtrfsVolume.open(merged.toString())) {
                            inside.createSubvolume("unbounded");
                        }
                    })
                    .as("overlayfs passes no ioctl on")
                    .isInstanceOfSatisfying(
                            SysException.class, e -> assertThat(e.errno()).isEqualTo(Errno.ENOTTY));
        } finally {
            Mounts.unmount(merged.toString(), 0);
        }
    }

    @Test
    void anotherDaemonGoesOnWithAMountedPool() throws Exception {
        layers.create(pool, "a", 16 * MIB, OWNER);
        BtrfsLayers next = new BtrfsLayers();
        next.open(file, pool, 256 * MIB);
        assertThat(mounts().stream().filter(mount -> mount.point().equals(pool)))
                .hasSize(1);
        assertThat(next.layers(pool)).containsExactly("a");
        assertThat(Filling.fill(next.upper(pool, "a").resolve("f"), 64)).isBetween(12L, 16L);
        next.remove(pool, "a");
        next.close();
    }

    @Test
    void layersAndLimitsOutliveTheMount() throws Exception {
        layers.create(pool, "a", 16 * MIB, OWNER);
        Filling.fill(layers.upper(pool, "a").resolve("f"), 10);
        layers.close(pool);
        assertThat(layers.layers(pool)).isEmpty();
        layers.open(file, pool, 256 * MIB);
        assertThat(layers.upper(pool, "a").resolve("f")).hasSize(10 * MIB);
        assertThat(Filling.fill(layers.upper(pool, "a").resolve("g"), 64)).isBetween(2L, 6L);
    }

    @Test
    void aPoolGrowsWhileItIsMounted() throws Exception {
        layers.create(pool, "a", 400 * MIB, OWNER);
        await().atMost(PATIENCE)
                .pollInterval(Duration.ofSeconds(1))
                .until(() -> Filling.fill(layers.upper(pool, "a").resolve("f" + System.nanoTime()), 400) < 4);
        assertThat(layers.use(pool, "a").bytes()).isBetween(150 * MIB, 250 * MIB);
        layers.open(file, pool, 512 * MIB);
        await().atMost(PATIENCE)
                .pollInterval(Duration.ofSeconds(1))
                .until(() -> Filling.fill(layers.upper(pool, "a").resolve("g"), 100) == 100);
        layers.open(file, pool, 256 * MIB);
        assertThat(file).hasSize(512 * MIB);
    }

    @Test
    void theDisksSpaceIsReservedAndStaysSo() throws Exception {
        long before = Stat.of(file.toString()).blocks();
        assertThat(before * 512).isGreaterThanOrEqualTo(256 * MIB);
        layers.create(pool, "a", 64 * MIB, OWNER);
        Filling.fill(layers.upper(pool, "a").resolve("f"), 32);
        layers.remove(pool, "a");
        layers.close(pool);
        assertThat(Stat.of(file.toString()).blocks()).isGreaterThanOrEqualTo(before);
    }

    @Test
    void twoPoolsAreMountedAtOnce() throws Exception {
        Path otherFile = stateDir.resolve("other.pool");
        Path otherPool = runDir.resolve("other");
        layers.open(otherFile, otherPool, 128 * MIB);
        try {
            layers.create(pool, "a", 16 * MIB, OWNER);
            layers.create(otherPool, "b", 16 * MIB, OWNER);
            assertThat(layers.layers(pool)).containsExactly("a");
            assertThat(layers.layers(otherPool)).containsExactly("b");
            assertThatThrownBy(() -> layers.open(file, otherPool, 256 * MIB))
                    .isInstanceOf(KernelException.class)
                    .hasMessageContaining("EBUSY");
            assertThatThrownBy(() -> layers.open(file, runDir.resolve("third"), 256 * MIB))
                    .isInstanceOf(KernelException.class)
                    .hasMessageContaining("state-dir");
        } finally {
            layers.close(otherPool);
        }
        await().atMost(PATIENCE).until(() -> LoopDevice.find(otherFile).isEmpty());
    }

    @Test
    void aPoolLeftHalfMadeIsMadeAnew() throws Exception {
        layers.close(pool);
        Files.delete(file);
        Files.writeString(stateDir.resolve("layers.pool.new"), "half");
        layers.open(file, pool, 128 * MIB);
        layers.create(pool, "a", 16 * MIB, OWNER);
        assertThat(stateDir.resolve("layers.pool.new")).doesNotExist();
    }

    @Test
    void aLayerLeftHalfMadeIsFinishedOrRemoved() throws Exception {
        try (BtrfsVolume volume = BtrfsVolume.open(pool.toString())) {
            volume.createSubvolume("a");
            volume.createSubvolume("b");
        }
        layers.create(pool, "a", 8 * MIB, OWNER);
        assertThat(Filling.fill(layers.upper(pool, "a").resolve("f"), 64)).isLessThan(9);
        layers.remove(pool, "b");
        assertThat(layers.layers(pool)).containsExactly("a");
    }

    @Test
    void aPlainDirectoryIsNotTakenForALayer() throws Exception {
        Files.createDirectory(pool.resolve("a"));
        assertThatThrownBy(() -> layers.create(pool, "a", 8 * MIB, OWNER)).hasMessageContaining("no subvolume");
        assertThatThrownBy(() -> layers.remove(pool, "a")).hasMessageContaining("no subvolume");
        assertThatIllegalArgumentException().isThrownBy(() -> layers.create(pool, "../a", 8 * MIB, OWNER));
    }

    @Test
    void quotaGroupsDoNotPileUp() throws Exception {
        for (int i = 0; i < 20; i++) {
            layers.create(pool, "a" + i, 8 * MIB, OWNER);
            Files.write(layers.upper(pool, "a" + i).resolve("f"), new byte[100_000]);
            layers.remove(pool, "a" + i);
        }
        layers.create(pool, "kept", 8 * MIB, OWNER);
        await().atMost(PATIENCE).pollInterval(Duration.ofSeconds(1)).untilAsserted(() -> {
            layers.open(file, pool, 256 * MIB);
            try (BtrfsVolume volume = BtrfsVolume.open(pool.toString())) {
                assertThat(volume.quotaGroups()).containsExactly(volume.subvolume("kept"));
            }
        });
    }

    private static List<MountEntry> mounts() throws Exception {
        return MountEntry.parse(Files.readString(Path.of("/proc/self/mountinfo")));
    }
}
