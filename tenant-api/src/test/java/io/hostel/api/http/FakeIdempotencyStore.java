package io.hostel.api.http;

import io.hostel.api.Caller;
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

    private static String of(Caller caller) {
        return caller instanceof Caller.Tenant tenant ? tenant.id() + "#" + tenant.number() : "operator";
    }

    @Override
    public synchronized CompletionStage<Optional<KeptAnswer>> begin(Caller caller, String key, String fingerprint) {
        Entry entry = entries.putIfAbsent(of(caller) + " " + key, new Entry(fingerprint, null));
        if (entry == null) {
            return CompletableFuture.completedFuture(Optional.empty());
        }
        if (!entry.fingerprint().equals(fingerprint) || entry.answer() == null) {
            return CompletableFuture.failedFuture(
                    new RefusedException(new Refusal.Conflict("idempotency-key", "the key was used for another call")));
        }
        if (entry.answer().contentType().isEmpty()) {
            return CompletableFuture.failedFuture(
                    new RefusedException(new Refusal.Conflict("answer-not-kept", "the answer was too large")));
        }
        return CompletableFuture.completedFuture(Optional.of(entry.answer()));
    }

    @Override
    public synchronized CompletionStage<Gone> keep(Caller caller, String key, KeptAnswer answer) {
        entries.computeIfPresent(of(caller) + " " + key, (k, entry) -> new Entry(entry.fingerprint(), answer));
        return CompletableFuture.completedFuture(Gone.GONE);
    }

    @Override
    public synchronized CompletionStage<Gone> keepKey(Caller caller, String key, int status) {
        entries.computeIfPresent(of(caller) + " " + key, (k, entry) -> new Entry(entry.fingerprint(), new KeptAnswer(status, "", "")));
        return CompletableFuture.completedFuture(Gone.GONE);
    }

    @Override
    public synchronized CompletionStage<Gone> abandon(Caller caller, String key) {
        entries.remove(of(caller) + " " + key);
        return CompletableFuture.completedFuture(Gone.GONE);
    }
}
