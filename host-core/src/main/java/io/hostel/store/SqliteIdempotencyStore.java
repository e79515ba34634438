package io.hostel.store;

import io.hostel.api.Caller;
import io.hostel.api.Gone;
import io.hostel.api.IdempotencyStore;
import io.hostel.api.Refusal;
import io.hostel.api.RefusedException;
import io.hostel.store.DesiredState.StoredTenant;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Answers to calls that carried an Idempotency-Key, in the same database as desired state, for a day. Of each tenant at most
 * {@value #MOST} are kept and {@value #MOST_BYTES} bytes, and they go with it; of the operator {@value #MOST_OF_OPERATOR}. An answer
 * of more than {@value #LARGEST} bytes is not kept, its key is. A call that was under way when the host ended counts as never begun.
 * Answers may hold fresh secrets: {@link SealedAnswer} keeps them from whoever reads the file.
 */
public final class SqliteIdempotencyStore implements IdempotencyStore {
    static final int LARGEST = 64 << 10;
    static final int MOST = 1_000;
    private static final long MOST_BYTES = 4 << 20;
    private static final int MOST_OF_OPERATOR = 10_000;
    private static final long MOST_BYTES_OF_OPERATOR = 64 << 20;
    private static final Duration KEPT_FOR = Duration.ofDays(1);

    private final StoreThread thread;
    private final Database database;
    private final Accounts accounts;
    private final TenantTable tenants;
    private final Clock clock;

    /** @param thread the one that owns the database */
    public SqliteIdempotencyStore(StoreThread thread, Database database, Clock clock) {
        this.thread = thread;
        this.database = database;
        this.accounts = new Accounts(database);
        this.tenants = new TenantTable(database);
        this.clock = clock;
        thread.submit(() -> database.change("DELETE FROM kept_answer WHERE status IS NULL"));
    }

    private record Kept(
            String fingerprint,
            @Nullable Integer status,
            @Nullable String contentType,
            byte @Nullable [] body) {}

    @Override
    public CompletionStage<Optional<KeptAnswer>> begin(Caller caller, String key, String fingerprint) {
        return thread.submit(() -> {
            sweep(owner(caller));
            Optional<Kept> kept = database.one(
                    "SELECT fingerprint, status, content_type, body FROM kept_answer WHERE id = ?",
                    row -> new Kept(row.getString(1), (Integer) row.getObject(2), row.getString(3), row.getBytes(4)),
                    id(caller, key));
            if (kept.isPresent()) {
                return Optional.of(answer(kept.get(), fingerprint, caller, key));
            }
            requireThere(caller);
            database.change(
                    "INSERT INTO kept_answer (id, fingerprint, begun_at, owner) VALUES (?, ?, ?, ?)",
                    id(caller, key),
                    fingerprint,
                    clock.millis(),
                    owner(caller));
            return Optional.empty();
        });
    }

    private static KeptAnswer answer(Kept kept, String fingerprint, Caller caller, String key) {
        if (!kept.fingerprint().equals(fingerprint)) {
            throw conflict("idempotency-key-reused", "this Idempotency-Key was used for another call; take a new one");
        }
        if (kept.status() == null || kept.contentType() == null) {
            throw conflict(
                    "idempotency-key-in-use", "the first call with this Idempotency-Key is still under way; ask again");
        }
        if (kept.body() == null) {
            throw conflict(
                    "answer-not-kept",
                    "the call was made and answered with " + kept.status() + "; the answer had more than " + LARGEST
                            + " bytes and was not kept");
        }
        return new KeptAnswer(kept.status(), kept.contentType(), SealedAnswer.open(kept.body(), who(caller), key));
    }

    private static RefusedException conflict(String code, String detail) {
        return new RefusedException(new Refusal.Conflict(code, detail));
    }

    /** Nothing is kept of a tenant that has gone since its token was looked at: another one may have its name. */
    private void requireThere(Caller caller) {
        if (caller instanceof Caller.Tenant tenant
                && tenants.tenant(tenant.id()).map(StoredTenant::number).filter(n -> n == tenant.number()).isEmpty()) {
            throw new RefusedException(new Refusal.NotFound("There is no tenant " + tenant.id() + "."));
        }
    }

    @Override
    public CompletionStage<Gone> keep(Caller caller, String key, KeptAnswer answer) {
        return answer.body().getBytes(StandardCharsets.UTF_8).length > LARGEST
                ? keepKey(caller, key, answer.status())
                : thread.submit(() -> settle(
                        caller,
                        key,
                        answer.status(),
                        answer.contentType(),
                        SealedAnswer.seal(answer.body(), who(caller), key)));
    }

    @Override
    public CompletionStage<Gone> keepKey(Caller caller, String key, int status) {
        return thread.submit(() -> settle(caller, key, status, "", null));
    }

    private Gone settle(Caller caller, String key, int status, String contentType, byte @Nullable [] body) {
        database.change(
                "UPDATE kept_answer SET status = ?, content_type = ?, body = ? WHERE id = ?",
                status,
                contentType,
                body,
                id(caller, key));
        bound(caller);
        return Gone.GONE;
    }

    @Override
    public CompletionStage<Gone> abandon(Caller caller, String key) {
        return thread.submit(() -> {
            database.change("DELETE FROM kept_answer WHERE id = ? AND status IS NULL", id(caller, key));
            return Gone.GONE;
        });
    }

    private void bound(Caller caller) {
        if (caller instanceof Caller.Tenant tenant) {
            tenants.tenant(tenant.id())
                    .ifPresent(there -> accounts.keepWithin(
                            tenant.id(),
                            Accounts.Passing.ANSWER,
                            MOST,
                            Accounts.passing(there.quota(), MOST_BYTES)));
        } else {
            accounts.keepWithin(
                    Accounts.HOST, Accounts.Passing.ANSWER, MOST_OF_OPERATOR, MOST_BYTES_OF_OPERATOR);
        }
    }

    private void sweep(String owner) {
        long oldest = clock.millis() - KEPT_FOR.toMillis();
        database.change("DELETE FROM kept_answer WHERE owner = ? AND begun_at < ?", owner, oldest);
    }

    private static String owner(Caller caller) {
        return caller instanceof Caller.Tenant tenant ? tenant.id() : Accounts.HOST;
    }

    /** Beyond the tenant's name its number: another tenant of that name is somebody else. */
    private static String who(Caller caller) {
        return caller instanceof Caller.Tenant tenant ? "tenant:" + tenant.id() + ":" + tenant.number() : "operator";
    }

    private static String id(Caller caller, String key) {
        byte[] both = (who(caller) + "\0" + key).getBytes(StandardCharsets.UTF_8);
        return HexFormat.of().formatHex(Tokens.sha256().digest(both));
    }
}
