package io.hostel.store;

import static io.hostel.store.StoredThings.NOW;
import static io.hostel.store.StoredThings.app;
import static io.hostel.store.StoredThings.release;
import static io.hostel.store.StoredThings.releases;
import static io.hostel.store.StoredThings.tenant;
import static io.hostel.store.StoredThings.token;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hostel.api.LastExit;
import io.hostel.api.ReleaseView;
import io.hostel.store.DesiredState.StoredArtifact;
import io.hostel.store.DesiredState.StoredEnded;
import io.hostel.store.DesiredState.StoredEvent;
import io.hostel.store.DesiredState.StoredLink;
import io.hostel.store.DesiredState.StoredRelease;
import io.hostel.store.DesiredState.StoredTenant;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

class SqliteDesiredStateTest {
    @TempDir
    Path dir;

    private DesiredState state;

    @BeforeEach
    void open() {
        state = SqliteDesiredState.open(dir);
    }

    @AfterEach
    void close() {
        state.close();
    }

    private void reopen() {
        state.close();
        state = SqliteDesiredState.open(dir);
    }

    @Test
    void everythingIsAsItWasAfterReopening() {
        state.createTenant(tenant("acme", 1), token("acme", "t1"));
        state.createTenant(tenant("umbrella", 2), token("umbrella", "t1"));
        state.createArtifact(new StoredArtifact("acme", "sha256:aa", 7, 3, NOW));
        state.createRelease(app("acme", "shop", 1), release("acme", "shop", 1));
        state.saveLink(new StoredLink("acme", "umbrella"));

        reopen();

        assertThat(state.tenants()).containsExactly(tenant("acme", 1), tenant("umbrella", 2));
        assertThat(state.tokens()).containsExactly(token("acme", "t1"), token("umbrella", "t1"));
        assertThat(state.artifacts()).containsExactly(new StoredArtifact("acme", "sha256:aa", 7, 3, NOW));
        assertThat(state.apps("acme")).containsExactly(app("acme", "shop", 1));
        assertThat(releases(state, "acme", "shop")).containsExactly(release("acme", "shop", 1));
        assertThat(state.links()).containsExactly(new StoredLink("acme", "umbrella"));
        assertThat(state.apps("umbrella")).isEmpty();
    }

    @Test
    void deletingATenantTakesAllThatIsItsAndNothingElse() {
        state.createTenant(tenant("acme", 1), token("acme", "t1"));
        state.createTenant(tenant("umbrella", 2), token("umbrella", "t1"));
        state.createRelease(app("acme", "shop", 1), release("acme", "shop", 1));
        state.createRelease(app("umbrella", "shop", 1), release("umbrella", "shop", 1));
        state.createArtifact(new StoredArtifact("acme", "sha256:aa", 7, 3, NOW));
        state.createArtifact(new StoredArtifact("umbrella", "sha256:aa", 7, 3, NOW));
        state.saveLink(new StoredLink("acme", "umbrella"));
        state.saveLink(new StoredLink("umbrella", "acme"));

        state.deleteTenant("acme");

        assertThat(state.tenants()).containsExactly(tenant("umbrella", 2));
        assertThat(state.tokens()).containsExactly(token("umbrella", "t1"));
        assertThat(state.artifacts()).containsExactly(new StoredArtifact("umbrella", "sha256:aa", 7, 3, NOW));
        assertThat(state.apps("acme")).isEmpty();
        assertThat(releases(state, "acme", "shop")).isEmpty();
        assertThat(releases(state, "umbrella", "shop")).hasSize(1);
        assertThat(state.links()).isEmpty();
    }

    @Test
    void aTenantWhoseTokenCannotBeStoredIsNotStoredEither() {
        state.createTenant(tenant("acme", 1), token("acme", "t1"));

        assertThatThrownBy(() -> state.createTenant(tenant("umbrella", 2), token("acme", "t1")))
                .isInstanceOf(StoreException.class);

        assertThat(state.tenants()).containsExactly(tenant("acme", 1));
    }

    @Test
    void twoTenantsNeverShareANumberOrAUidRange() {
        state.createTenant(tenant("acme", 1), token("acme", "t1"));
        StoredTenant other = tenant("umbrella", 2);
        StoredTenant thief =
                new StoredTenant("umbrella", 2, tenant("acme", 1).uidBase(), List.of(), other.quota(), false);

        assertThatThrownBy(() -> state.createTenant(thief, token("umbrella", "t1")))
                .isInstanceOf(StoreException.class);
        assertThatThrownBy(() -> state.createTenant(tenant("umbrella", 1), token("umbrella", "t1")))
                .isInstanceOf(StoreException.class);
    }

