package io.hostel.store;

import static io.hostel.store.StoredThings.tenant;
import static io.hostel.store.StoredThings.token;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hostel.api.Caller;
import io.hostel.api.IdempotencyStore.KeptAnswer;
import io.hostel.api.Refusal;
import io.hostel.api.RefusedException;
import io.hostel.config.QuotaField;
import io.hostel.store.DesiredState.StoredTenant;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SqliteIdempotencyStoreTest {
    private static final KeptAnswer ANSWER =
            new KeptAnswer(201, "application/json", "{\"token\":\"hostel_tn_sésame\"}");

    private static final Caller OPERATOR = new Caller.Operator();
    private static final Caller ACME = acme(1);
    private static final Caller UMBRELLA = new Caller.Tenant("umbrella", 2, "first", Optional.empty());

    @TempDir
    Path dir;

    private final HandClock clock = new HandClock();
    private StoreThread thread;
    private SqliteDesiredState state;
    private SqliteIdempotencyStore store;

    private static Caller acme(int number) {
        return new Caller.Tenant("acme", number, "first", Optional.empty());
    }

    @BeforeEach
    void twoTenants() {
        open();
        state.createTenant(tenant("acme", 1), token("acme", "t1"));
        state.createTenant(tenant("umbrella", 2), token("umbrella", "t1"));
    }

    private void open() {
        Database database = Database.open(dir);
        state = new SqliteDesiredState(database);
        thread = new StoreThread(state);
        store = new SqliteIdempotencyStore(thread, database, clock);
    }

    @AfterEach
    void close() {
        thread.close();
    }

    private void reopen() {
        close();
        open();
    }

    private Optional<KeptAnswer> begin(Caller caller, String key, String fingerprint) {
        return join(store.begin(caller, key, fingerprint));
    }

    private static <T> T join(CompletionStage<T> stage) {
        return stage.toCompletableFuture().join();
    }

    private void assertConflict(String key, String fingerprint, String code) {
        assertThatThrownBy(() -> begin(ACME, key, fingerprint))
                .cause()
                .isInstanceOfSatisfying(
                        RefusedException.class,
                        refused -> assertThat(refused.refusal())
                                .isInstanceOfSatisfying(
                                        Refusal.Conflict.class,
                                        conflict -> assertThat(conflict.code()).isEqualTo(code)));
    }

    @Test
    void aRepeatedCallHasTheFirstOnesAnswerAlsoAfterARestart() {
        assertThat(begin(ACME, "k", "f")).isEmpty();
        join(store.keep(ACME, "k", ANSWER));
        assertThat(begin(ACME, "k", "f")).contains(ANSWER);

        reopen();

        assertThat(begin(ACME, "k", "f")).contains(ANSWER);
    }

    @Test
    void keysOfDifferentCallersAreDifferentKeys() {
        begin(ACME, "k", "f");
        join(store.keep(ACME, "k", ANSWER));

        assertThat(begin(UMBRELLA, "k", "g")).isEmpty();
    }

    @Test
    void anotherCallWithAUsedKeyAndOneThatIsUnderWayAreConflicts() {
        begin(ACME, "k", "f");
        assertConflict("k", "f", "idempotency-key-in-use");
        join(store.keep(ACME, "k", ANSWER));
        assertConflict("k", "g", "idempotency-key-reused");
    }

    @Test
    void anAbandonedKeyMayBeUsedAgainAndAnAnsweredOneIsNotAbandoned() {
        begin(ACME, "k", "f");
        join(store.abandon(ACME, "k"));
        assertThat(begin(ACME, "k", "g")).isEmpty();
        join(store.keep(ACME, "k", ANSWER));
        join(store.abandon(ACME, "k"));
        assertThat(begin(ACME, "k", "g")).contains(ANSWER);
    }

    @Test
    void aCallThatTheHostsEndInterruptedCountsAsNeverBegun() {
        begin(ACME, "k", "f");

        reopen();

        assertThat(begin(ACME, "k", "f")).isEmpty();
    }

    @Test
    void answersAreForgottenAfterADay() {
        begin(ACME, "k", "f");
        join(store.keep(ACME, "k", ANSWER));

        clock.now = clock.now.plus(Duration.ofHours(23));
        assertThat(begin(ACME, "k", "f")).contains(ANSWER);
        clock.now = clock.now.plus(Duration.ofHours(2));
        assertThat(begin(ACME, "k", "g")).isEmpty();
    }

    @Test
    void secretsInAnswersCannotBeReadInTheFile() throws Exception {
        begin(ACME, "k", "f");
        join(store.keep(ACME, "k", ANSWER));
        thread.close();

        String bytes = Files.readString(dir.resolve("hostel.db"), StandardCharsets.ISO_8859_1);

        assertThat(bytes).contains("application/json").doesNotContain("hostel_tn_");
        open();
    }

    private void answered(Caller caller, String key, String body) {
        join(store.begin(caller, key, "f"));
        join(store.keep(caller, key, new KeptAnswer(200, "application/json", body)));
    }

    @Test
    void anotherTenantOfTheSameNameReplaysNothing() {
        answered(ACME, "k", "the first one's");
        state.deleteTenant("acme");
        state.createTenant(tenant("acme", 1), token("acme", "t2"));

        assertThat(begin(ACME, "k", "f")).isEmpty();
        join(store.keep(ACME, "k", ANSWER));
        assertThat(begin(ACME, "k", "f")).contains(ANSWER);
        assertThatThrownBy(() -> begin(acme(3), "k", "f"))
                .cause()
                .isInstanceOfSatisfying(RefusedException.class, refused -> assertThat(refused.refusal())
                        .isInstanceOf(Refusal.NotFound.class));
    }

    @Test
    void ofALargeAnswerOnlyIsKeptThatThereWasOne() {
        answered(ACME, "fits", "x".repeat(SqliteIdempotencyStore.LARGEST));
        assertThat(begin(ACME, "fits", "f")).isPresent();

        answered(ACME, "k", "x".repeat(SqliteIdempotencyStore.LARGEST + 1));

        assertConflict("k", "f", "answer-not-kept");
        assertConflict("k", "g", "idempotency-key-reused");
        assertThat(state.holdings("acme").bytes()).isLessThan(2L * SqliteIdempotencyStore.LARGEST);
    }

    @Test
    void nobodysAnswersPushOutAnotherOnes() {
        answered(OPERATOR, "k", "the operator's");
        answered(UMBRELLA, "k", "umbrella's");
        for (int i = 0; i < 100; i++) {
            answered(ACME, "large " + i, "x".repeat(SqliteIdempotencyStore.LARGEST));
        }
        assertThat(state.holdings("acme").bytes()).isLessThan(5 << 20);
        state.together(() -> {
            for (int i = 0; i < SqliteIdempotencyStore.MOST + 100; i++) {
                store.begin(ACME, "small " + i, "f");
                store.keep(ACME, "small " + i, ANSWER);
            }
        });

        String last = "small " + (SqliteIdempotencyStore.MOST + 99);
        assertThat(begin(ACME, last, "f")).contains(ANSWER);
        assertThat(begin(ACME, "large 99", "f")).isEmpty();
        assertThat(begin(UMBRELLA, "k", "f")).isPresent();
        assertThat(begin(OPERATOR, "k", "f")).isPresent();
    }

    @Test
    void answersTakeAPartOfWhatATenantMayHaveAndNoMore() {
        StoredTenant small = tenant("small", 3);
        state.createTenant(
                new StoredTenant(
                        "small",
                        3,
                        small.uidBase(),
                        List.of(3),
                        small.quota().with(QuotaField.STATE, 1 << 20),
                        false),
                token("small", "t1"));
        Caller caller = new Caller.Tenant("small", 3, "first", Optional.empty());
        for (int i = 0; i < 20; i++) {
            answered(caller, "k" + i, "x".repeat(30_000));
        }

        assertThat(state.holdings("small").bytes()).isBetween(30_000L, (1L << 20) / 8 + 1_000);
        assertThat(begin(caller, "k19", "f")).isPresent();
    }

    /** A clock that a hand moves. */
    private static final class HandClock extends Clock {
        private Instant now = StoredThings.NOW;

        @Override
        public Instant instant() {
            return now;
        }

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }
    }
}
