package io.hostel.store.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.luben.zstd.Zstd;
import io.hostel.api.ArtifactFormat;
import io.hostel.api.Refusal;
import io.hostel.api.RefusedException;
import io.hostel.api.RestoreView;
import io.hostel.config.Quota;
import io.hostel.store.Database;
import io.hostel.store.DesiredState.StoredArtifact;
import io.hostel.store.DesiredState.StoredTenant;
import io.hostel.store.DesiredState.StoredToken;
import io.hostel.store.DirectoryArtifacts;
import io.hostel.store.DiskReserve;
import io.hostel.store.OperatorToken;
import io.hostel.store.SqliteDesiredState;
import io.hostel.store.Tokens;
import io.hostel.store.TreeSync;
import io.hostel.store.archive.Tar;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BackupTest {
    private static final Instant NOW = Instant.parse("2026-11-25T14:30:00Z");
    private static final String LONG = "a-name-that-is-long/".repeat(12) + "é";

    @TempDir
    Path dir;

    private Path state;
    private String digest;

    private static StoredTenant tenant(String id, int number) {
        Quota quota = Quota.STANDARD;
        return new StoredTenant(id, number, 1_000_000 + 65_536 * number, List.of(number), quota, false);
    }

    private static StoredToken token(String tenant) {
        return new StoredToken("t1", tenant, "first", Tokens.hash(tenant), NOW, Optional.empty());
    }

    @BeforeEach
    void aStateWithAnArtifact() throws IOException {
        state = Files.createDirectory(dir.resolve("state"));
        byte[] tar = new Tar()
                .directory("bin", 0750)
                .file("bin/run", 0755, "#!/bin/sh\n".getBytes(StandardCharsets.UTF_8))
                .file("secret", 0, new byte[1_000_000])
                .hardLink("bin/same", "bin/run")
                .hardLink("bin/again", "bin/run")
                .link("up", "../../etc/passwd")
                .pax(Map.of("path", LONG))
                .file("short", "deep down")
                .file("empty", "")
                .bytes();
        digest = DirectoryArtifacts.open(state)
                .put(ArtifactFormat.TAR, new ByteArrayInputStream(tar), Long.MAX_VALUE, 1_000)
                .digest();
        OperatorToken.readOrCreate(state);
        try (SqliteDesiredState desired = SqliteDesiredState.open(state)) {
            desired.createTenant(tenant("alice", 1), token("alice"));
            desired.createArtifact(new StoredArtifact("alice", digest, 1_000_000, 3, NOW));
        }
    }

    private byte[] backup() throws IOException {
        return backup(Database.schemaVersion(), Map.of(digest, tree()));
    }

    private Path tree() {
        return state.resolve("artifacts").resolve(digest.replace(':', '-')).resolve("app");
    }

    private byte[] backup(int schema, Map<String, Path> trees) throws IOException {
        Path copy = dir.resolve("copy.db");
        Files.deleteIfExists(copy);
        try (SqliteDesiredState desired = SqliteDesiredState.open(state)) {
            desired.copyTo(copy);
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        BackupWriter.write(out, NOW, schema, copy, OperatorToken.readOrCreate(state), trees);
        return out.toByteArray();
    }

    private static RestoreView stage(Path stateDir, byte[] backup) throws IOException {
        return stage(stateDir, backup, List.of());
    }

    private static RestoreView stage(Path stateDir, byte[] backup, List<String> amiss) throws IOException {
        return StagedRestore.stage(
                stateDir,
                ArtifactFormat.ZSTD,
                new ByteArrayInputStream(backup),
                desired -> desired.tenants().isEmpty() ? List.of() : amiss,
                TreeSync.eachFile(),
                DiskReserve.NONE,
                NOW);
    }

    /** Everything in a tree that counts, by path. */
    private static Map<String, String> portrait(Path root) throws IOException {
        Map<String, String> portrait = new TreeMap<>();
        try (Stream<Path> all = Files.walk(root)) {
            for (Path path : all.filter(path -> !path.equals(root)).toList()) {
                Map<String, Object> unix = new TreeMap<>(
                        Files.readAttributes(path, "unix:mode,nlink,lastModifiedTime,uid", LinkOption.NOFOLLOW_LINKS));
                unix.computeIfPresent(
                        "lastModifiedTime",
                        (key, time) -> ((FileTime) time).toInstant().getEpochSecond());
                String content = Files.isSymbolicLink(path)
                        ? Files.readSymbolicLink(path).toString()
                        : Files.isRegularFile(path) ? Tokens.hash(Files.readString(path)) : "";
                portrait.put(root.relativize(path).toString(), unix + content);
            }
        }
        return portrait;
    }

    private static List<String> names(Path directory) throws IOException {
        try (Stream<Path> all = Files.list(directory)) {
            return all.map(path -> path.getFileName().toString()).sorted().collect(Collectors.toList());
        }
    }

    private static List<String> tenants(Path stateDir) {
        try (SqliteDesiredState desired = SqliteDesiredState.open(stateDir)) {
            return desired.tenants().stream().map(StoredTenant::id).toList();
        }
    }

    @Test
    void whatIsTakenOverIsWhatWasBackedUpAndWhatItReplacesIsKept() throws IOException {
        byte[] backup = backup();
        Map<String, String> tree = portrait(tree());
        String operator = OperatorToken.readOrCreate(state);
        Path other = Files.createDirectory(dir.resolve("other"));
        String before = OperatorToken.readOrCreate(other);
        DirectoryArtifacts.open(other)
                .put(
                        ArtifactFormat.TAR,
                        new ByteArrayInputStream(new Tar().file("x", "y").bytes()),
                        1 << 20,
                        1_000);
        try (SqliteDesiredState desired = SqliteDesiredState.open(other)) {
            desired.createTenant(tenant("bob", 1), token("bob"));
        }
        Files.writeString(other.resolve("hostel.db-wal"), "of bob's database");

        RestoreView staged = stage(other, backup);
        assertThat(staged)
                .isEqualTo(new RestoreView(
                        NOW, 1, 1, other.resolve("replaced-20261125T143000Z").toString()));
        assertThat(OperatorToken.readOrCreate(other))
                .as("nothing is changed yet")
                .isEqualTo(before);

        StagedRestore.find(other).orElseThrow().takeOver();
        assertThat(names(other))
                .containsExactly("artifacts", "hostel.db", "operator.token", "replaced-20261125T143000Z");
        assertThat(OperatorToken.readOrCreate(other)).isEqualTo(operator);
        try (SqliteDesiredState desired = SqliteDesiredState.open(other)) {
            assertThat(desired.tenants()).containsExactly(tenant("alice", 1));
            assertThat(desired.tokens()).containsExactly(token("alice"));
            assertThat(desired.artifacts()).hasSize(1);
        }
        Path restored =
                DirectoryArtifacts.open(other).layer(digest).orElseThrow().resolve("app");
        assertThat(portrait(restored)).isEqualTo(tree).containsKey(LONG);
        Path replaced = Path.of(staged.replaced());
        assertThat(names(replaced)).containsExactly("artifacts", "hostel.db", "hostel.db-wal", "operator.token");
        Files.delete(replaced.resolve("hostel.db-wal"));
        assertThat(tenants(replaced)).containsExactly("bob");
        for (Path secret :
                List.of(other.resolve("hostel.db"), other.resolve("operator.token"), replaced.resolve("hostel.db"))) {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(secret)))
                    .isEqualTo("rw-------");
        }
        assertThat(StagedRestore.find(other)).isEmpty();
    }

    @Test
    void takingOverEndsWhollyHoweverOftenAndWhereverItIsInterrupted() throws IOException {
        byte[] backup = backup();
        String operator = OperatorToken.readOrCreate(state);
        int interruptions = 0;
        for (int interrupted = 0; ; interrupted++) {
            Path other = Files.createDirectory(dir.resolve("other" + interrupted));
            OperatorToken.readOrCreate(other);
            DirectoryArtifacts.open(other);
            try (SqliteDesiredState desired = SqliteDesiredState.open(other)) {
                desired.createTenant(tenant("bob", 1), token("bob"));
            }
            Files.writeString(other.resolve("hostel.db-wal"), "of bob's database");
            Path replaced = Path.of(stage(other, backup).replaced());
            int[] left = {interrupted};
            try {
                StagedRestore.find(other).orElseThrow().takeOver((from, to) -> {
                    if (left[0]-- == 0) {
                        throw new IOException("killed");
                    }
                    Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
                });
                break;
            } catch (IOException killed) {
                interruptions++;
            }
            StagedRestore.sweep(other);
            StagedRestore.find(other).orElseThrow().takeOver();
            assertThat(StagedRestore.find(other)).isEmpty();
            assertThat(tenants(other)).as("killed before move %s", interrupted).containsExactly("alice");
            assertThat(OperatorToken.readOrCreate(other)).isEqualTo(operator);
            assertThat(DirectoryArtifacts.open(other).layer(digest)).isPresent();
            assertThat(names(replaced)).containsExactly("artifacts", "hostel.db", "hostel.db-wal", "operator.token");
        }
        assertThat(interruptions)
                .as("four set aside, three put in place, one directory")
                .isEqualTo(8);
    }

    /** @param why words of the reason, one at least */
    private void refused(byte[] backup, String... why) throws IOException {
        List<String> before = names(state);
        assertThatThrownBy(() -> stage(state, backup)).isInstanceOfSatisfying(RefusedException.class, refused -> {
            assertThat(refused.refusal()).isInstanceOf(Refusal.BadArchive.class);
            assertThat(refused.refusal().detail())
                    .startsWith("this cannot be restored, and nothing was changed: ")
                    .contains(why)
                    .doesNotContain(state.toString());
        });
        assertThat(names(state)).isEqualTo(before);
        assertThat(StagedRestore.find(state)).isEmpty();
    }

    private static byte[] tar(byte[] backup) {
        return Zstd.decompress(backup, 100 << 20);
    }

    private static int indexOf(byte[] bytes, String text) {
        return new String(bytes, StandardCharsets.ISO_8859_1).indexOf(text);
    }

    @Test
    void anArchiveThatIsCutOffIsRefusedWhereverThatIs() throws IOException {
        byte[] backup = backup();
        for (int length : new int[] {1, 100, backup.length / 2, backup.length - 1}) {
            refused(java.util.Arrays.copyOf(backup, length), "application/zstd");
        }
        refused(new byte[0], "cut off");
        byte[] tar = tar(backup);
        int manifest = indexOf(tar, "manifest.json");
        refused(Zstd.compress(java.util.Arrays.copyOf(tar, manifest)), "cut off");
        byte[] ended = java.util.Arrays.copyOf(java.util.Arrays.copyOf(tar, manifest), manifest + 1_024);
        refused(Zstd.compress(ended), "no manifest.json");
    }

    @Test
    void aChangedByteIsRefusedInEveryPart() throws IOException {
        byte[] tar = tar(backup());
        int database = indexOf(tar, "alice");
        int token = indexOf(tar, "hostel_op_");
        int file = indexOf(tar, "deep down");
        assertThat(List.of(database, token, file)).allMatch(at -> at > 0);
        for (int at : new int[] {database, token + 12, file}) {
            byte[] changed = tar.clone();
            changed[at] ^= 1;
            refused(Zstd.compress(changed), "manifest.json");
        }
    }

    @Test
    void whatIsOfAnotherProgramOrOfANewerHostIsRefused() throws IOException {
        refused("<html>".getBytes(StandardCharsets.UTF_8), "application/zstd");
        refused(new Tar().directory("site/", 0755).bytes(ArtifactFormat.ZSTD), "no backup of a Hostel host");
        refused(new Tar().bytes(ArtifactFormat.ZSTD), "no manifest.json");
        refused(backup(Database.schemaVersion() + 1, Map.of(digest, tree())), "newer Hostel", "schema");
        byte[] format = tar(backup());
        int at = indexOf(format, "\"format\" : 1");
        format[at + 11] = '2';
        refused(Zstd.compress(format), "newer Hostel", "format 2");
    }

    @Test
    void aDatabaseThatIsNoneOfHostelsOrLacksAnArtifactIsRefused() throws IOException {
        refused(backup(Database.schemaVersion(), Map.of()), "lacks the artifact " + digest);
        Path copy = Files.write(dir.resolve("noise.db"), new byte[10_000]);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        BackupWriter.write(out, NOW, 1, copy, OperatorToken.readOrCreate(state), Map.of());
        refused(out.toByteArray(), "hostel.db");
    }

    @Test
    void what_does_not_fit_the_settings_is_refused_and_nothing_is_kept() throws IOException {
        Path other = Files.createDirectory(dir.resolve("other"));
        byte[] backup = backup();
        assertThatThrownBy(() -> stage(other, backup, List.of("a is 1: set it to 2", "b is 3")))
                .isInstanceOfSatisfying(
                        RefusedException.class,
                        refused -> assertThat(refused.refusal())
                                .isInstanceOfSatisfying(
                                        Refusal.BadArchive.class,
                                        why -> assertThat(why.detail())
                                                .startsWith("this cannot be restored, and nothing was changed: ")
                                                .contains("a is 1: set it to 2; b is 3")));
        assertThat(names(other)).isEmpty();
    }

    @Test
    void what_is_staged_is_looked_at_again_until_it_is_taken_over() throws IOException {
        Path other = Files.createDirectory(dir.resolve("other"));
        stage(other, backup());
        StagedRestore staged = StagedRestore.find(other).orElseThrow();
        Path waiting = other.resolve(names(other).get(0));
        List<String> before = names(waiting);
        assertThat(staged.amiss(desired -> List.of(desired.tenants().get(0).id())))
                .containsExactly("alice");
        assertThat(names(waiting)).containsExactlyInAnyOrderElementsOf(before);
        staged.takeOver();
        assertThat(staged.amiss(desired -> List.of("never asked"))).isEmpty();
    }

    @Test
    void whatAnInterruptedHostLeftUnfinishedGoesAtTheNextStart() throws IOException {
        List<String> before = names(state);
        Files.createFile(StagedRestore.backupFile(state));
        Files.createDirectories(state.resolve(".restore-abc/artifacts"));
        StagedRestore.sweep(state);
        assertThat(names(state)).isEqualTo(before);
    }
}
