package io.hostel.store.backup;

import io.hostel.api.ArtifactFormat;
import io.hostel.api.Refusal;
import io.hostel.api.RefusedException;
import io.hostel.api.RestoreView;
import io.hostel.store.Database;
import io.hostel.store.DesiredState;
import io.hostel.store.DiskReserve;
import io.hostel.store.DiskRoom;
import io.hostel.store.SqliteDesiredState;
import io.hostel.store.StoreException;
import io.hostel.store.Tokens;
import io.hostel.store.TreeSync;
import io.hostel.store.Trees;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * A backup that was verified and waits for the next start of the host, in STATE-DIR/restore-DATE. It is there as a whole or not
 * at all, and it is taken over as a whole, however often the host is interrupted at that: what has been moved into place is not
 * in the directory any more, which goes last.
 */
public final class StagedRestore {
    private static final String STAGED = "restore-";
    private static final String REPLACED = "replaced-";
    private static final String UNFINISHED = ".restore-";
    private static final String BACKUP = ".backup-";
    private static final DateTimeFormatter STAMP =
            DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'").withZone(ZoneOffset.UTC);

    /** Of SQLite's, beside a database: they belong to that one and no other. */
    private static final List<String> JOURNALS = List.of("hostel.db-wal", "hostel.db-shm", "hostel.db-journal");

    private final Path stateDir;
    private final Path staged;

    private StagedRestore(Path stateDir, Path staged) {
        this.stateDir = stateDir;
        this.staged = staged;
    }

    /**
     * Reads and verifies a backup and stages it; when it returns, that would survive the loss of power. On any failure nothing is
     * kept.
     *
     * @param fit tells what of the state does not fit this host's settings, a line each
     * @throws RefusedException BadArchive where it is no backup, is damaged, newer than this program or does not fit; DiskFull
     * @throws IOException where the body breaks off
     */
    public static RestoreView stage(
            Path stateDir,
            ArtifactFormat format,
            InputStream body,
            Function<DesiredState, List<String>> fit,
            TreeSync sync,
            DiskReserve reserve,
            Instant now)
            throws IOException {
        Path unfinished = stateDir.resolve(UNFINISHED + Tokens.newId());
        try {
            Files.createDirectory(
                    unfinished, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            BackupReader.Contents contents = BackupReader.read(format, body, fit, reserve, unfinished);
            sync.sync(unfinished);
            Instant stamp = now;
            while (Files.exists(stateDir.resolve(REPLACED + STAMP.format(stamp)))) {
                stamp = stamp.plusSeconds(1);
            }
            Files.move(unfinished, stateDir.resolve(STAGED + STAMP.format(stamp)), StandardCopyOption.ATOMIC_MOVE);
            TreeSync.directory(stateDir);
            return new RestoreView(
                    contents.manifest().createdAt(),
                    contents.tenants(),
                    contents.artifacts(),
                    stateDir.resolve(REPLACED + STAMP.format(stamp)).toString());
        } catch (RefusedException e) {
            throw e.refusal() instanceof Refusal.BadArchive why
                    ? Manifest.bad("this cannot be restored, and nothing was changed: " + why.detail())
                    : e;
        } catch (IOException | StoreException e) {
            if (e instanceof StoreException.DiskFull || DiskRoom.isExhausted(e)) {
                throw new RefusedException(
                        new Refusal.DiskFull("the host's disk is full: no room for the backup; nothing was changed"));
            }
            throw e;
        } finally {
            Trees.delete(unfinished);
        }
    }

    /** The one that waits, where there is one. */
    public static Optional<StagedRestore> find(Path stateDir) throws IOException {
        return named(stateDir, STAGED).stream().findFirst().map(path -> new StagedRestore(stateDir, path));
    }

    /** A name in the state directory for a backup that is being made; {@link #sweep} takes away what is left of it. */
    public static Path backupFile(Path stateDir) {
        return stateDir.resolve(BACKUP + Tokens.newId());
    }

    /** Takes away what an earlier host left half-done. */
    public static void sweep(Path stateDir) throws IOException {
        for (String prefix : List.of(UNFINISHED, BACKUP)) {
            for (Path left : named(stateDir, prefix)) {
                Trees.delete(left);
            }
        }
    }

    /** Where what is replaced is kept: database, token, artifacts; nobody takes it away but the operator. */
    public Path replaced() {
        return stateDir.resolve(REPLACED + staged.getFileName().toString().substring(STAGED.length()));
    }

    /** What of it does not fit: the settings may be others by now than when it was staged. None once it is being taken over. */
    public List<String> amiss(Function<DesiredState, List<String>> fit) {
        if (!exists(staged.resolve(Manifest.DATABASE))) {
            return List.of();
        }
        try (Database database = Database.open(staged)) {
            return fit.apply(new SqliteDesiredState(database));
        }
    }

    /** Puts it in the place of what is there. No host may run, nor any sandbox. */
    public void takeOver() throws IOException {
        takeOver((from, to) -> Files.move(from, to, StandardCopyOption.ATOMIC_MOVE));
    }

    interface Move {
        void move(Path from, Path to) throws IOException;
    }

    void takeOver(Move move) throws IOException {
        Path replaced = replaced();
        if (!Files.isDirectory(replaced)) {
            Files.createDirectory(
                    replaced, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            TreeSync.directory(stateDir);
        }
        if (exists(staged.resolve(Manifest.DATABASE))) {
            for (String journal : JOURNALS) {
                setAside(journal, move);
            }
        }
        for (String name : List.of(Manifest.DATABASE, Manifest.TOKEN, "artifacts")) {
            if (exists(staged.resolve(name))) {
                setAside(name, move);
                move.move(staged.resolve(name), stateDir.resolve(name));
                TreeSync.directory(stateDir);
                TreeSync.directory(staged);
            }
        }
        Path done = stateDir.resolve(UNFINISHED + Tokens.newId());
        move.move(staged, done);
        TreeSync.directory(stateDir);
        Trees.delete(done);
    }

    private void setAside(String name, Move move) throws IOException {
        if (exists(stateDir.resolve(name))) {
            move.move(stateDir.resolve(name), replaced().resolve(name));
            TreeSync.directory(replaced());
            TreeSync.directory(stateDir);
        }
    }

    private static boolean exists(Path path) {
        return Files.exists(path, LinkOption.NOFOLLOW_LINKS);
    }

    private static List<Path> named(Path stateDir, String prefix) throws IOException {
        if (!Files.isDirectory(stateDir)) {
            return List.of();
        }
        try (Stream<Path> names = Files.list(stateDir)) {
            return names.filter(path -> path.getFileName().toString().startsWith(prefix))
                    .sorted()
                    .toList();
        }
    }
}
