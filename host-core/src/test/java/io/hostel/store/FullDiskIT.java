package io.hostel.store;

import static io.hostel.store.StoredThings.tenant;
import static io.hostel.store.StoredThings.token;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hostel.api.ArtifactFormat;
import io.hostel.api.Refusal;
import io.hostel.api.RefusedException;
import io.hostel.store.archive.Tar;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** On a disk of 4 MiB, in a mount namespace that goes with the test. */
class FullDiskIT {
    @TempDir
    Path dir;

    private Path disk;

    @BeforeEach
    void mount() throws Exception {
        disk = Files.createDirectory(dir.resolve("disk"));
        run("mount", "-t", "tmpfs", "-o", "size=4m", "none", disk.toString());
    }

    @AfterEach
    void unmount() throws Exception {
        run("umount", disk.toString());
    }

    private static void run(String... command) throws Exception {
        assertThat(new ProcessBuilder(command).inheritIO().start().waitFor())
                .as(String.join(" ", command))
                .isZero();
    }

    private Path fill() throws IOException {
        Path filler = disk.resolve("filler");
        byte[] piece = new byte[4_096];
        try (OutputStream out = Files.newOutputStream(filler)) {
            for (int i = 0; i < 2_000; i++) {
                out.write(piece);
            }
        } catch (IOException full) {
            assertThat(DiskRoom.isExhausted(full)).isTrue();
            return filler;
        }
        throw new AssertionError("the disk never became full");
    }

    @Test
    void aFullDiskIsSaidAndNothingThatWasStoredIsLost() throws Exception {
        try (SqliteDesiredState state = SqliteDesiredState.open(disk)) {
            state.createTenant(tenant("acme", 1), token("acme", "t1"));
            Path filler = fill();

            assertThatThrownBy(() -> {
                        for (int number = 2; number < 2_000; number++) {
                            state.createTenant(tenant("t" + number, number), token("t" + number, "t1"));
                        }
                    })
                    .isInstanceOf(StoreException.DiskFull.class)
                    .hasMessageContaining("hostel.db");
            int stored = state.tenants().size();
            assertThat(state.tokens()).hasSize(stored);

            Files.delete(filler);
            state.createTenant(tenant("umbrella", 5_000), token("umbrella", "t1"));
            assertThat(state.tenants()).hasSize(stored + 1).contains(tenant("acme", 1), tenant("umbrella", 5_000));
        }
        try (SqliteDesiredState state = SqliteDesiredState.open(disk)) {
            assertThat(state.tenants()).contains(tenant("acme", 1), tenant("umbrella", 5_000));
            assertThat(state.appendEvent(StoredThings.NOW, Optional.empty(), "x", Map.of()))
                    .isEqualTo(1);
        }
    }

    @Test
    void aHostThatFindsADiskFullFromTheStartSaysSo() throws Exception {
        SqliteDesiredState.open(disk).close();
        fill();

        assertThatThrownBy(() -> {
                    try (SqliteDesiredState state = SqliteDesiredState.open(disk)) {
                        for (int number = 1; number < 2_000; number++) {
                            state.createTenant(tenant("t" + number, number), token("t" + number, "t1"));
                        }
                    }
                })
                .isInstanceOf(StoreException.DiskFull.class);
    }

    @Test
    void anArtifactThatDoesNotFitIsRefusedAndLeavesTheRoomFree() throws Exception {
        DirectoryArtifacts artifacts = DirectoryArtifacts.open(disk);
        long free = Files.getFileStore(disk).getUsableSpace();
        byte[] noise = new byte[3 << 20];
        new Random(1).nextBytes(noise);
        byte[] tar = new Tar().file("a", 0644, noise).file("b", 0644, noise).bytes();

        assertThatThrownBy(() -> artifacts.put(ArtifactFormat.TAR, new ByteArrayInputStream(tar), 1 << 30, 1_000))
                .isInstanceOfSatisfying(
                        RefusedException.class,
                        refused -> assertThat(refused.refusal()).isInstanceOf(Refusal.DiskFull.class));

        assertThat(Files.getFileStore(disk).getUsableSpace()).isEqualTo(free);
        assertThat(artifacts.digests()).isEmpty();
    }

    /** A sixteenth of 4 MiB is kept. */
    @Test
    void artifactsAreRefusedBeforeTheDatabaseCannotBeWritten() throws Exception {
        DirectoryArtifacts artifacts = DirectoryArtifacts.open(disk);
        try (SqliteDesiredState state = SqliteDesiredState.open(disk)) {
            state.createTenant(tenant("acme", 1), token("acme", "t1"));
            try (OutputStream out = Files.newOutputStream(disk.resolve("filler"))) {
                while (Files.getFileStore(disk).getUsableSpace() > 250 << 10) {
                    out.write(new byte[4_096]);
                }
            }
            byte[] tar = new Tar().file("a", 0644, new byte[10]).bytes();
            assertThatThrownBy(() -> artifacts.put(ArtifactFormat.TAR, new ByteArrayInputStream(tar), 1 << 30, 1_000))
                    .isInstanceOfSatisfying(
                            RefusedException.class,
                            refused -> assertThat(refused.refusal()).isInstanceOf(Refusal.DiskFull.class));
            for (int number = 2; number < 4; number++) {
                state.createTenant(tenant("t" + number, number), token("t" + number, "t1"));
                state.deleteTenant("t" + number);
            }
        }
    }

    @Test
    void anArtifactThatIsBeingUnpackedLeavesWhatIsKept() throws Exception {
        DirectoryArtifacts artifacts = DirectoryArtifacts.open(
                disk,
                TreeSync.eachFile(),
                new DiskReserve(() -> {
                    var store = Files.getFileStore(disk);
                    // As if most of the disk were the host's.
                    return new DiskReserve.Room(48 << 20, store.getUsableSpace() + (1 << 20), 0, 0);
                }));
        byte[] noise = new byte[2 << 20];
        new Random(1).nextBytes(noise);
        byte[] tar = new Tar().file("a", 0644, noise).file("b", 0644, noise).bytes();
        assertThatThrownBy(() -> artifacts.put(ArtifactFormat.TAR, new ByteArrayInputStream(tar), 1 << 30, 1_000))
                .isInstanceOfSatisfying(
                        RefusedException.class,
                        refused -> assertThat(refused.refusal().detail()).contains("the host's own records"));
        assertThat(artifacts.digests()).isEmpty();
    }

    @Test
    void aCopyOfTheDatabaseThatDoesNotFitIsSaidAndHarmsNothing() throws Exception {
        try (SqliteDesiredState state = SqliteDesiredState.open(disk)) {
            for (int number = 1; number < 40; number++) {
                state.createTenant(tenant("t" + number, number), token("t" + number, "t1"));
            }
            Path filler = fill();
            Path copy = Files.createFile(dir.resolve("disk/copy"));
            assertThatThrownBy(() -> state.copyTo(copy)).isInstanceOf(StoreException.DiskFull.class);
            Files.delete(copy);
            Files.delete(filler);
            state.createTenant(tenant("umbrella", 5_000), token("umbrella", "t1"));
            state.copyTo(copy);
            assertThat(Files.size(copy)).isPositive();
        }
    }
}
