package io.hostel.store;

import static io.hostel.store.StoredThings.NOW;
import static io.hostel.store.StoredThings.release;
import static io.hostel.store.StoredThings.releases;
import static io.hostel.store.StoredThings.spec;
import static io.hostel.store.StoredThings.token;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hostel.api.LastExit;
import io.hostel.api.Refusal;
import io.hostel.api.RefusedException;
import io.hostel.api.ReleaseSpec;
import io.hostel.api.ReleaseView;
import io.hostel.api.ReleaseView.Status;
import io.hostel.config.Quota;
import io.hostel.config.QuotaField;
import io.hostel.store.DesiredState.StoredApp;
import io.hostel.store.DesiredState.StoredArtifact;
import io.hostel.store.DesiredState.StoredEnded;
import io.hostel.store.DesiredState.StoredEvent;
import io.hostel.store.DesiredState.StoredRelease;
import io.hostel.store.DesiredState.StoredTenant;
import io.hostel.store.DesiredState.StoredToken;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BoundsTest {
    @TempDir
    Path dir;

    private Database database;
    private SqliteDesiredState state;

    @BeforeEach
    void open() {
        database = Database.open(dir);
        state = new SqliteDesiredState(database);
    }

    @AfterEach
    void close() {
        state.close();
    }

    private void tenant(String id, int number, Quota quota) {
        StoredTenant some = StoredThings.tenant(id, number);
        state.createTenant(
                new StoredTenant(id, number, some.uidBase(), some.blocks(), quota, false), token(id, "first"));
    }

    private static StoredApp app(String id, int live, int latest) {
        return new StoredApp("acme", id, live, latest, Map.of(), Map.of(), false);
    }

    private static StoredRelease large(String app, int number, int bytes) {
        ReleaseSpec spec = new ReleaseSpec(
                Optional.empty(), "host", Map.of("A", "x".repeat(bytes)), spec().processes());
        return new StoredRelease(
                "acme", app, new ReleaseView(number, Status.DEPLOYING, Optional.empty(), NOW, spec));
    }

    private static void assertOverQuota(ThrowingCallable call, String... words) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        RefusedException.class, refused -> assertThat(refused.refusal())
                                .isInstanceOfSatisfying(
                                        Refusal.OverQuota.class,
                                        over -> assertThat(over.detail()).contains(words)));
    }

    @Test
    void ofOlderReleasesAsManyAreKeptAsTheQuotaSays() {
        tenant("acme", 1, Quota.STANDARD.with(QuotaField.RELEASES, 3));
        for (int number = 1; number <= 10; number++) {
            state.createRelease(app("shop", number == 1 ? 0 : 2, number), release("acme", "shop", number));
        }

        assertThat(releases(state, "acme", "shop"))
                .extracting(r -> r.release().release())
                .containsExactly(2, 7, 8, 9, 10);
        assertThat(state.release("acme", "shop", 6)).isEmpty();
        assertThat(state.holdings("acme").mostReleases()).isEqualTo(5);
    }

    @Test
    void aReleaseThatDoesNotFitIsRefusedWithTheNumbersAndLeavesNothing() {
        tenant("acme", 1, Quota.STANDARD.with(QuotaField.STATE, 1 << 20).with(QuotaField.RELEASES, 2));
        for (int number = 1; number <= 8; number++) {
            state.createRelease(app("shop", number, number), large("shop", number, 200_000));
        }
        state.createRelease(app("blog", 0, 1), large("blog", 1, 200_000));
        long before = state.holdings("acme").bytes();

        assertOverQuota(
                () -> state.createRelease(app("third", 0, 1), large("third", 1, 300_000)),
                "state: ",
                " wanted in all, 1048576 allowed");

        assertThat(state.app("acme", "third")).isEmpty();
        assertThat(state.holdings("acme").bytes()).isEqualTo(before);
        state.createRelease(app("shop", 9, 9), large("shop", 9, 200_000)); // an older one goes before
    }

    @Test
    void whatIsForgottenByItselfGoesBeforeAnythingIsRefused() {
        tenant("acme", 1, Quota.STANDARD.with(QuotaField.STATE, 1 << 20));
        state.together(() -> {
            for (int i = 0; i < 2_000; i++) {
                state.appendEvent(NOW, Optional.of("acme"), "test", Map.of("text", "x".repeat(500)));
            }
        });
        assertThat(state.holdings("acme").bytes()).isBetween(100_000L, 135_000L);
        for (int number = 1; number <= 4; number++) {
            state.createRelease(app("shop", 0, number), large("shop", number, 230_000));
        }

        state.createRelease(app("shop", 0, 5), large("shop", 5, 60_000));

        assertThat(state.events(Optional.of("acme"), 0, 10_000)).isNotEmpty();
        assertOverQuota(() -> state.createRelease(app("shop", 0, 6), large("shop", 6, 60_000)), "state: ");
    }

    @Test
    void appsAndTokensAreCounted() {
        tenant("acme", 1, Quota.STANDARD.with(QuotaField.APPS, 1).with(QuotaField.TOKENS, 2));
        state.createRelease(app("shop", 0, 1), release("acme", "shop", 1));
        assertOverQuota(
                () -> state.createRelease(app("blog", 0, 1), release("acme", "blog", 1)),
                "apps: 2 wanted in all, 1 allowed");
        state.createRelease(app("shop", 0, 2), release("acme", "shop", 2));

        state.createToken(new StoredToken("b", "acme", "CI", "hash b", NOW, Optional.of(NOW.plusSeconds(90))));
        assertOverQuota(
                () -> state.createToken(new StoredToken("c", "acme", "CI", "hash c", NOW, Optional.empty())),
                "tokens: 3 wanted in all, 2 allowed");
        StoredToken later = new StoredToken("d", "acme", "CI", "hash d", NOW.plusSeconds(60), Optional.empty());
        assertThat(state.createToken(later)).extracting(StoredToken::id).containsExactly("first");
        assertThat(state.tokens("acme")).extracting(StoredToken::id).containsExactly("b", "d");
        assertThat(state.holdings("acme").tokens()).isEqualTo(2);
    }

    @Test
    void nobodysEventsPushOutAnotherOnes() {
        tenant("acme", 1, Quota.STANDARD);
        tenant("next", 2, Quota.STANDARD);
        long own = state.appendEvent(NOW, Optional.empty(), "host.started", Map.of());
        long others = state.appendEvent(NOW, Optional.of("next"), "app.created", Map.of());
        long first = state.appendEvent(NOW, Optional.of("acme"), "app.created", Map.of());
        flood("acme", EventTable.KEPT * 3);

        assertThat(state.events(Optional.of("next"), 0, 10)).extracting(StoredEvent::sequence).containsExactly(others);
        assertThat(state.events(Optional.empty(), 0, 2))
                .extracting(StoredEvent::sequence)
                .containsExactly(own, others);
        long oldest = state.events(Optional.of("acme"), 0, 1).get(0).sequence();
        assertThat(database.one("SELECT count(*) FROM event", row -> row.getInt(1)).orElseThrow())
                .isBetween(EventTable.KEPT * 9 / 10, EventTable.KEPT + 2);
        assertThat(oldest).isGreaterThan(first);
        assertThat(state.forgottenEvents(Optional.of("acme"))).isEqualTo(oldest - 1);
        assertThat(state.forgottenEvents(Optional.of("next"))).isZero();
        assertThat(state.forgottenEvents(Optional.empty())).isEqualTo(oldest - 1);

        state.deleteTenant("acme");
        state.appendEvent(NOW, Optional.of("acme"), "tenant.deleted", Map.of());
        tenant("acme", 1, Quota.STANDARD);
        assertThat(state.events(Optional.of("acme"), 0, 10)).isEmpty();
        assertThat(state.forgottenEvents(Optional.of("acme"))).isZero();
        assertThat(state.forgottenEvents(Optional.empty())).isEqualTo(oldest - 1);
        assertThat(state.events(Optional.of("next"), 0, 10)).hasSize(1);
    }

    private void flood(String tenant, int events) {
        state.together(() -> {
            for (int i = 0; i < events; i++) {
                state.appendEvent(NOW, Optional.of(tenant), "test", Map.of());
            }
        });
    }

    @Test
    void aPageOfLargeEventsIsShort() {
        tenant("acme", 1, Quota.STANDARD);
        for (int i = 0; i < 100; i++) {
            state.appendEvent(NOW, Optional.of("acme"), "test", Map.of("text", "x".repeat(4_000)));
        }

        assertThat(state.events(Optional.of("acme"), 0, 500)).hasSizeBetween(10, 20);
    }

    @Test
    void theAccountsAreWhatIsThereWhateverCameAndWent() {
        Random random = new Random(7);
        SqliteIdempotencyStore answers =
                new SqliteIdempotencyStore(new StoreThread(state), database, java.time.Clock.systemUTC());
        for (int step = 0; step < 2_000; step++) {
            String tenant = "t" + random.nextInt(3);
            if (state.tenant(tenant).isEmpty()) {
                tenant(tenant, 1 + tenant.charAt(1) - '0', Quota.STANDARD.with(QuotaField.RELEASES, 2));
            }
            something(random, tenant, step, answers);
        }

        List<String> counted = database.query(
                "SELECT owner, kind, items, bytes FROM account WHERE items > 0 ORDER BY owner, kind",
                row -> row.getString(1) + " " + row.getString(2) + " " + row.getLong(3) + " " + row.getLong(4));
        assertThat(counted).isEqualTo(recounted()).hasSizeGreaterThan(12);
        assertThat(database.query("SELECT 1 FROM account WHERE items = 0 AND bytes <> 0", row -> 1))
                .isEmpty();
        assertThat(database.query("SELECT tenant, id, releases FROM app ORDER BY tenant, id", BoundsTest::words))
                .isEqualTo(database.query(
                        "SELECT tenant, app, count(*) FROM release GROUP BY tenant, app ORDER BY tenant, app",
                        BoundsTest::words))
                .isNotEmpty();
    }

    private static String words(ResultSet row) throws SQLException {
        return row.getString(1) + "/" + row.getString(2) + " " + row.getLong(3);
    }

    private void something(Random random, String tenant, int step, SqliteIdempotencyStore answers) {
        String name = "a" + random.nextInt(2);
        StoredApp app = state.app(tenant, name)
                .map(a -> new StoredApp(
                        tenant, name, a.latest() / 2, a.latest() + 1, Map.of("web", step), Map.of(), false))
                .orElseGet(() -> new StoredApp(tenant, name, 0, 1, Map.of(), Map.of(), false));
        ReleaseView release = new ReleaseView(
                app.latest(), Status.FAILED, Optional.of("x".repeat(random.nextInt(50)) + "ü"), NOW, spec());
        switch (random.nextInt(11)) {
            case 0, 1 -> state.createRelease(app, new StoredRelease(tenant, name, release));
            case 2 -> state.app(tenant, name).ifPresent(a -> state.changeRelease(
                    a,
                    new StoredRelease(
                            tenant, name, new ReleaseView(a.latest(), Status.LIVE, Optional.empty(), NOW, spec()))));
            case 3 -> state.createToken(new StoredToken("x" + step, tenant, "ü", "h" + step, NOW, Optional.empty()));
            case 4 -> state.deleteToken(tenant, "x" + (step - random.nextInt(10)));
            case 5 -> state.createArtifact(new StoredArtifact(tenant, "sha256:" + random.nextInt(9), 7, 1, NOW));
            case 6 -> state.appendEvent(NOW, Optional.of(tenant), "test", Map.of("n", "" + step));
            case 7 -> state.app(tenant, name).ifPresent(a -> state.saveEnded(ended(tenant, name, random)));
            case 8 -> answers.begin(caller(tenant), "k" + step, "f").thenCompose(none -> answers.keep(
                            caller(tenant),
                            "k" + step,
                            new io.hostel.api.IdempotencyStore.KeptAnswer(200, "text/plain", "y".repeat(step))))
                    .toCompletableFuture()
                    .join();
            case 9 -> state.appendEvent(NOW, Optional.empty(), "host", Map.of());
            default -> {
                if (random.nextInt(20) == 0) {
                    state.deleteTenant(tenant);
                } else if (random.nextInt(3) == 0) {
                    state.deleteApp(tenant, name);
                }
            }
        }
    }

    private static io.hostel.api.Caller caller(String tenant) {
        return new io.hostel.api.Caller.Tenant(tenant, 1 + tenant.charAt(1) - '0', "", Optional.empty());
    }

    private static StoredEnded ended(String tenant, String app, Random random) {
        Optional<LastExit> exit = random.nextBoolean()
                ? Optional.of(new LastExit(
                        Optional.of(1), Optional.empty(), false, NOW, Optional.of("oom"), 1.5, 0.25, 7))
                : Optional.empty();
        String id = "s" + random.nextInt(3);
        return new StoredEnded(tenant, app, id, "job", 1, 2, Optional.of(NOW), Optional.empty(), exit);
    }

    private List<String> recounted() {
        String each = String.join(
                " UNION ALL ",
                "SELECT tenant AS owner, 'release' AS kind, 200 + octet_length(spec)"
                        + " + coalesce(octet_length(reason), 0) AS bytes FROM release",
                "SELECT tenant, 'app', 200 + octet_length(scales) + octet_length(ports) FROM app",
                "SELECT tenant, 'token', 200 + octet_length(label) FROM token",
                "SELECT tenant, 'artifact', 200 + octet_length(digest) FROM artifact",
                "SELECT tenant, 'ended', 200 + coalesce(octet_length(last_exit), 0) FROM ended_sandbox",
                "SELECT owner, 'event', 200 + octet_length(details) FROM event",
                "SELECT owner, 'answer', 200 + coalesce(octet_length(body), 0) FROM kept_answer");
        return database.query(
                "SELECT owner, kind, count(*), sum(bytes) FROM (" + each + ") GROUP BY owner, kind"
                        + " ORDER BY owner, kind",
                row -> row.getString(1) + " " + row.getString(2) + " " + row.getLong(3) + " " + row.getLong(4));
    }

    @Test
    void roomIsGivenBackInSmallSteps() throws Exception {
        state.tidy();
        tenant("acme", 1, Quota.STANDARD);
        for (int number = 1; number <= 40; number++) {
            state.createRelease(app("shop", number, number), large("shop", number, 250_000));
        }
        state.deleteApp("acme", "shop");
        database.query("PRAGMA wal_checkpoint(TRUNCATE)", row -> row.getInt(1));
        long full = Files.size(dir.resolve("hostel.db"));

        int steps = 0;
        while (database.giveBack()) {
            steps++;
        }

        database.query("PRAGMA wal_checkpoint(TRUNCATE)", row -> row.getInt(1));
        assertThat(full).isGreaterThan(10_000_000);
        assertThat(steps).isGreaterThan(20);
        assertThat(Files.size(dir.resolve("hostel.db"))).isLessThan(full / 4);
        database.verify();
    }

    /** Made by the host of its time, which forgot no release and bounded none. */
    @Test
    void aStateThatAnEarlierVersionLetGrowIsBroughtWithinTheBounds() throws Exception {
        Path old = dir.resolve("old");
        int count = 240;
        try (Database written = Database.open(old, Schema.shipped().upTo(2))) {
            FirstState.write(written, StoredThings.tenant("acme", 1), token("acme", "t1"), StoredThings.app("acme", "shop", 1));
            String spec = StoredJson.spec(large("shop", 1, 1_000_000).release().spec());
            written.transaction(() -> IntStream.rangeClosed(2, count).forEach(number -> written.change(
                    "INSERT INTO release VALUES ('acme', 'shop', ?, 'FAILED', NULL, ?, ?)",
                    number,
                    NOW.toString(),
                    spec)));
            written.change("UPDATE app SET live = 1, latest = ?", count);
            written.change(
                    "INSERT INTO kept_answer VALUES ('x', 'f', ?, 200, 'text/plain', zeroblob(13000000))",
                    NOW.toEpochMilli());
        }
        assertThat(Files.size(old.resolve("hostel.db"))).isGreaterThan(240_000_000);

        try (SqliteDesiredState opened = SqliteDesiredState.open(old)) {
            opened.tidy();
            assertThat(releases(opened, "acme", "shop"))
                    .extracting(r -> r.release().release())
                    .containsExactlyElementsOf(
                            IntStream.concat(IntStream.of(1), IntStream.rangeClosed(count - 50, count))
                                    .boxed()
                                    .toList());
            assertThat(opened.holdings("acme").bytes()).isBetween(50_000_000L, 53_000_000L);
        }
        assertThat(Files.size(old.resolve("hostel.db"))).isLessThan(60_000_000);
    }
}
