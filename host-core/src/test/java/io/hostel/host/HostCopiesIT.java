package io.hostel.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.hostel.api.ArtifactFormat;
import io.hostel.api.Refusal;
import io.hostel.api.RefusedException;
import io.hostel.store.DirectoryArtifacts;
import io.hostel.store.DiskReserve;
import io.hostel.store.OperatorToken;
import io.hostel.store.SqliteDesiredState;
import io.hostel.store.StoreThread;
import io.hostel.store.TreeSync;
import io.hostel.tenant.ArtifactClaims;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** On a disk of 4 MiB, in a mount namespace that goes with the test. */
class HostCopiesIT {
    @TempDir
    Path dir;

    private final ExecutorService blocking = java.util.concurrent.Executors.newFixedThreadPool(4);
    private final AtomicInteger startedAnew = new AtomicInteger();
    private Path disk;
    private StoreThread store;
    private HostCopies copies;

    @BeforeEach
    void aHostOnASmallDisk() throws Exception {
        disk = Files.createDirectory(dir.resolve("disk"));
        run("mount", "-t", "tmpfs", "-o", "size=4m", "none", disk.toString());
        store = new StoreThread(SqliteDesiredState.open(disk));
        DirectoryArtifacts artifacts = DirectoryArtifacts.open(disk);
        copies = new HostCopies(
                disk,
                OperatorToken.readOrCreate(disk),
                store,
                new ArtifactClaims(artifacts, List.of(), blocking),
                artifacts,
                desired -> List.of(),
                TreeSync.eachFile(),
                DiskReserve.of(disk),
                blocking,
                Clock.systemUTC(),
                startedAnew::incrementAndGet);
        store.call(state -> state.appendEvent(java.time.Instant.EPOCH, Optional.empty(), "x", Map.of("k", "v")))
                .toCompletableFuture()
                .get(30, TimeUnit.SECONDS);
    }

    @AfterEach
    void unmount() throws Exception {
        store.close();
        blocking.shutdownNow();
        run("umount", disk.toString());
    }

    private static void run(String... command) throws Exception {
        assertThat(new ProcessBuilder(command).inheritIO().start().waitFor())
                .as(String.join(" ", command))
                .isZero();
    }

    private Path fill() throws IOException {
        Path filler = disk.resolve("filler");
        try (var out = Files.newOutputStream(filler)) {
            while (true) {
                out.write(new byte[4_096]);
            }
        } catch (IOException full) {
            return filler;
        }
    }

    private List<String> unfinished() throws IOException {
        try (Stream<Path> names = Files.list(disk)) {
            return names.map(name -> name.getFileName().toString())
                    .filter(name -> name.startsWith("."))
                    .toList();
        }
    }

    private static Refusal refusal(CompletionStage<?> stage) {
        CompletableFuture<?> future = stage.toCompletableFuture();
        assertThatThrownBy(() -> future.get(30, TimeUnit.SECONDS)).isInstanceOf(ExecutionException.class);
        return ((RefusedException) future.handle(
                                (value, failure) -> failure instanceof RefusedException ? failure : failure.getCause())
                        .join())
                .refusal();
    }

    private static byte[] bytes(Flow.Publisher<ByteBuffer> pieces) throws Exception {
        CompletableFuture<byte[]> all = new CompletableFuture<>();
        pieces.subscribe(new Flow.Subscriber<>() {
            private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

            @Override
            public void onSubscribe(Flow.Subscription subscription) {
                subscription.request(Long.MAX_VALUE);
            }

            @Override
            public void onNext(ByteBuffer piece) {
                byte[] copy = new byte[piece.remaining()];
                piece.get(copy);
                bytes.writeBytes(copy);
            }

            @Override
            public void onError(Throwable failure) {
                all.completeExceptionally(failure);
            }

            @Override
            public void onComplete() {
                all.complete(bytes.toByteArray());
            }
        });
        return all.get(30, TimeUnit.SECONDS);
    }

    @Test
    void aFullDiskIsSaidNothingIsLeftAndTheNextOneWorks() throws Exception {
        Path filler = fill();
        assertThat(refusal(copies.backup())).isInstanceOf(Refusal.DiskFull.class);
        assertThat(unfinished()).isEmpty();
        Files.delete(filler);
        byte[] backup = bytes(copies.backup().toCompletableFuture().get(30, TimeUnit.SECONDS));
        await().untilAsserted(() -> assertThat(unfinished()).isEmpty());

        Path again = fill();
        assertThat(refusal(copies.restore(ArtifactFormat.ZSTD, new ByteArrayInputStream(backup))))
                .isInstanceOf(Refusal.DiskFull.class);
        assertThat(unfinished()).isEmpty();
        assertThat(startedAnew).hasValue(0);
        Files.delete(again);
        copies.restore(ArtifactFormat.ZSTD, new ByteArrayInputStream(backup))
                .toCompletableFuture()
                .get(30, TimeUnit.SECONDS);
        assertThat(startedAnew).hasValue(1);
        assertThat(refusal(copies.backup())).as("it is ending").isInstanceOf(Refusal.Conflict.class);
    }

    /** A sixteenth of 4 MiB is kept: a copy of the database would fit into that. */
    @Test
    void whatIsKeptForTheDatabaseIsNoCopys() throws Exception {
        byte[] backup = bytes(copies.backup().toCompletableFuture().get(30, TimeUnit.SECONDS));
        await().untilAsserted(() -> assertThat(unfinished()).isEmpty());
        try (var out = Files.newOutputStream(disk.resolve("filler"))) {
            while (Files.getFileStore(disk).getUsableSpace() > 250 << 10) {
                out.write(new byte[4_096]);
            }
        }
        assertThat(refusal(copies.backup())).isInstanceOf(Refusal.DiskFull.class);
        assertThat(refusal(copies.restore(ArtifactFormat.ZSTD, new ByteArrayInputStream(backup))))
                .isInstanceOf(Refusal.DiskFull.class);
        assertThat(unfinished()).isEmpty();
        store.call(state -> state.appendEvent(java.time.Instant.EPOCH, Optional.empty(), "x", Map.of("k", "v")))
                .toCompletableFuture()
                .get(30, TimeUnit.SECONDS);
    }

    @Test
    void oneIsMadeAtATime() throws Exception {
        Flow.Publisher<ByteBuffer> first = copies.backup().toCompletableFuture().get(30, TimeUnit.SECONDS);
        assertThat(unfinished()).hasSize(1);
        assertThat(refusal(copies.backup())).isInstanceOf(Refusal.Conflict.class);
        assertThat(refusal(copies.restore(ArtifactFormat.ZSTD, new ByteArrayInputStream(new byte[0]))))
                .isInstanceOf(Refusal.Conflict.class);
        assertThat(bytes(first)).isNotEmpty();
        await().untilAsserted(() -> assertThat(unfinished()).isEmpty());
    }
}
