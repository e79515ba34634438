package io.hostel.host;

import io.hostel.api.ArtifactFormat;
import io.hostel.api.Refusal;
import io.hostel.api.RefusedException;
import io.hostel.api.RestoreView;
import io.hostel.store.ArtifactStore;
import io.hostel.store.Database;
import io.hostel.store.DesiredState;
import io.hostel.store.DiskReserve;
import io.hostel.store.DiskRoom;
import io.hostel.store.StoreException;
import io.hostel.store.StoreThread;
import io.hostel.store.TreeSync;
import io.hostel.store.backup.BackupWriter;
import io.hostel.store.backup.StagedRestore;
import io.hostel.tenant.ArtifactClaims;
import io.hostel.tenant.Copies;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Backups of this host and their return, one at a time. The database is copied on its own thread, in one go: a tenth of
 * a second for a hundred thousand events. All else runs where it may block, and nothing is locked meanwhile: artifacts do not change, and are held.
 */
final class HostCopies implements Copies {
    private static final Logger LOG = LoggerFactory.getLogger(HostCopies.class);

    private final Path stateDir;
    private final String operatorToken;
    private final StoreThread store;
    private final ArtifactClaims claims;
    private final ArtifactStore artifacts;
    private final Function<DesiredState, List<String>> fit;
    private final TreeSync sync;
    private final DiskReserve reserve;
    private final Executor blocking;
    private final Clock clock;
    private final Runnable startAnew;
    private final AtomicBoolean busy = new AtomicBoolean();

    /**
     * @param fit tells what of a backup does not fit the settings
     * @param startAnew ends the host, for another to take over what is staged
     */
    HostCopies(
            Path stateDir,
            String operatorToken,
            StoreThread store,
            ArtifactClaims claims,
            ArtifactStore artifacts,
            Function<DesiredState, List<String>> fit,
            TreeSync sync,
            DiskReserve reserve,
            Executor blocking,
            Clock clock,
            Runnable startAnew) {
        this.stateDir = stateDir;
        this.operatorToken = operatorToken;
        this.store = store;
        this.claims = claims;
        this.artifacts = artifacts;
        this.fit = fit;
        this.sync = sync;
        this.reserve = reserve;
        this.blocking = blocking;
        this.clock = clock;
        this.startAnew = startAnew;
    }

    private void begin() {
        if (!busy.compareAndSet(false, true)) {
            throw new RefusedException(new Refusal.Conflict(
                    "backup-under-way", "A backup or a restore is under way; try again when it is done."));
        }
    }

    @Override
    public CompletionStage<Flow.Publisher<ByteBuffer>> backup() {
        return CompletableFuture.supplyAsync(
                () -> {
                    begin();
                    Backup backup = new Backup();
                    try {
                        backup.copyDatabase();
                        return new WrittenBytes(blocking, backup::writeTo, backup::close);
                    } catch (IOException | RuntimeException e) {
                        backup.close();
                        throw failed("make a backup", e);
                    }
                },
                blocking);
    }

    @Override
    public CompletionStage<RestoreView> restore(ArtifactFormat format, InputStream body) {
        return CompletableFuture.supplyAsync(
                () -> {
                    begin();
                    try {
                        RestoreView restore = StagedRestore.stage(
                                stateDir, format, body, fit, sync, reserve, clock.instant());
                        LOG.info("The backup of {} is verified: the host starts anew with it", restore.createdAt());
                        startAnew.run();
                        return restore; // and busy: there is nothing that this host should still do
                    } catch (IOException | RuntimeException e) {
                        readOn(body);
                        busy.set(false);
                        throw failed("restore a backup", e);
                    }
                },
                blocking);
    }

    /** The operator sees why only when all has been sent. */
    private static void readOn(InputStream body) {
        try {
            body.transferTo(OutputStream.nullOutputStream());
        } catch (IOException e) {
            return; // gone, or too slow
        }
    }

    private static RuntimeException failed(String what, Exception e) {
        Throwable cause = e instanceof CompletionException && e.getCause() != null ? e.getCause() : e;
        if (cause instanceof RefusedException refused) {
            return refused;
        }
        if (cause instanceof StoreException.DiskFull || DiskRoom.isExhausted(cause)) {
            return new RefusedException(
                    new Refusal.DiskFull("the host's disk is full: no room to " + what + "; nothing was kept"));
        }
        LOG.warn("{}: {}", what, cause.getMessage(), cause);
        return new RefusedException(new Refusal.Unavailable("the host could not " + what + ": " + cause.getMessage()));
    }

    /** One backup that is being made. All of it blocks. */
    private final class Backup {
        private final Path database = StagedRestore.backupFile(stateDir);
        // Before the database is copied: whatever that will speak of is still there, and stays.
        private final ArtifactClaims.Hold hold = claims.hold();
        private final Map<String, Path> trees = new TreeMap<>();
        private Instant createdAt = Instant.EPOCH;

        void copyDatabase() throws IOException {
            reserve.require(Database.bytes(stateDir), "a copy of the database");
            Files.createFile(
                    database, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            store.call(this::copy).toCompletableFuture().join();
        }

        private boolean copy(DesiredState state) {
            createdAt = clock.instant();
            state.copyTo(database);
            state.artifacts().forEach(artifact -> trees.put(artifact.digest(), tree(artifact.digest())));
            return true;
        }

        private Path tree(String digest) {
            return artifacts
                    .layer(digest)
                    .orElseThrow(() -> new StoreException("artifact " + digest + " is not there any more", null))
                    .resolve("app");
        }

        void writeTo(OutputStream out) throws IOException {
            BackupWriter.write(out, createdAt, Database.schemaVersion(), database, operatorToken, trees);
        }

        void close() {
            hold.close();
            busy.set(false);
            try {
                Files.deleteIfExists(database);
            } catch (IOException e) {
                LOG.warn("take away {}: {}", database, e.getMessage());
            }
        }
    }
}
