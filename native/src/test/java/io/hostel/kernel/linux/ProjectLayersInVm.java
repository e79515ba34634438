package io.hostel.kernel.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.hostel.kernel.KernelException;
import io.hostel.kernel.Layers;
import io.hostel.sys.Errno;
import io.hostel.sys.Fd;
import io.hostel.sys.Mounts;
import io.hostel.sys.OpenFile;
import io.hostel.sys.ProjectQuota;
import io.hostel.sys.Stat;
import io.hostel.sys.SysException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** On disks with project quotas, for which a kernel needs what Debian's has and not each that the tests run on. */
@ParameterizedClass
@EnumSource
class ProjectLayersInVm {
    private static final Duration PATIENCE = Patience.seconds(60);
    private static final long MIB = 1 << 20;
    private static final int OWNER = 1_000_000;
    private static final Path DISK = Path.of(System.getProperty("hostel.test.disk", "/var/tmp"));

    enum Disk {
        EXT4("mkfs.ext4", "-q", "-m", "0", "-O", "quota,project", "-E", "quotatype=prjquota"),
        XFS("mkfs.xfs", "-q");

        private final String[] make;

        Disk(String... make) {
            this.make = make;
        }
    }

    private final Disk kind;

    @TempDir
    Path runDir;

    private final LinuxLayers layers = new LinuxLayers();
    private Path image;
    private Path disk;
    private Path file;
    private Path pool;

    ProjectLayersInVm(Disk kind) {
        this.kind = kind;
    }

    @BeforeEach
    void open() throws Exception {
        image = Files.createTempFile(DISK, "quota", ".disk");
        NetworkLab.run("truncate", "-s", "512M", image.toString());
        List<String> make = new ArrayList<>(List.of(kind.make));
        make.add(image.toString());
        NetworkLab.run(make.toArray(String[]::new));
        disk = Files.createDirectory(runDir.resolve("disk"));
        NetworkLab.run("mount", "-o", "loop,prjquota", image.toString(), disk.toString());
        file = disk.resolve("layers.pool");
        pool = runDir.resolve("layers");
        layers.open(file, pool, 256 * MIB);
    }

    @AfterEach
    void nothingIsLeft() throws Exception {
        for (String name : layers.layers(pool)) removed(name);
        layers.close(pool);
        layers.close(pool);
        layers.close();
        try (var all = Files.list(disk.resolve("layers"))) {
            for (Path each : all.toList()) {
                try (var below = Files.list(each)) {
                    assertThat(below).as("below " + each).isEmpty();
                }
            }
        }
        NetworkLab.run("umount", disk.toString());
        assertThat(MountEntry.all()).noneMatch(mount -> mount.point().startsWith(runDir));
        Files.delete(image);
    }

    private void removed(String name) {
        await().atMost(PATIENCE).ignoreExceptions().until(() -> {
            layers.remove(pool, name);
            return true;
        });
    }

    private static int project(Path directory) throws SysException {
        try (Fd fd = ProjectLayers.directory(directory)) {
            return ProjectQuota.projectOf(fd);
        }
    }

