package io.hostel.store;

import static io.hostel.store.StoredThings.NOW;
import static io.hostel.store.StoredThings.tenant;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hostel.api.Caller;
import io.hostel.store.DesiredState.StoredToken;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.ZoneOffset;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TokensTest {
    private static final String OPERATOR = Tokens.newOperatorSecret();
    private static final Clock CLOCK = Clock.fixed(NOW, ZoneOffset.UTC);

    @TempDir
    Path dir;

    private static StoredToken token(String tenant, String id, String secret, Optional<java.time.Instant> expires) {
        return new StoredToken(id, tenant, "CI", Tokens.hash(secret), NOW, expires);
    }

    private static Optional<Caller> who(StoredAuthenticator authenticator, String secret) {
        return authenticator.caller(secret).toCompletableFuture().join();
    }

    @Test
    void secretsAreLongRecognisableAndNeverTheSame() {
        Set<String> seen = new HashSet<>();
        for (int i = 0; i < 1_000; i++) {
            assertThat(Tokens.newTenantSecret())
                    .matches("hostel_tn_[A-Za-z0-9_-]{43}")
                    .satisfies(s -> assertThat(seen.add(s)).isTrue());
            assertThat(Tokens.newId())
                    .matches("[a-z0-9]{10}")
                    .satisfies(s -> assertThat(seen.add(s)).isTrue());
        }
        assertThat(Tokens.newOperatorSecret()).matches("hostel_op_[A-Za-z0-9_-]{43}");
    }

    @Test
    void theHashIsPlainSha256() {
        assertThat(Tokens.hash("abc")).isEqualTo("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }

    @Test
    void aTokenSaysWhoseItIs() {
        StoredAuthenticator authenticator =
                new StoredAuthenticator(
                OPERATOR, List.of(tenant("acme", 7)), List.of(token("acme", "t1", "one", Optional.empty())), CLOCK);

        assertThat(who(authenticator, OPERATOR)).contains(new Caller.Operator());
        assertThat(who(authenticator, "one")).contains(new Caller.Tenant("acme", 7, "CI", Optional.empty()));
        assertThat(who(authenticator, "two")).isEmpty();
        assertThat(who(authenticator, "")).isEmpty();
        assertThat(who(authenticator, Tokens.hash("one"))).isEmpty();
        assertThat(who(authenticator, "x".repeat(1 << 20))).isEmpty();
    }

    @Test
    void anExpiredTokenIsNobodys() {
        StoredAuthenticator authenticator = new StoredAuthenticator(
                OPERATOR,
                List.of(tenant("acme", 7)),
                List.of(
                        token("acme", "t1", "now", Optional.of(NOW)),
                        token("acme", "t2", "later", Optional.of(NOW.plusMillis(1)))),
                CLOCK);

        assertThat(who(authenticator, "now")).isEmpty();
        assertThat(who(authenticator, "later")).contains(new Caller.Tenant("acme", 7, "CI", Optional.of(NOW.plusMillis(1))));
    }

    @Test
    void changesHoldAtOnce() {
        StoredAuthenticator authenticator = new StoredAuthenticator(OPERATOR, List.of(), List.of(), CLOCK);
        authenticator.created(token("acme", "t1", "a1", Optional.empty()), 1);
        authenticator.created(token("acme", "t2", "a2", Optional.empty()), 1);
        authenticator.created(token("umbrella", "t1", "u1", Optional.empty()), 2);

        authenticator.deleted("acme", "t1");
        assertThat(who(authenticator, "a1")).isEmpty();
        assertThat(who(authenticator, "a2")).isPresent();
        assertThat(who(authenticator, "u1")).isPresent();

        authenticator.tenantDeleted("acme");
        assertThat(who(authenticator, "a2")).isEmpty();
        assertThat(who(authenticator, "u1")).isPresent();
    }

    @Test
    void theOperatorTokenIsMadeOnceAndIsTheOwnersAlone() throws Exception {
        Path stateDir = dir.resolve("state");

        String secret = OperatorToken.readOrCreate(stateDir);

        assertThat(secret).startsWith("hostel_op_");
        assertThat(OperatorToken.readOrCreate(stateDir)).isEqualTo(secret);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(stateDir.resolve("operator.token"))))
                .isEqualTo("rw-------");
        try (var files = Files.list(stateDir)) {
            assertThat(files).hasSize(1);
        }
    }

    @Test
    void anOpenOrEmptyOperatorTokenIsRefused() throws Exception {
        OperatorToken.readOrCreate(dir);
        Path file = dir.resolve("operator.token");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
        assertThatThrownBy(() -> OperatorToken.readOrCreate(dir)).hasMessageContaining("open to every user");

        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));
        Files.writeString(file, "\n");
        assertThatThrownBy(() -> OperatorToken.readOrCreate(dir)).hasMessageContaining("does not hold a token");
    }
}
