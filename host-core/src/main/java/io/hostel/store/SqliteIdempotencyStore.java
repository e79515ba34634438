package io.hostel.store;

import io.hostel.api.Gone;
import io.hostel.api.IdempotencyStore;
import io.hostel.api.Refusal;
import io.hostel.api.RefusedException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Answers to calls that carried an Idempotency-Key, in the same database as desired state, for a day and at most
 * {@value #MOST} of them. A call that was under way when the
 * host ended counts as never begun. Answers may hold fresh secrets: {@link SealedAnswer} keeps them from whoever reads the file.
 */
public final class SqliteIdempotencyStore implements IdempotencyStore {
    private static final Duration KEPT_FOR = Duration.ofDays(1);
    private static final int MOST = 50_000;
    private static final int COUNT_EVERY = 256;

    private final StoreThread thread;
    private final Database database;
    private final Clock clock;
    /** Touched on the store's thread only. */
    private int begun;

    /** @param thread the one that owns the database */
    public SqliteIdempotencyStore(StoreThread thread, Database database, Clock clock) {
        this.thread = thread;
        this.database = database;
        this.clock = clock;
        thread.submit(() -> database.change("DELETE FROM kept_answer WHERE status IS NULL"));
    }

    private record Kept(
            String fingerprint,
            @Nullable Integer status,
            @Nullable String contentType,
            byte @Nullable [] body) {}

    @Override
    public CompletionStage<Optional<KeptAnswer>> begin(String caller, String key, String fingerprint) {
        return thread.submit(() -> {
            sweep();
            String id = id(caller, key);
            Optional<Kept> kept = database.one(
                    "SELECT fingerprint, status, content_type, body FROM kept_answer WHERE id = ?",
                    row -> new Kept(row.getString(1), (Integer) row.getObject(2), row.getString(3), row.getBytes(4)),
                    id);
            if (kept.isEmpty()) {
                database.change(
                        "INSERT INTO kept_answer (id, fingerprint, begun_at) VALUES (?, ?, ?)",
                        id,
                        fingerprint,
                        clock.millis());
                return Optional.empty();
            }
            return Optional.of(answer(kept.get(), fingerprint, caller, key));
        });
    }

    private static KeptAnswer answer(Kept kept, String fingerprint, String caller, String key) {
        if (!kept.fingerprint().equals(fingerprint)) {
            throw conflict("idempotency-key-reused", "this Idempotency-Key was used for another call; take a new one");
        }
        if (kept.status() == null || kept.contentType() == null || kept.body() == null) {
            throw conflict(
                    "idempotency-key-in-use", "the first call with this Idempotency-Key is still under way; ask again");
        }
        return new KeptAnswer(kept.status(), kept.contentType(), SealedAnswer.open(kept.body(), caller, key));
    }

    private static RefusedException conflict(String code, String detail) {
        return new RefusedException(new Refusal.Conflict(code, detail));
    }

    @Override
    public CompletionStage<Gone> keep(String caller, String key, KeptAnswer answer) {
        return thread.submit(() -> {
            database.change(
                    "UPDATE kept_answer SET status = ?, content_type = ?, body = ? WHERE id = ?",
                    answer.status(),
                    answer.contentType(),
                    SealedAnswer.seal(answer.body(), caller, key),
                    id(caller, key));
            return Gone.GONE;
        });
    }

    @Override
    public CompletionStage<Gone> abandon(String caller, String key) {
        return thread.submit(() -> {
            database.change("DELETE FROM kept_answer WHERE id = ? AND status IS NULL", id(caller, key));
            return Gone.GONE;
        });
    }

    private void sweep() {
        long oldest = clock.millis() - KEPT_FOR.toMillis();
        database.change("DELETE FROM kept_answer WHERE begun_at < ?", oldest);
        if (++begun % COUNT_EVERY == 0) {
            database.change("""
                    DELETE FROM kept_answer WHERE status IS NOT NULL AND begun_at <
                      (SELECT begun_at FROM kept_answer ORDER BY begun_at DESC LIMIT 1 OFFSET ?)""", MOST);
        }
    }

    private static String id(String caller, String key) {
        byte[] both = (caller + "\0" + key).getBytes(StandardCharsets.UTF_8);
        return HexFormat.of().formatHex(Tokens.sha256().digest(both));
    }
}