    @Test
    void changesReplaceWhatWasThere() {
        state.createTenant(tenant("acme", 1), token("acme", "t1"));
        StoredTenant before = tenant("acme", 1);
        StoredTenant after = new StoredTenant("acme", 1, before.uidBase(), List.of(), before.quota(), true);
        state.changeTenant(after);
        state.saveApp(app("acme", "shop", 1));
        state.saveApp(app("acme", "shop", 9));

        assertThat(state.tenants()).containsExactly(after);
        assertThat(state.apps("acme")).containsExactly(app("acme", "shop", 9));
        assertThatThrownBy(() -> state.changeTenant(tenant("nobody", 7))).hasMessageContaining("nobody");
    }

    @Test
    void aReleaseChangesItsStatusTogetherWithItsApp() {
        state.createTenant(tenant("acme", 1), token("acme", "t1"));
        state.createRelease(app("acme", "shop", 1), release("acme", "shop", 1));
        ReleaseView failed = new ReleaseView(
                1, ReleaseView.Status.FAILED, Optional.of("exit 1\nTraceback"), NOW, StoredThings.spec());

        state.changeRelease(app("acme", "shop", 4), new StoredRelease("acme", "shop", failed));

        assertThat(releases(state, "acme", "shop")).containsExactly(new StoredRelease("acme", "shop", failed));
        assertThat(state.apps("acme")).containsExactly(app("acme", "shop", 4));
        assertThatThrownBy(() -> state.changeRelease(app("acme", "shop", 5), release("acme", "shop", 2)))
                .hasMessageContaining("release 2 of acme/shop");
        assertThat(state.apps("acme")).containsExactly(app("acme", "shop", 4));
    }

    @Test
    void deletingAnAppTakesItsReleases() {
        state.createTenant(tenant("acme", 1), token("acme", "t1"));
        state.createRelease(app("acme", "shop", 1), release("acme", "shop", 1));
        state.createRelease(app("acme", "blog", 1), release("acme", "blog", 1));

        state.deleteApp("acme", "shop");

        assertThat(state.apps("acme")).containsExactly(app("acme", "blog", 1));
        assertThat(releases(state, "acme", "shop")).isEmpty();
        assertThat(releases(state, "acme", "blog")).hasSize(1);
    }

    @Test
    void tokensComeAndGo() {
        state.createTenant(tenant("acme", 1), token("acme", "t1"));
        state.createToken(token("acme", "t2"));
        state.deleteToken("acme", "t1");
        state.deleteToken("acme", "never-was");

        assertThat(state.tokens()).containsExactly(token("acme", "t2"));
    }

    @Test
    void claimingAnArtifactTwiceKeepsTheFirstClaim() {
        state.createTenant(tenant("acme", 1), token("acme", "t1"));
        state.createArtifact(new StoredArtifact("acme", "sha256:aa", 7, 3, NOW));
        state.createArtifact(new StoredArtifact("acme", "sha256:aa", 7, 3, NOW.plusSeconds(1)));

        assertThat(state.artifacts()).containsExactly(new StoredArtifact("acme", "sha256:aa", 7, 3, NOW));
    }

    @Test
    void linksComeAndGoAndNeedBothTenants() {
        state.createTenant(tenant("acme", 1), token("acme", "t1"));
        state.createTenant(tenant("umbrella", 2), token("umbrella", "t1"));
        state.saveLink(new StoredLink("acme", "umbrella"));
        state.saveLink(new StoredLink("acme", "umbrella"));
        assertThat(state.links()).hasSize(1);
        assertThat(state.linked("acme", "umbrella")).isFalse();
        state.saveLink(new StoredLink("umbrella", "acme"));
        assertThat(state.linked("acme", "umbrella")).isTrue();
        state.deleteLink("umbrella", "acme");

        state.deleteLink("acme", "umbrella");

        assertThat(state.links()).isEmpty();
        assertThatThrownBy(() -> state.saveLink(new StoredLink("acme", "nobody")))
                .isInstanceOf(StoreException.class);
    }

