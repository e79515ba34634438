package io.hostel.tenant;

import static io.hostel.tenant.Town.QUOTA;
import static io.hostel.tenant.Town.WAIT;
import static io.hostel.tenant.Town.eventually;
import static io.hostel.tenant.Town.get;
import static io.hostel.tenant.Town.refusal;
import static org.assertj.core.api.Assertions.assertThat;

import io.hostel.api.ProcessSpec;
import io.hostel.api.ProcessSpec.Expose;
import io.hostel.api.ProcessSpec.RestartPolicy;
import io.hostel.api.Refusal;
import io.hostel.api.ReleaseSpec;
import io.hostel.api.ReleaseView;
import io.hostel.api.ReleaseView.Status;
import io.hostel.config.QuotaField;
import io.hostel.sandbox.SandboxPlan;
import io.hostel.store.DesiredState.StoredApp;
import io.hostel.store.DesiredState.StoredRelease;
import io.hostel.store.DesiredState.StoredTenant;
import io.hostel.store.DesiredState.StoredToken;
import io.hostel.store.SqliteDesiredState;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OlderReleasesTest {
    private final Town town = new Town();

    @BeforeEach
    void aTenantThatKeepsTwo() {
        get(town.operations.createTenant("acme", Optional.of(QUOTA.with(QuotaField.RELEASES, 2))));
    }

    @AfterEach
    void close() {
        town.close();
    }

    private static ReleaseSpec saying(String word) {
        ReleaseSpec spec = Specs.web(1);
        ProcessSpec web = Objects.requireNonNull(spec.processes().get("web")).withCommand(List.of("say", word));
        return new ReleaseSpec(Optional.empty(), "host", Map.of("WORD", word), Map.of("web", web));
    }

    private void deployed(String word) {
        assertThat(get(town.operations.deploy("acme", "shop", saying(word), WAIT))
                        .view()
                        .status())
                .isEqualTo(Status.LIVE);
    }

    @Test
    void whatIsHeldOfAnAppDoesNotGrowWithItsReleases() {
        AppRecord record = AppRecord.none("acme", "shop");
        for (int number = 1; number <= 30; number++) {
            record = AppChange.deploy(record, saying("n" + number), Map.of(), Instant.EPOCH)
                    .after();
            ReleaseView rolling = record.rolling().orElseThrow();
            AppChange decided = number % 3 == 0
                    ? AppChange.fail(record, rolling, "why")
                    : number % 3 == 1 ? AppChange.promote(record, rolling) : null;
            record = decided == null ? record : decided.after();

            assertThat(record.releases()).hasSizeLessThanOrEqualTo(3);
            assertThat(record.releases().values()).allSatisfy(release -> {
                assertThat(release.spec().env()).isEmpty();
                assertThat(release.spec().processes().values())
                        .allSatisfy(process -> assertThat(process.command()).isEmpty());
            });
        }
        assertThat(record.live().map(ReleaseView::release)).contains(28);
        assertThat(record.app().latest()).isEqualTo(30);
    }

    @Test
    void olderOnesAreForgottenAndAnswerThatTheyAre() {
        for (int number = 1; number <= 6; number++) {
            deployed("n" + number);
        }

        assertThat(town.releases("acme", "shop")).extracting(ReleaseView::release).containsExactly(3, 4, 5, 6);
        assertThat(town.releases("acme", "shop").get(0).spec()).isEqualTo(saying("n3"));
        assertThat(get(town.operations.release("acme", "shop", 5)).spec()).isEqualTo(saying("n5"));
        assertThat(get(town.operations.release("acme", "shop", 5)).status()).isEqualTo(Status.SUPERSEDED);
        assertThat(refusal(town.operations.release("acme", "shop", 2))).isInstanceOf(Refusal.Forgotten.class);
        assertThat(refusal(town.operations.rollback("acme", "shop", 2, WAIT))).isInstanceOf(Refusal.Forgotten.class);
        assertThat(refusal(town.operations.release("acme", "shop", 7))).isInstanceOf(Refusal.NotFound.class);
        assertThat(refusal(town.operations.rollback("acme", "shop", 7, WAIT))).isInstanceOf(Refusal.NotFound.class);
    }

    @Test
    void aRollbackTakesTheWholeOfAnOlderOne() {
        deployed("one");
        deployed("two");

        get(town.operations.rollback("acme", "shop", 1, WAIT));

        assertThat(get(town.operations.release("acme", "shop", 3)).spec()).isEqualTo(saying("one"));
        assertThat(launched()).isEqualTo(List.of("say", "one"));
    }

    @Test
    void aHostThatReadNoSpecStartsWhatIsWantedAllTheSame() {
        deployed("one");
        town.restart();

        get(town.operations.scale("acme", "shop", "web", 2, WAIT));

        eventually(() -> assertThat(town.supervisors.ids()).hasSize(2));
        assertThat(launched()).isEqualTo(List.of("say", "one"));
    }

    @Test
    void oneThatIsDeployedOverIsSupersededThoughNoneIsKept(@TempDir Path dir) {
        try (SqliteDesiredState state = SqliteDesiredState.open(dir)) {
            state.createTenant(
                    new StoredTenant("acme", 1, 1_000_000, List.of(1), QUOTA.with(QuotaField.RELEASES, 0), false),
                    new StoredToken("first", "acme", "", "hash", Instant.EPOCH, Optional.empty()));
            AppRecord record = AppRecord.none("acme", "shop");
            for (int number = 1; number <= 4; number++) {
                AppChange deploy = AppChange.deploy(record, saying("n" + number), Map.of(), Instant.EPOCH);
                state.together(() -> deploy.write().accept(state));
                record = deploy.after();
                if (number == 1) {
                    AppChange live = AppChange.promote(record, record.rolling().orElseThrow());
                    state.together(() -> live.write().accept(state));
                    record = live.after();
                }
            }
            assertThat(state.app("acme", "shop")).contains(record.app());
            assertThat(state.release("acme", "shop", 1)).isPresent();
            assertThat(state.release("acme", "shop", 3)).isEmpty();
            assertThat(state.release("acme", "shop", 4)).isPresent();
        }
    }

    /** As the store holds it, of a time when nothing was said of its size. */
    private void recordedBefore(ReleaseSpec spec) {
        ReleaseView one = town.state.release("acme", "shop", 1).orElseThrow().release();
        StoredApp app = town.state.app("acme", "shop").orElseThrow();
        ReleaseView large = new ReleaseView(1, one.status(), one.reason(), one.createdAt(), spec);
        town.state.createRelease(app, new StoredRelease("acme", "shop", large));
        town.restart();
    }

    @Test
    void whatWasRecordedWhenReleasesWereLargerIsStartedAgainAndNotDeployedAgain() {
        deployed("one");
        ReleaseSpec spec = saying("large");
        recordedBefore(new ReleaseSpec(
                Optional.empty(), "host", Map.of("LARGE", "x".repeat(300 << 10)), spec.processes()));

        get(town.operations.scale("acme", "shop", "web", 2, WAIT));

        eventually(() -> assertThat(town.supervisors.ids()).hasSize(2));
        assertThat(launched()).isEqualTo(List.of("say", "large"));
        assertThat(refusal(town.operations.rollback("acme", "shop", 1, WAIT))).isInstanceOf(Refusal.Invalid.class);
    }

    @Test
    void whatWasRecordedWithMoreProcessesIsStartedAgainAndNotDeployedAgain() {
        deployed("one");
        ProcessSpec web = Objects.requireNonNull(saying("many").processes().get("web"));
        Map<String, ProcessSpec> processes = new HashMap<>(Map.of("web", web));
        for (int i = 0; i < ReleaseSpec.MOST_PROCESSES; i++) {
            processes.put("idle" + i, Specs.process(Optional.empty(), 0, Expose.TENANT, RestartPolicy.ALWAYS));
        }
        recordedBefore(Specs.release(processes));

        get(town.operations.scale("acme", "shop", "web", 2, WAIT));

        eventually(() -> assertThat(town.supervisors.ids()).hasSize(2));
        assertThat(refusal(town.operations.rollback("acme", "shop", 1, WAIT))).isInstanceOf(Refusal.Invalid.class);
    }

    @Test
    void anAppWhoseFirstReleaseIsRefusedByTheStoreTakesNoPlace() {
        get(town.operations.createTenant("one", Optional.of(QUOTA.with(QuotaField.APPS, 1))));
        town.state.failBefore("createRelease", 1);
        assertThat(refusal(town.operations.deploy("one", "shop", saying("one"), WAIT)))
                .isInstanceOf(Refusal.Unavailable.class);

        assertThat(get(town.operations.deploy("one", "blog", saying("one"), Duration.ZERO))
                        .view()
                        .release())
                .isEqualTo(1);
        assertThat(refusal(town.operations.deploy("one", "shop", saying("one"), WAIT)).detail())
                .contains("apps: 2 wanted in all, 1 allowed");
    }

    private List<String> launched() {
        List<SandboxPlan> all = town.supervisors.plans();
        return all.get(all.size() - 1).launch(1).command();
    }
}
