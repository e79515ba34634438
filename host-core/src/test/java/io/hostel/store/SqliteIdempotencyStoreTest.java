package io.hostel.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hostel.api.IdempotencyStore.KeptAnswer;
import io.hostel.api.Refusal;
import io.hostel.api.RefusedException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SqliteIdempotencyStoreTest {
    private static final KeptAnswer ANSWER =
            new KeptAnswer(201, "application/json", "{\"token\":\"hostel_tn_sésame\"}");

    @TempDir
    Path dir;

    private final HandClock clock = new HandClock();
    private StoreThread thread;
    private SqliteIdempotencyStore store;

    @BeforeEach
    void open() {
        Database database = Database.open(dir);
        thread = new StoreThread(new SqliteDesiredState(database));
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

    private Optional<KeptAnswer> begin(String caller, String key, String fingerprint) {
        return join(store.begin(caller, key, fingerprint));
    }

    private static <T> T join(CompletionStage<T> stage) {
        return stage.toCompletableFuture().join();
    }

    private void assertConflict(String key, String fingerprint, String code) {
        assertThatThrownBy(() -> begin("acme", key, fingerprint))
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
        assertThat(begin("acme", "k", "f")).isEmpty();
        join(store.keep("acme", "k", ANSWER));
        assertThat(begin("acme", "k", "f")).contains(ANSWER);

        reopen();

        assertThat(begin("acme", "k", "f")).contains(ANSWER);
    }

    @Test
    void keysOfDifferentCallersAreDifferentKeys() {
        begin("acme", "k", "f");
        join(store.keep("acme", "k", ANSWER));

        assertThat(begin("umbrella", "k", "g")).isEmpty();
    }

    @Test
    void anotherCallWithAUsedKeyAndOneThatIsUnderWayAreConflicts() {
        begin("acme", "k", "f");
        assertConflict("k", "f", "idempotency-key-in-use");
        join(store.keep("acme", "k", ANSWER));
        assertConflict("k", "g", "idempotency-key-reused");
    }

    @Test
    void anAbandonedKeyMayBeUsedAgainAndAnAnsweredOneIsNotAbandoned() {
        begin("acme", "k", "f");
        join(store.abandon("acme", "k"));
        assertThat(begin("acme", "k", "g")).isEmpty();
        join(store.keep("acme", "k", ANSWER));
        join(store.abandon("acme", "k"));
        assertThat(begin("acme", "k", "g")).contains(ANSWER);
    }

    @Test
    void aCallThatTheHostsEndInterruptedCountsAsNeverBegun() {
        begin("acme", "k", "f");

        reopen();

        assertThat(begin("acme", "k", "f")).isEmpty();
    }

    @Test
    void answersAreForgottenAfterADay() {
        begin("acme", "k", "f");
        join(store.keep("acme", "k", ANSWER));

        clock.now = clock.now.plus(Duration.ofHours(23));
        assertThat(begin("acme", "k", "f")).contains(ANSWER);
        clock.now = clock.now.plus(Duration.ofHours(2));
        assertThat(begin("acme", "k", "g")).isEmpty();
    }

    @Test
    void secretsInAnswersCannotBeReadInTheFile() throws Exception {
        begin("acme", "k", "f");
        join(store.keep("acme", "k", ANSWER));
        thread.close();

        String bytes = Files.readString(dir.resolve("hostel.db"), StandardCharsets.ISO_8859_1);

        assertThat(bytes).contains("application/json").doesNotContain("hostel_tn_");
        open();
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