    private ProjectQuota.Usage usage(int project) throws SysException {
        try (Fd fd = ProjectLayers.directory(disk)) {
            return ProjectQuota.usage(fd, project);
        }
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
            assertThat(project(directory)).isEqualTo(project(pool.resolve("a"))).isNotZero();
        }
        assertThat(file).as("no pool is made").doesNotExist();
        assertThat(Stat.of(pool.toString()).mode() & 07777).isEqualTo(0700);
        assertThat(Stat.of(pool.resolve("a").toString()).mode() & 07777).isEqualTo(0700);
        assertThat(layers.present(pool, "a")).isTrue();
        assertThat(layers.layers(pool)).containsExactly("a");
        layers.remove(pool, "a");
        layers.remove(pool, "a");
        assertThat(layers.present(pool, "a")).isFalse();
        assertThat(layers.layers(pool)).isEmpty();
    }

    @Test
    void aFullLayerRefusesItsTenantAndNoOther() throws Exception {
        layers.create(pool, "a", 16 * MIB, OWNER);
        layers.create(pool, "b", 32 * MIB, OWNER);
        Path a = mounted("a");
        try {
            assertThat(Filling.fill(a.resolve("f"), 64)).isBetween(12L, 16L);
            Path b = mounted("b");
            try {
                assertThat(Filling.fill(b.resolve("f"), 20)).isEqualTo(20);
            } finally {
                Mounts.unmount(b.toString(), 0);
            }
            Files.delete(a.resolve("f"));
            assertThat(Filling.fill(a.resolve("g"), 8))
                    .as("what is deleted is free again")
                    .isEqualTo(8);
            for (int i = 0; i < 10_000 && refusal(a.resolve("file" + i)) == null; i++) continue;
            assertThat(refusal(a.resolve("one more")))
                    .as("files are bounded too")
                    .isIn(Errno.EDQUOT, Errno.ENOSPC);
        } finally {
            Mounts.unmount(a.toString(), 0);
        }
        layers.create(pool, "a", 64 * MIB, OWNER);
        a = mounted("a");
        try {
            assertThat(Filling.fill(a.resolve("h"), 30)).as("raised").isEqualTo(30);
        } finally {
            Mounts.unmount(a.toString(), 0);
        }
    }

    private static @org.jspecify.annotations.Nullable Errno refusal(Path file) {
        try {
            OpenFile.open(file.toString(), OpenFile.WRITE | OpenFile.CREATE, 0600)
                    .close();
            return null;
        } catch (SysException e) {
            return e.errno();
        }
    }

    /** As the launcher mounts it: by somebody without CAP_SYS_RESOURCE, whom ext4 would hold to no quota. */
    private Path mounted(String name) throws Exception {
        Path lower = Files.createDirectories(runDir.resolve("lower"));
        Path merged = Files.createDirectories(runDir.resolve("merged-" + name));
        String options =
                "lowerdir=" + lower + ",upperdir=" + layers.upper(pool, name) + ",workdir=" + layers.work(pool, name);
        NetworkLab.run(
                "setpriv",
                "--bounding-set=-sys_resource",
                "mount",
                "-t",
                "overlay",
                "-o",
                options,
                "overlay",
                merged.toString());
        return merged;
    }

    @Test
    void removedLayersAreDeletedHoweverDeepTheyAre() throws Exception {
        layers.create(pool, "a", 64 * MIB, OWNER);
        int project = project(pool.resolve("a"));
        NetworkLab.run("python3", "-c", """
                import os, sys
                os.chdir(sys.argv[1])
                for i in range(1500):
                    os.mkdir('d' * 100)
                    os.chdir('d' * 100)
                    if i % 100 == 0:
                        open('file', 'w').close()
                        os.symlink('/', 'link')
                """, layers.upper(pool, "a").toString());
        assertThat(usage(project).inodes()).isGreaterThan(1500);
        removed("a");
        await().atMost(PATIENCE).untilAsserted(() -> {
            assertThat(usage(project).empty()).isTrue();
            assertThat(usage(project).limitBytes()).as("its bound is forgotten").isZero();
        });
    }

    @Test
    void theNextDaemonGoesOnWithWhatIsThere() throws Exception {
        layers.create(pool, "a", 16 * MIB, OWNER);
        layers.create(pool, "half", 16 * MIB, OWNER);
        int stale = project(pool.resolve("half"));
        layers.close();
        // As after a crash: one made and not bounded, one being deleted.
        Files.createDirectory(pool.resolve("b"));
        Files.createDirectory(pool.resolve(".gone/half"));
        Files.move(pool.resolve("half"), pool.resolve(".gone/half/1"));
        LinuxLayers next = new LinuxLayers();
        try {
            assertThat(next.layers(pool)).as("before it is opened").containsExactly("a", "b");
            next.open(file, pool, 256 * MIB);
            assertThat(MountEntry.all().stream().filter(mount -> mount.point().equals(pool)))
                    .hasSize(1);
            next.create(pool, "b", 16 * MIB, OWNER);
            assertThat(project(pool.resolve("b"))).isNotZero().isNotEqualTo(project(pool.resolve("a")));
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(usage(stale).limitBytes()).isZero());
            Path second = runDir.resolve("second");
            assertThatThrownBy(() -> next.open(file, second, 256 * MIB))
                    .isInstanceOf(KernelException.class)
                    .hasMessageContaining("state-dir");
            next.remove(pool, "a");
            next.remove(pool, "b");
        } finally {
            next.close();
        }
    }

    @Test
    void layersGrowNoFurtherWhenLittleOfTheDiskIsLeft() throws Exception {
        layers.create(pool, "a", 300 * MIB, OWNER);
        layers.create(pool, "b", 16 * MIB, OWNER);
        ProjectBounds bounds = new ProjectBounds(pool);
        LayerRoom room = new LayerRoom(pool, bounds, Layers.DEFAULT_FLOOR_BYTES);
        room.look();
        assertThat(usage(project(pool.resolve("b"))).limitBytes()).isEqualTo(16 * MIB);
        layers.close(); // its own thread ends: this test looks when it says so
        Path ballast = disk.resolve("ballast");
        Filling.fill(ballast, 440);
        try (Fd fd = OpenFile.open(ballast.toString(), OpenFile.READ)) {
            io.hostel.sys.Descriptors.syncFileSystem(fd);
        }
        while (io.hostel.sys.Statfs.of(disk.toString()).availableBytes() > 20 * MIB) {
            assertThat(Filling.fill(disk.resolve("ballast" + System.nanoTime()), 4))
                    .isEqualTo(4);
        }
        room.look();
        room.look();
        Path a = mounted("a");
        try {
            assertThat(Filling.fill(a.resolve("f"), 15))
                    .as("what the host needs is left")
                    .isZero();
            try (var all = Files.list(disk)) {
                for (Path each : all.filter(
                                path -> path.getFileName().toString().startsWith("ballast"))
                        .toList()) {
                    Files.delete(each);
                }
            }
            await().atMost(PATIENCE)
                    .untilAsserted(
                            () -> { // XFS frees what is deleted a little later
                                room.look();
                                assertThat(usage(project(pool.resolve("a"))).limitBytes())
                                        .isEqualTo(300 * MIB);
                            });
            assertThat(Filling.fill(a.resolve("g"), 100)).isEqualTo(100);
        } finally {
            Mounts.unmount(a.toString(), 0);
        }
        assertThat(usage(project(pool.resolve("b"))).limitBytes()).isEqualTo(16 * MIB);
    }

    @Test
    void aPoolThatIsThereStaysInUse() throws Exception {
        layers.close(pool);
        new BtrfsLayers().open(file, pool, 128 * MIB);
        layers.open(file, pool, 128 * MIB);
        layers.create(pool, "a", 16 * MIB, OWNER);
        assertThat(Filling.fill(((Layers) layers).upper(pool, "a").resolve("f"), 64))
                .isBetween(12L, 16L);
        layers.remove(pool, "a");
        layers.close(pool);
        await().atMost(PATIENCE).until(() -> LoopDevice.find(file).isEmpty());
        Files.delete(file);
    }
}
