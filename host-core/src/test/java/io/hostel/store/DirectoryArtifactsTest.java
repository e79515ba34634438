package io.hostel.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hostel.api.ArtifactFormat;
import io.hostel.api.Refusal;
import io.hostel.api.RefusedException;
import io.hostel.store.ArtifactStore.ProcfileEntry;
import io.hostel.store.archive.Tar;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class DirectoryArtifactsTest {
    private static final long QUOTA = 10 << 20;
    private static final Instant MTIME = Instant.ofEpochSecond(01_4000000000L);

    @TempDir
    Path dir;

    private DirectoryArtifacts artifacts;

    @BeforeEach
    void open() throws IOException {
        artifacts = DirectoryArtifacts.open(dir);
    }

    private ArtifactStore.Put put(byte[] tar) throws IOException {
        return artifacts.put(ArtifactFormat.TAR, new ByteArrayInputStream(tar), QUOTA, 1_000);
    }

    private Path app(ArtifactStore.Put view) {
        return artifacts.layer(view.digest()).orElseThrow().resolve("app");
    }

    private List<String> kept() throws IOException {
        try (Stream<Path> names = Files.list(dir.resolve("artifacts"))) {
            return names.map(name -> name.getFileName().toString()).toList();
        }
    }

    private static String mode(Path path) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(path, LinkOption.NOFOLLOW_LINKS));
    }

    @ParameterizedTest
    @EnumSource
    void everyFormatIsUnpackedAsItWasPacked(ArtifactFormat format) throws Exception {
        byte[] sent = new Tar()
                .directory("./", 0700)
                .directory("./src/", 0750)
                .file("./src/größe.py", 0640, "print(1)\n".getBytes(java.nio.charset.StandardCharsets.UTF_8))
                .file("run.sh", 0555, new byte[3_000])
                .file("run.sh", 0755, new byte[2_000])
                .link("src/abs", "/etc/passwd")
                .link("src/up", "../../../..")
                .hardLink("src/same.py", "./src/größe.py")
                .file("implied/deep/file", "x")
                .directory("sticky", 01777)
                .directory("setgid", 02755)
                .bytes(format);

        ArtifactStore.Put view = artifacts.put(format, new ByteArrayInputStream(sent), QUOTA, 1_000);

        String hex = HexFormat.of().formatHex(Tokens.sha256().digest(sent));
        assertThat(view.digest()).isEqualTo("sha256:" + hex);
        assertThat(artifacts.layer(view.digest())).contains(dir.resolve("artifacts/sha256-" + hex));
        Path app = app(view);
        assertThat(mode(app)).isEqualTo("rwxr-xr-x");
        assertThat(mode(app.resolve("src"))).isEqualTo("rwxr-x---");
        assertThat(mode(app.resolve("src/größe.py"))).isEqualTo("rw-r-----");
        assertThat(Files.readString(app.resolve("src/größe.py"))).isEqualTo("print(1)\n");
        assertThat(Files.size(app.resolve("run.sh"))).isEqualTo(2_000);
        assertThat(mode(app.resolve("run.sh"))).isEqualTo("rwxr-xr-x");
        assertThat(Files.readSymbolicLink(app.resolve("src/abs"))).isEqualTo(Path.of("/etc/passwd"));
        assertThat(Files.readSymbolicLink(app.resolve("src/up"))).isEqualTo(Path.of("../../../.."));
        assertThat(Files.isSameFile(app.resolve("src/same.py"), app.resolve("src/größe.py")))
                .isTrue();
        assertThat(mode(app.resolve("implied/deep"))).isEqualTo("rwxr-xr-x");
        assertThat((int) Files.getAttribute(app.resolve("sticky"), "unix:mode") & 07777)
                .isEqualTo(0777);
        assertThat((int) Files.getAttribute(app.resolve("setgid"), "unix:mode") & 07777)
                .isEqualTo(0755);
        for (String name : List.of("src", "src/größe.py", "src/abs")) {
            assertThat(Files.getLastModifiedTime(app.resolve(name), LinkOption.NOFOLLOW_LINKS)
                            .toInstant())
                    .as(name)
                    .isEqualTo(MTIME);
        }
        assertThat(view.size()).isEqualTo(13 * 1_024);
    }

    @Test
    void concatenatedCompressedMembersAreOneArchive() throws Exception {
        byte[] tar =
                new Tar().file("a", 0644, new byte[100_000]).file("b", "end").bytes();
        byte[] first = Tar.gzip(java.util.Arrays.copyOf(tar, 70_000));
        byte[] second = Tar.gzip(java.util.Arrays.copyOfRange(tar, 70_000, tar.length));
        byte[] both = java.util.Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, both, first.length, second.length);

        // A network stream says that nothing is available between any two reads.
        ArtifactStore.Put view = artifacts.put(
                ArtifactFormat.GZIP,
                new ByteArrayInputStream(both) {
                    @Override
                    public synchronized int available() {
                        return 0;
                    }
                },
                QUOTA,
                1_000);

        assertThat(Files.readString(app(view).resolve("b"))).isEqualTo("end");
        assertThat(view.size()).isEqualTo(100_003);
    }

    @Test
    void longNamesOfBothKindsWork() throws Exception {
        String pax = "p".repeat(120) + "/" + "ü".repeat(100);
        String gnu = "g".repeat(150);
        byte[] name = (gnu + "\0").getBytes(java.nio.charset.StandardCharsets.UTF_8);
        ArtifactStore.Put view = put(new Tar()
                .pax(Map.of("path", pax))
                .file("short", "by pax")
                .header(
                        "././@LongLink".getBytes(java.nio.charset.StandardCharsets.UTF_8),
                        0644,
                        'L',
                        "",
                        name.length,
                        name)
                .file("short", "by gnu")
                .bytes());

        assertThat(Files.readString(app(view).resolve(pax))).isEqualTo("by pax");
        assertThat(Files.readString(app(view).resolve(gnu))).isEqualTo("by gnu");
    }

    @Test
    void theSameBytesTwiceAreOneArtifact() throws Exception {
        byte[] tar = new Tar().file("a", "x").bytes();

        assertThat(put(tar)).isEqualTo(put(tar));

        assertThat(kept()).hasSize(1);
        assertThat(artifacts.digests()).containsExactly(put(tar).digest());
    }

    @Test
    void concurrentPutsOfTheSameBytesAllSucceed() throws Exception {
        byte[] tar = new Tar().file("a", 0644, new byte[200_000]).bytes();
        ExecutorService threads = Executors.newFixedThreadPool(8);
        try {
            List<Callable<ArtifactStore.Put>> puts = new ArrayList<>();
            for (int i = 0; i < 24; i++) {
                puts.add(() -> put(tar));
            }
            for (Future<ArtifactStore.Put> one : threads.invokeAll(puts)) {
                assertThat(Files.size(app(one.get()).resolve("a"))).isEqualTo(200_000);
            }
        } finally {
            threads.shutdown();
        }
        assertThat(kept()).hasSize(1);
    }

    @Test
    void nothingIsKeptOfWhatIsRefused() throws Exception {
        assertThatThrownBy(() -> put(new Tar()
                        .directory("d", 0)
                        .file("d/x", "x")
                        .typed('6', "pipe", "")
                        .bytes()))
                .isInstanceOf(RefusedException.class);
        assertThatThrownBy(() -> put(
                        new Tar().file("big", 0644, new byte[(int) QUOTA + 1]).bytes()))
                .isInstanceOf(RefusedException.class);
        assertThatThrownBy(() -> put(new byte[77])).isInstanceOf(RefusedException.class);

        assertThat(kept()).isEmpty();
    }

    @Test
    void whatTheDiskDoesNotTakeIsRefusedAndNotKept() throws Exception {
        DirectoryArtifacts full = DirectoryArtifacts.open(
                dir,
                root -> {
                    throw new IOException("write failed: No space left on device");
                },
                DiskReserve.NONE);

        assertThatThrownBy(() -> full.put(
                        ArtifactFormat.TAR,
                        new ByteArrayInputStream(new Tar().file("a", "x").bytes()),
                        QUOTA,
                        1_000))
                .isInstanceOfSatisfying(
                        RefusedException.class,
                        refused -> assertThat(refused.refusal()).isInstanceOf(Refusal.DiskFull.class));

        assertThat(kept()).isEmpty();
    }

    @Test
    void whatACrashLeftIsSweptAtTheNextStart() throws Exception {
        String digest = put(new Tar().file("a", "x").bytes()).digest();
        Path half = Files.createDirectories(dir.resolve("artifacts/.put-abc/app/d"));
        Files.writeString(half.resolve("f"), "x");
        Files.createSymbolicLink(half.resolve("l"), dir);
        Files.setPosixFilePermissions(half, PosixFilePermissions.fromString("---------"));
        Files.createDirectories(dir.resolve("artifacts/.going-abc/app"));

        artifacts = DirectoryArtifacts.open(dir);

        assertThat(kept()).containsExactly(digest.replace(':', '-'));
        assertThat(artifacts.layer(digest)).isPresent();
    }

    @Test
    void anArtifactMayBeAskedForDeletedAndPutAgain() throws Exception {
        byte[] tar =
                new Tar().directory("d", 0555).file("d/a", 0444, new byte[9]).bytes();
        String digest = put(tar).digest();

        artifacts.delete(digest);
        artifacts.delete(digest);

        assertThat(artifacts.layer(digest)).isEmpty();
        assertThat(kept()).isEmpty();
        assertThat(put(tar).digest()).isEqualTo(digest);
    }

    @Test
    void aDigestIsNeverAPath() throws Exception {
        Files.createDirectories(dir.resolve("victim"));
        for (String name : List.of("../victim", "sha256:../victim", "sha256:", "", "sha256:" + "A".repeat(64))) {
            assertThat(artifacts.layer(name)).isEmpty();
            artifacts.delete(name);
        }
        assertThat(dir.resolve("victim")).exists();
    }

    @Test
    void onlyTheHostMayEnterTheStore() throws Exception {
        assertThat(mode(dir.resolve("artifacts"))).isEqualTo("rwx------");
    }

    @Test
    void aProcfileGivesItsProcessesInOrder() throws Exception {
        String procfile = """
                # what runs
                web: python3 server.py --port $PORT

                worker:   ./work  \r
                clock:sleep 1; echo "a: b"
                """;
        ArtifactStore.Put view = put(new Tar().file("Procfile", procfile).bytes());

        assertThat(artifacts.procfile(view.digest()))
                .containsExactly(
                        new ProcfileEntry("web", "python3 server.py --port $PORT"),
                        new ProcfileEntry("worker", "./work"),
                        new ProcfileEntry("clock", "sleep 1; echo \"a: b\""));
    }

    @Test
    void aProcfileThatIsALinkOrAbsentSaysNothing() throws Exception {
        ArtifactStore.Put link = put(new Tar().link("Procfile", "/etc/passwd").bytes());
        ArtifactStore.Put none = put(new Tar().file("a", "x").bytes());

        assertThat(artifacts.procfile(link.digest())).isEmpty();
        assertThat(artifacts.procfile(none.digest())).isEmpty();
        assertThat(artifacts.procfile("sha256:" + "0".repeat(64))).isEmpty();
    }
}
