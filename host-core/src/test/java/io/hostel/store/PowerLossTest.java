package io.hostel.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.hostel.store.DesiredState.StoredTenant;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What is on the disk after power is lost between two fsyncs: anything that was written before the first, and any part of what
 * was written after it.
 *
 * <p>With {@code synchronous=FULL} SQLite writes a transaction's frames to the journal and syncs it, which is when the transaction
 * is acknowledged. Once the journal is long, it copies the pages to the database, syncs that, and writes the next journal over the
 * old one (<a href="https://www.sqlite.org/fileformat2.html#walformat">file format</a>).
 */
class PowerLossTest {
    private static final int JOURNAL_HEADER = 32;
    private static final int PAGE = 4096;
    private static final int FRAME = 24 + PAGE;
    /** Transactions of which each cut is tried: the first, those around a checkpoint and the first in the journal after it. */
    private static final int TRIED = 6;

    @TempDir
    Path dir;

    @TempDir
    Path trial;

    private int trials;

    /** The two files as they are; the lock that reading them here takes off is of no use within one process. */
    private record Disk(byte[] database, byte[] journal) {
        static Disk of(Path dir) throws IOException {
            return new Disk(read(dir.resolve("hostel.db")), read(dir.resolve("hostel.db-wal")));
        }

        private static byte[] read(Path file) throws IOException {
            return Files.exists(file) ? Files.readAllBytes(file) : new byte[0];
        }

        Disk withJournal(byte[] other) {
            return new Disk(database, other);
        }
    }

    @Test
    void everyTransactionIsThereWhollyOrNotAtAllWhereverItsWritesAreCut() throws IOException {
        Disk before = new Disk(new byte[0], new byte[0]);
        int checkpoints = 0;
        int tried = 0;
        try (SqliteDesiredState state = SqliteDesiredState.open(dir)) {
            before = Disk.of(dir);
            cutJournal(new Disk(before.database, new byte[0]), before, 0, 0);
            for (int number = 1; checkpoints < 2 || tried < TRIED; number++) {
                assertThat(number)
                        .as("transactions until the second checkpoint")
                        .isLessThan(3_000);
                create(state, number);
                Disk after = Disk.of(dir);
                boolean checkpoint = !Arrays.equals(before.database, after.database);
                if (checkpoint) {
                    checkpoints++;
                    tried = 0;
                }
                if (tried++ < TRIED) {
                    cutJournal(before, after, number - 1, number);
                    if (checkpoint) cutCheckpoint(before, after, number);
                }
                before = after;
            }
        }
        assertThat(trials).isGreaterThan(300);
    }

    @Test
    void aTransactionIsAcknowledgedOnceItIsSynced() {
        try (Database database = Database.open(dir)) {
            assertThat(database.one("PRAGMA synchronous", row -> row.getInt(1))).hasValue(2);
            assertThat(database.one("PRAGMA journal_mode", row -> row.getString(1)))
                    .hasValue("wal");
        }
    }

    private static void create(SqliteDesiredState state, int number) {
        state.createTenant(StoredThings.tenant("t" + number, number), StoredThings.token("t" + number, "first"));
    }

    /** The transaction's frames up to a cut, at and within each; and all of them but one, which a disk may write last. */
    private void cutJournal(Disk before, Disk after, int tenantsBefore, int tenantsAfter) throws IOException {
        byte[] old = Arrays.copyOf(before.journal, after.journal.length);
        int first = Arrays.mismatch(old, after.journal);
        assertThat(first).as("a change is in the journal").isNotNegative();
        int last = after.journal.length;
        while (old[last - 1] == after.journal[last - 1]) last--;
        int end = JOURNAL_HEADER + (last - JOURNAL_HEADER + FRAME - 1) / FRAME * FRAME;
        int begin = first < JOURNAL_HEADER ? 0 : JOURNAL_HEADER + (first - JOURNAL_HEADER) / FRAME * FRAME;

        List<Integer> frames = new ArrayList<>();
        if (begin == 0) frames.add(0);
        for (int at = Math.max(begin, JOURNAL_HEADER); at < end; at += FRAME) frames.add(at);
        // A checkpoint follows the sync of the journal, so the database is the old one.
        for (int at : frames) {
            int length = at == 0 ? JOURNAL_HEADER : FRAME;
            for (int cut : List.of(at, at + 16, at + length / 2)) {
                byte[] written = after.journal.clone();
                System.arraycopy(old, cut, written, cut, written.length - cut);
                byte[] shorter = cut >= before.journal.length ? Arrays.copyOf(written, cut) : written;
                check(before.withJournal(shorter), tenantsBefore);
            }
            byte[] without = after.journal.clone();
            System.arraycopy(old, at, without, at, length);
            check(before.withJournal(without), tenantsBefore);
        }
        check(before.withJournal(after.journal), tenantsAfter);
    }

    /** The pages that a checkpoint copies, up to each, and each alone. */
    private void cutCheckpoint(Disk before, Disk after, int tenants) throws IOException {
        int pages = after.database.length / PAGE;
        byte[] old = Arrays.copyOf(before.database, after.database.length);
        for (int page = 0; page < pages; page++) {
            int at = page * PAGE;
            if (Arrays.equals(old, at, at + PAGE, after.database, at, at + PAGE)) continue;
            byte[] prefix = old.clone();
            System.arraycopy(after.database, 0, prefix, 0, at + PAGE / 2);
            check(new Disk(prefix, after.journal), tenants);
            byte[] alone = old.clone();
            System.arraycopy(after.database, at, alone, at, PAGE);
            check(new Disk(alone, after.journal), tenants);
        }
    }

    private void check(Disk disk, int tenants) throws IOException {
        trials++;
        Path state = Files.createDirectory(trial.resolve("" + trials));
        Files.write(state.resolve("hostel.db"), disk.database);
        Files.write(state.resolve("hostel.db-wal"), disk.journal);
        try (SqliteDesiredState opened = SqliteDesiredState.open(state)) {
            assertThat(opened.tenants().stream().map(StoredTenant::id))
                    .as("tenants after cut %d", trials)
                    .containsExactlyInAnyOrderElementsOf(IntStream.rangeClosed(1, tenants)
                            .mapToObj(n -> "t" + n)
                            .toList());
            assertThat(opened.tokens()).hasSize(tenants);
        }
        Files.delete(state.resolve("hostel.db"));
    }
}
