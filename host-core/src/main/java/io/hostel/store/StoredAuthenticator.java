package io.hostel.store;

import io.hostel.api.Authenticator;
import io.hostel.api.Caller;
import io.hostel.store.DesiredState.StoredToken;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Clock;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Knows every token there is by its hash. Whoever changes tokens in the store tells this too, after the store has it:
 * {@link #created}, {@link #deleted}, {@link #tenantDeleted}.
 *
 * <p>What a caller presents is hashed before anything is compared, so the time that takes says nothing about the secrets.
 */
public final class StoredAuthenticator implements Authenticator {
    private static final int LONGEST = 512;

    private final byte[] operatorHash;
    private final Map<String, StoredToken> byHash = new ConcurrentHashMap<>();
    private final Clock clock;

    public StoredAuthenticator(String operatorSecret, Collection<StoredToken> tokens, Clock clock) {
        this.operatorHash = bytes(Tokens.hash(operatorSecret));
        this.clock = clock;
        tokens.forEach(this::created);
    }

    @Override
    public CompletionStage<Optional<Caller>> caller(String token) {
        return CompletableFuture.completedFuture(token.length() > LONGEST ? Optional.empty() : identify(token));
    }

    private Optional<Caller> identify(String token) {
        String hash = Tokens.hash(token);
        if (MessageDigest.isEqual(operatorHash, bytes(hash))) {
            return Optional.of(new Caller.Operator());
        }
        return Optional.ofNullable(byHash.get(hash))
                .filter(known -> known.expiresAt()
                        .map(end -> clock.instant().isBefore(end))
                        .orElse(true))
                .map(known -> new Caller.Tenant(known.tenant()));
    }

    /** A token is in the store from now on. */
    public void created(StoredToken token) {
        byHash.put(token.hash(), token);
    }

    public void deleted(String tenant, String id) {
        byHash.values()
                .removeIf(token -> token.tenant().equals(tenant) && token.id().equals(id));
    }

    public void tenantDeleted(String tenant) {
        byHash.values().removeIf(token -> token.tenant().equals(tenant));
    }

    private static byte[] bytes(String hash) {
        return hash.getBytes(StandardCharsets.US_ASCII);
    }
}
