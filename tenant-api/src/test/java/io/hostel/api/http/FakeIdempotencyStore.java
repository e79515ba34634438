package io.hostel.api.http;

import io.hostel.api.Gone;
import io.hostel.api.IdempotencyStore;
import io.hostel.api.Refusal;
import io.hostel.api.RefusedException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** Keeps answers in memory. */
final class FakeIdempotencyStore implements IdempotencyStore {
    record Entry(String fingerprint, @Nullable KeptAnswer answer) {}

    final Map<String, Entry> entries = new HashMap<>();

    @Override
    public synchronized CompletionStage<Optional<KeptAnswer>> begin(String caller, String key, String fingerprint) {
        Entry entry = entries.putIfAbsent(caller + " " + key, new Entry(fingerprint, null));
        if (entry == null) {
            return CompletableFuture.completedFuture(Optional.empty());
        }
        if (!entry.fingerprint().equals(fingerprint) || entry.answer() == null) {
            return CompletableFuture.failedFuture(
                    new RefusedException(new Refusal.Conflict("idempotency-key", "the key was used for another call")));
        }
        return CompletableFuture.completedFuture(Optional.of(entry.answer()));
    }

    @Override
    public synchronized CompletionStage<Gone> keep(String caller, String key, KeptAnswer answer) {
        entries.computeIfPresent(caller + " " + key, (k, entry) -> new Entry(entry.fingerprint(), answer));
        return CompletableFuture.completedFuture(Gone.GONE);
    }

    @Override
    public synchronized CompletionStage<Gone> abandon(String caller, String key) {
        entries.remove(caller + " " + key);
        return CompletableFuture.completedFuture(Gone.GONE);
    }
}
