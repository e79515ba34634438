package io.hostel.tenant;

import static io.hostel.tenant.Town.WAIT;
import static io.hostel.tenant.Town.eventually;
import static io.hostel.tenant.Town.get;
import static io.hostel.tenant.Town.refusal;
import static org.assertj.core.api.Assertions.assertThat;

import io.hostel.api.ArtifactFormat;
import io.hostel.api.Refusal;
import io.hostel.api.ReleaseView.Status;
import io.hostel.api.SandboxView;
import io.hostel.api.SandboxView.State;
import io.hostel.config.QuotaField;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RecoveryTest {
    private final Town town = new Town();

    @BeforeEach
    void aTenant() {
        town.tenant("acme");
    }

    @AfterEach
    void close() {
        town.close();
    }

    private TenantDirectory.Ready ready() {
        return town.guardian.receiveMessage();
    }

    @Test
    void aHostWithoutTenantsIsReadyAtOnce() {
        try (Town empty = new Town()) {
            assertThat(empty.guardian.receiveMessage()).isEqualTo(new TenantDirectory.Ready(0, 0));
            assertThat(empty.operations.notReady()).isEmpty();
        }
    }

    private long filterCalls() {
        return town.kernel.effects().journal().stream()
                .filter(call -> call.startsWith("publish"))
                .count();
    }

    @Test
    void whatStandsIsAdoptedAndNothingIsStartedAnew() {
        get(town.operations.deploy("acme", "shop", Specs.web(3), WAIT));
        List<String> before = town.supervisors.ids();
        long calls = filterCalls();

        town.restart();

        assertThat(ready()).isEqualTo(new TenantDirectory.Ready(3, 3));
        eventually(() -> assertThat(filterCalls()).isEqualTo(calls + 1));
        assertThat(town.supervisors.ids()).isEqualTo(before);
        assertThat(town.supervisors.journal().stream().filter(j -> j.startsWith("start")))
                .hasSize(3);
        assertThat(town.led(20_000)).hasSize(3);
        assertThat(town.process("acme", "shop", "web").running()).isEqualTo(3);
        assertThat(get(town.operations.tenant("acme")).usage().of(QuotaField.SANDBOXES)).isEqualTo(3);
    }

    @Test
    void whatIsMissingIsStartedWithAnAddressThatNobodyHas() {
        get(town.operations.deploy("acme", "shop", Specs.web(3), WAIT));
        String lost = town.supervisors.ids().get(0);
        town.supervisors.lose(lost);

        town.restart();

        assertThat(ready().adopted()).isEqualTo(2);
        eventually(() -> assertThat(town.supervisors.ids()).hasSize(3).doesNotContain(lost));
        assertThat(town.supervisors.plans().stream().map(p -> p.address()).distinct())
                .hasSize(3);
    }

    @Test
    void sandboxesOfAnAppThatNobodyKnowsAreReaped() {
        get(town.operations.deploy("acme", "shop", Specs.web(1), WAIT));
        town.state.deleteApp("acme", "shop");

        town.restart();

        assertThat(ready()).isEqualTo(new TenantDirectory.Ready(0, 0));
        eventually(() -> assertThat(town.supervisors.ids()).isEmpty());
    }

    @Test
    void sandboxesOfATenantThatNobodyKnowsAreReapedBeforeItsUidsAndBlockAreAnothers() {
        get(town.operations.deploy("acme", "shop", Specs.web(1), WAIT));
        town.state.deleteTenant("acme");
        town.supervisors.reap(plan -> false);
        town.restart();
        ready();
        String stray = town.supervisors.ids().get(0);
        eventually(() -> assertThat(town.supervisors.journal()).contains("reap " + stray));

        town.tenant("next");

        assertThat(get(town.operations.tenant("next")).uidBase()).isEqualTo(1_065_536);
        assertThat(get(town.operations.tenant("next")).subnet()).isEqualTo("10.77.2.0/24");
        town.supervisors.reaped(stray);
        eventually(() -> assertThat(town.surroundings.numbers().retake(1)).isTrue());
    }

    @Test
    void surplusSandboxesAreReapedTheNewestFirst() {
        get(town.operations.deploy("acme", "shop", Specs.web(3), WAIT));
        List<String> before = town.supervisors.ids();
        var app = town.state.apps("acme").get(0);
        town.state.saveApp(new io.hostel.store.DesiredState.StoredApp(
                app.tenant(), app.app(), app.live(), app.latest(), java.util.Map.of("web", 1), app.ports(), false));

        town.restart();

        assertThat(ready().adopted()).isEqualTo(1);
        eventually(() -> assertThat(town.supervisors.ids()).containsExactly(before.get(0)));
    }

    @Test
    void aReleaseThatWasBeingDeployedGoesOn() {
        get(town.operations.deploy("acme", "shop", Specs.web(1), WAIT));
        town.supervisors.run(plan -> false);
        get(town.operations.deploy("acme", "shop", Specs.web(1), Duration.ZERO));
        eventually(() -> assertThat(town.supervisors.ids()).hasSize(2));
        List<String> before = town.supervisors.ids();

        town.restart();
        assertThat(ready().adopted()).isEqualTo(2);
        assertThat(town.supervisors.ids()).isEqualTo(before);
        assertThat(town.led(20_000)).containsExactly(town.addressOf(before.get(0)));
        town.supervisors.become(before.get(1), State.RUNNING);

        eventually(() -> assertThat(town.supervisors.ids()).containsExactly(before.get(1)));
        assertThat(town.state.statuses("acme", "shop")).containsExactly(Status.SUPERSEDED, Status.LIVE);
        assertThat(town.led(20_000)).containsExactly(town.addressOf(before.get(1)));
    }

    @Test
    void aDeletionThatWasCutShortIsFinished() {
        get(town.operations.deploy("acme", "shop", Specs.web(2), WAIT));
        town.supervisors.reap(plan -> false);
        get(town.operations.deleteTenant("acme", Duration.ZERO));
        eventually(() -> assertThat(town.state.apps("acme").get(0).deleting()).isTrue());

        town.restart();
        ready();
        assertThat(refusal(town.operations.deploy("acme", "more", Specs.web(1), WAIT)))
                .isInstanceOf(Refusal.Conflict.class);
        List<String> all = town.supervisors.ids();
        eventually(() -> assertThat(town.supervisors.journal())
                .containsSubsequence("adopt " + all.get(0), "reap " + all.get(0)));
        all.forEach(town.supervisors::reaped);

        eventually(() -> assertThat(town.state.tenants()).isEmpty());
        eventually(() -> assertThat(refusal(town.operations.tenant("acme"))).isInstanceOf(Refusal.NotFound.class));
    }

    @Test
    void aDeletionThatWasCutShortBeforeItsPortsWereClosedClosesThemAndFreesThem() {
        get(town.operations.deploy("acme", "shop", Specs.web(2), WAIT));
        List<String> refused = new CopyOnWriteArrayList<>();
        town.kernel.effects().refuse(effect -> effect.startsWith("publish") && refused.add(effect));
        town.supervisors.reap(plan -> false);
        get(town.operations.deleteTenant("acme", Duration.ZERO));
        eventually(() -> assertThat(refused).isNotEmpty());
        assertThat(town.state.apps("acme").get(0).deleting()).isTrue();
        assertThat(town.led(20_000)).hasSize(2);

        town.kernel.effects().mend(); // time stands still: this daemon does not try again
        town.restart();
        ready();
        List<String> all = town.supervisors.ids();
        all.forEach(id -> eventually(
                () -> assertThat(town.supervisors.journal()).containsSubsequence("adopt " + id, "reap " + id)));
        all.forEach(town.supervisors::reaped);

        eventually(() -> assertThat(town.state.tenants()).isEmpty());
        assertThat(town.published()).isEmpty();
        assertThat(town.surroundings.ports().leased()).isZero();
    }

    @Test
    void publishedPortsAndNumbersOfTheRecordsAreNobodyElses() {
        get(town.operations.deploy("acme", "shop", Specs.web(1), WAIT));

        town.restart();
        ready();
        town.tenant("next");
        get(town.operations.deploy("next", "blog", Specs.web(1), WAIT));

        assertThat(town.process("next", "blog", "web").publishedPort()).contains(20_001);
        assertThat(get(town.operations.tenant("next")).uidBase()).isEqualTo(1_065_536);
    }

    @Test
    void linksInForceAreInForceAgain() {
        town.tenant("next");
        get(town.operations.link("acme", "next", true));
        assertThat(town.kernel.filter().linked()).hasSize(1);

        town.restart();
        ready();

        get(town.operations.deleteTenant("next", WAIT));
        eventually(() -> assertThat(town.kernel.filter().linked()).isEmpty());
    }

    @Test
    void eventsOfBeforeAreReplayed() {
        get(town.operations.deploy("acme", "shop", Specs.web(1), WAIT));
        town.restart();
        ready();

        assertThat(get(town.follow(Optional.of("acme"), 3)).stream().map(e -> e.kind()))
                .containsExactly("tenant.created", "release.deploying", "release.live");
    }

    @Test
    void whereAnAppsActorBreaksAnotherTakesUpWhatIsRecordedAndWhatStands() {
        get(town.operations.deploy("acme", "shop", Specs.web(2), WAIT));
        List<String> before = town.supervisors.ids();
        town.supervisors.breakNextStart();
        var scale = town.operations.scale("acme", "shop", "web", 3, WAIT).toCompletableFuture();
        eventually(() -> {
            town.pass(Duration.ofSeconds(1));
            assertThat(town.supervisors.ids()).hasSize(3).containsAll(before);
        });

        eventually(() -> assertThat(town.led(20_000)).hasSize(3));
        assertThat(get(town.operations.tenant("acme")).usage().of(QuotaField.SANDBOXES)).isEqualTo(3);
        assertThat(town.supervisors.plans().stream().map(p -> p.address()).distinct())
                .hasSize(3);
        eventually(() -> {
            town.pass(Duration.ofSeconds(20));
            assertThat(scale).isCompletedExceptionally();
        });
    }

    @Test
    void whereATenantsActorBreaksAnotherTakesUpWhatIsRecordedAndWhatStands() {
        get(town.operations.deploy("acme", "shop", Specs.web(2), WAIT));
        List<String> before = town.supervisors.ids();
        town.tenantActor(0)
                .tell(new TenantMessage.SpecResolved(
                        new TenantMessage.Deploy(
                                "shop", Specs.web(1), WAIT, town.kit().system().ignoreRef()),
                        null,
                        null));

        eventually(() -> {
            town.pass(Duration.ofSeconds(1));
            assertThat(town.supervisors.journal()).contains("adopt " + before.get(0), "adopt " + before.get(1));
        });

        assertThat(get(town.operations.scale("acme", "shop", "web", 3, WAIT))
                        .view()
                        .running())
                .isEqualTo(3);
        assertThat(town.supervisors.ids()).hasSize(3).containsAll(before);
    }

    @Test
    void aJobThatHasEndedIsNotRunAgain() {
        get(town.operations.deploy("acme", "once", Specs.job(1), WAIT));
        String job = town.supervisors.ids().get(0);
        town.supervisors.end(job, 3);
        eventually(() -> assertThat(town.state.ended("acme", "once")).hasSize(1));

        town.restart();
        ready();

        SandboxView ended = get(town.operations.sandbox("acme", "once", job));
        assertThat(ended.state()).isEqualTo(State.ENDED);
        assertThat(ended.lastExit().orElseThrow().code()).contains(3);
        assertThat(town.supervisors.journal().stream().filter(j -> j.startsWith("start")))
                .hasSize(1);

        assertThat(get(town.operations.stopSandbox("acme", "once", job, WAIT)).settled())
                .isTrue();
        eventually(() -> assertThat(town.supervisors.ids()).hasSize(1).doesNotContain(job));
        assertThat(town.state.ended("acme", "once")).isEmpty();
    }

    @Test
    void artifactsThatNobodyClaimsAreTakenAway() throws java.io.IOException {
        String claimed = get(town.operations.putArtifact("acme", ArtifactFormat.TAR, body("web: ./serve")))
                .digest();
        String stray = town.artifacts
                .put(ArtifactFormat.TAR, body("web: ./stray"), 1_000, 10)
                .digest();

        town.restart();
        ready();

        assertThat(town.artifacts.layer(stray)).isEmpty();
        assertThat(town.artifacts.layer(claimed)).isPresent();
    }

    private static ByteArrayInputStream body(String procfile) {
        return new ByteArrayInputStream(procfile.getBytes(StandardCharsets.UTF_8));
    }
}
