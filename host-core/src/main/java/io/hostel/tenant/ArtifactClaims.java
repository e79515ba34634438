package io.hostel.tenant;

import io.hostel.api.ArtifactFormat;
import io.hostel.api.Refusal;
import io.hostel.api.RefusedException;
import io.hostel.store.ArtifactStore;
import io.hostel.store.DesiredState.StoredArtifact;
import java.io.IOException;
import java.io.InputStream;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which tenants claim which artifact: trees are shared, and one goes when the last claim on it does. Everything here may
 * block, and runs on threads that may.
 */
public final class ArtifactClaims {
    private static final Logger LOG = LoggerFactory.getLogger(ArtifactClaims.class);

    private final ArtifactStore store;
    private final Executor blocking;
    private final Map<String, Set<String>> tenants = new HashMap<>();
    private final Set<String> goingLater = new HashSet<>();
    private int holds;

    public ArtifactClaims(ArtifactStore store, Collection<StoredArtifact> recorded, Executor blocking) {
        this.store = store;
        this.blocking = blocking;
        recorded.forEach(a -> claimants(a.digest()).add(a.tenant()));
    }

    /**
     * Unpacks an artifact and claims it for the tenant.
     *
     * @param quotaBytes the most that it may take
     * @param quotaEntries how many files, directories and links it may have
     */
    CompletionStage<ArtifactStore.Put> put(
            String tenant, ArtifactFormat format, InputStream body, long quotaBytes, long quotaEntries) {
        CompletableFuture<ArtifactStore.Put> put = new CompletableFuture<>();
        blocking.execute(() -> {
            try {
                ArtifactStore.Put artifact = store.put(format, body, quotaBytes, quotaEntries);
                claim(tenant, artifact.digest());
                put.complete(artifact);
            } catch (IOException | RuntimeException e) {
                put.completeExceptionally(e);
            }
        });
        return put;
    }

    private synchronized void claim(String tenant, String digest) {
        if (store.layer(digest).isEmpty()) {
            throw new RefusedException(new Refusal.Unavailable(
                    "Artifact " + digest + " was taken away while it was uploaded; upload it again."));
        }
        claimants(digest).add(tenant);
    }

    /** Gives the claims up and takes away what nobody claims any more; what can't be taken away is logged. */
    CompletionStage<Void> giveUp(String tenant, Collection<String> digests) {
        return CompletableFuture.runAsync(() -> digests.forEach(d -> giveUp(tenant, d)), blocking);
    }

    /** Takes away what nobody claims: an upload that was never recorded, a deletion that was cut short. */
    CompletionStage<Void> sweep() {
        return CompletableFuture.runAsync(
                () -> {
                    try {
                        store.digests().forEach(digest -> giveUp("", digest));
                    } catch (IOException | RuntimeException e) {
                        LOG.warn("look for artifacts that nobody claims: {}", e.getMessage(), e);
                    }
                },
                blocking);
    }

    private synchronized void giveUp(String tenant, String digest) {
        Set<String> left = claimants(digest);
        left.remove(tenant);
        if (left.isEmpty()) {
            tenants.remove(digest);
            if (holds > 0) {
                goingLater.add(digest);
            } else {
                takeAway(digest);
            }
        }
    }

    private void takeAway(String digest) {
        try {
            store.delete(digest);
        } catch (IOException | RuntimeException e) {
            LOG.warn("take artifact {} away: {}", digest, e.getMessage(), e);
        }
    }

    /** Keeps every artifact that is there until it is closed. */
    public interface Hold extends AutoCloseable {
        /** Takes away what has lost its last claim meanwhile. */
        @Override
        void close();
    }

    /** Nothing is taken away from now on, whatever claims are given up, until the last hold is closed. */
    public synchronized Hold hold() {
        holds++;
        AtomicBoolean held = new AtomicBoolean(true);
        return () -> {
            if (held.compareAndSet(true, false)) {
                release();
            }
        };
    }

    private synchronized void release() {
        holds--;
        if (holds == 0) {
            goingLater.stream().filter(digest -> !tenants.containsKey(digest)).forEach(this::takeAway);
            goingLater.clear();
        }
    }

    private Set<String> claimants(String digest) {
        return tenants.computeIfAbsent(digest, d -> new HashSet<>());
    }
}
