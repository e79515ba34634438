package io.hostel.store;

import io.hostel.api.Authenticator;
import io.hostel.api.Caller;
import io.hostel.store.DesiredState.StoredTenant;
import io.hostel.store.DesiredState.StoredToken;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Clock;
import java.util.Collection;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

/**
 * Knows every token there is by its hash. Whoever changes tokens in the store tells this too, after the store has it:
 * {@link #created}, {@link #deleted}, {@link #tenantDeleted}.
 *
 * <p>What a caller presents is hashed before anything is compared, so the time that takes says nothing about the secrets.
 */
public final class StoredAuthenticator implements Authenticator {
    private static final int LONGEST = 512;

    private final byte[] operatorHash;
    private final Map<String, Known> byHash = new ConcurrentHashMap<>();
    private final Clock clock;

    /** @param tenant its number, see {@link Caller.Tenant} */
    private record Known(StoredToken token, int tenant) {}

    /** @param tenants that the tokens are of */
    public StoredAuthenticator(
            String operatorSecret, Collection<StoredTenant> tenants, Collection<StoredToken> tokens, Clock clock) {
        this.operatorHash = bytes(Tokens.hash(operatorSecret));
        this.clock = clock;
        Map<String, Integer> numbers =
                tenants.stream().collect(Collectors.toMap(StoredTenant::id, StoredTenant::number));
        tokens.forEach(token -> created(token, Objects.requireNonNull(numbers.get(token.tenant()), token::tenant)));
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
                .filter(known -> known.token()
                        .expiresAt()
                        .map(end -> clock.instant().isBefore(end))
                        .orElse(true))
                .map(known -> new Caller.Tenant(
                        known.token().tenant(),
                        known.tenant(),
                        known.token().label(),
                        known.token().expiresAt()));
    }

    /**
     * A token is in the store from now on.
     *
     * @param tenant the number of its tenant
     */
    public void created(StoredToken token, int tenant) {
        byHash.put(token.hash(), new Known(token, tenant));
    }

    public void deleted(String tenant, String id) {
        byHash.values()
                .removeIf(known -> known.token().tenant().equals(tenant)
                        && known.token().id().equals(id));
    }

    public void tenantDeleted(String tenant) {
        byHash.values().removeIf(known -> known.token().tenant().equals(tenant));
    }

    private static byte[] bytes(String hash) {
        return hash.getBytes(StandardCharsets.US_ASCII);
    }
}