    @Test
    void eventsAreReplayedInOrderFromAnySequenceNumber() {
        state.createTenant(tenant("acme", 1), token("acme", "t1"));
        long first = state.appendEvent(NOW, Optional.of("acme"), "app.created", Map.of("app", "shop"));
        long second = state.appendEvent(NOW, Optional.empty(), "host.started", Map.of());
        reopen();
        long third = state.appendEvent(NOW, Optional.of("acme"), "release.live", Map.of("release", "1"));

        assertThat(second).isGreaterThan(first);
        assertThat(third).isGreaterThan(second);
        assertThat(state.events(Optional.empty(), 0, 10))
                .extracting(StoredEvent::sequence)
                .containsExactly(first, second, third);
        assertThat(state.events(Optional.empty(), first, 1))
                .extracting(StoredEvent::kind)
                .containsExactly("host.started");
        assertThat(state.events(Optional.of("acme"), first, 10))
                .containsExactly(
                        new StoredEvent(third, NOW, Optional.of("acme"), "release.live", Map.of("release", "1")));
    }

    @Test
    void aTenantDoesNotSeeTheEventsOfAnEarlierOneOfItsName() {
        state.createTenant(tenant("acme", 1), token("acme", "t1"));
        state.appendEvent(NOW, Optional.of("acme"), "secret.plan", Map.of());
        state.deleteTenant("acme");
        state.createTenant(tenant("acme", 1), token("acme", "t2"));
        state.appendEvent(NOW, Optional.of("acme"), "app.created", Map.of());

        assertThat(state.events(Optional.of("acme"), 0, 10))
                .extracting(StoredEvent::kind)
                .containsExactly("app.created");
        assertThat(state.events(Optional.empty(), 0, 10)).hasSize(2);
    }

    @Test
    void theFilesAreTheHostsAlone() throws Exception {
        state.createTenant(tenant("acme", 1), token("acme", "t1"));
        try (var files = Files.list(dir)) {
            List<Path> all = files.toList();
            assertThat(all).isNotEmpty();
            for (Path file : all) {
                assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                        .isEqualTo("rw-------");
            }
        }
    }

    @Test
    void whatBecameOfSandboxesIsKeptUntilItIsForgottenOrItsAppIs() {
        state.createTenant(tenant("acme", 1), token("acme", "t1"));
        state.createRelease(app("acme", "shop", 1), release("acme", "shop", 1));
        LastExit exit =
                new LastExit(Optional.empty(), Optional.of("SIGKILL"), true, NOW, Optional.of("oom"), 1.5, 0.25, 7);
        StoredEnded first = ended("a", Optional.of(exit));
        StoredEnded second = ended("b", Optional.empty());
        state.saveEnded(first);
        state.saveEnded(second);
        state.saveEnded(second);

        reopen();
        assertThat(state.ended("acme", "shop")).containsExactly(first, second);
        state.deleteEnded("acme", "shop", "a");
        state.deleteEnded("acme", "shop", "a");
        assertThat(state.ended("acme", "shop")).containsExactly(second);
        state.deleteApp("acme", "shop");
        assertThat(state.ended("acme", "shop")).isEmpty();
    }

    /** Each earlier version is written by the statements of its time, or came of what was. */
    @TestFactory
    Stream<DynamicTest> aStateOfEachEarlierVersionIsBroughtForwardWhole() {
        return IntStream.range(1, Schema.shipped().version())
                .mapToObj(version -> DynamicTest.dynamicTest("version " + version, () -> broughtForward(version)));
    }

    private void broughtForward(int version) {
        Path old = dir.resolve("v" + version);
        try (Database written = Database.open(old, Schema.shipped().upTo(Math.min(version, FirstState.LAST_VERSION)))) {
            FirstState.write(written, tenant("acme", 1), token("acme", "t1"), app("acme", "shop", 1));
        }
        Database.open(old, Schema.shipped().upTo(version)).close();
        for (int opened = 1; opened <= 2; opened++) {
            try (SqliteDesiredState state = SqliteDesiredState.open(old)) {
                assertThat(state.tenants()).containsExactly(tenant("acme", 1));
                assertThat(state.tokens()).containsExactly(token("acme", "t1"));
                assertThat(state.artifacts()).containsExactly(new StoredArtifact("acme", "sha256:aa", 7, 1, NOW));
                assertThat(state.apps("acme")).containsExactly(app("acme", "shop", 1));
                assertThat(releases(state, "acme", "shop")).containsExactly(release("acme", "shop", 1));
                state.saveEnded(ended("a", Optional.empty()));
                assertThat(state.ended("acme", "shop")).containsExactly(ended("a", Optional.empty()));
            }
        }
        try (Database database = Database.open(old)) {
            assertThat(database.one("PRAGMA user_version", row -> row.getInt(1)))
                    .hasValue(Schema.shipped().version());
        }
    }

    private static StoredEnded ended(String sandbox, Optional<LastExit> exit) {
        return new StoredEnded("acme", "shop", sandbox, "job", 1, 2, Optional.of(NOW), Optional.empty(), exit);
    }
}
