package io.hostel.tenant;

import static io.hostel.tenant.Town.eventually;
import static io.hostel.tenant.Town.get;
import static io.hostel.tenant.Town.refusal;
import static org.assertj.core.api.Assertions.assertThat;

import io.hostel.api.ProcessSpec;
import io.hostel.api.ProcessSpec.Expose;
import io.hostel.api.ProcessSpec.RestartPolicy;
import io.hostel.api.ProcessView;
import io.hostel.api.QuotaChange;
import io.hostel.api.ReleaseSpec;
import io.hostel.api.ReleaseView;
import io.hostel.api.ReleaseView.Status;
import io.hostel.api.Settled;
import io.hostel.config.QuotaField;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is on its way out counts until it is gone: a quota of four sandboxes, and none goes by itself. */
class OnTheirWayOutTest {
    private static final Duration LONG = Duration.ofMinutes(15);

    private final Town town = new Town();

    @BeforeEach
    void aTenantOfFour() {
        town.tenant("acme");
        get(town.operations.changeQuota("acme", new QuotaChange(Map.of(QuotaField.SANDBOXES, 4L))));
        town.supervisors.reap(plan -> false);
    }

    @AfterEach
    void close() {
        town.close();
    }

    private CompletableFuture<Settled<ReleaseView>> deploy(String app, int scale) {
        return town.operations.deploy("acme", app, Specs.web(scale), LONG).toCompletableFuture();
    }

    private void scale(int to) {
        get(town.operations.scale("acme", "shop", "web", to, Duration.ZERO));
        town.process("acme", "shop", "web"); // what it started was asked for by now
    }

    private ProcessView web() {
        return town.process("acme", "shop", "web");
    }

    /** All that are told to go do so, and those told before them. */
    private void allGo() {
        town.supervisors.reap(plan -> true);
        told("reap ").forEach(town.supervisors::reaped);
    }

    /** Two of the app other, which may not even be there yet. */
    private void othersWait() {
        eventually(() -> assertThat(town.state.statuses("acme", "other")).hasSize(1));
        eventually(() -> assertThat(town.process("acme", "other", "web").pending()).isEqualTo(2));
    }

    private List<String> told(String word) {
        return town.supervisors.journal().stream()
                .filter(j -> j.startsWith(word))
                .map(j -> j.substring(word.length()))
                .toList();
    }

    @Test
    void scalingDownAndUpAgainNeverLetsMoreStandThanTheQuotaSays() {
        get(deploy("shop", 3));

        for (int i = 0; i < 5; i++) {
            scale(0);
            scale(3);
            eventually(() -> assertThat(web().pending() + web().running()).isEqualTo(3));
            assertThat(town.supervisors.ids()).hasSizeLessThanOrEqualTo(4);
        }
        assertThat(town.supervisors.ids()).hasSize(4);
        assertThat(web().reason().orElseThrow()).endsWith(": 4 on their way out");

        allGo();

        eventually(() -> assertThat(web().running()).isEqualTo(3));
        assertThat(web().pending()).isZero();
        assertThat(web().reason()).isEmpty();
        assertThat(town.supervisors.ids()).hasSize(3);
    }

    @Test
    void anotherAppWaitsForThoseOfTheOneThatGoes() {
        get(deploy("shop", 4));
        scale(0);
        CompletableFuture<Settled<ReleaseView>> other = deploy("other", 2);
        othersWait();
        assertThat(town.supervisors.ids()).hasSize(4);

        allGo();

        assertThat(get(other).view().status()).isEqualTo(Status.LIVE);
    }

    @Test
    void memoryIsHeldLikeTheNumberOfSandboxes() {
        get(town.operations.changeQuota(
                "acme",
                new QuotaChange(Map.of(QuotaField.MEMORY, 3 * Specs.MEMORY, QuotaField.SANDBOXES, 10L))));
        get(deploy("shop", 3));
        scale(0);
        scale(3);

        eventually(() -> assertThat(web().pending()).isEqualTo(3));
        assertThat(town.supervisors.ids()).hasSize(3);
    }

    @Test
    void releasesThatSupersedeOneAnotherShareOneSurge() {
        get(deploy("shop", 3));
        town.supervisors.run(plan -> false);
        for (int i = 0; i < 5; i++) {
            get(town.operations.deploy("acme", "shop", Specs.web(3), Duration.ZERO));
            town.process("acme", "shop", "web");
            assertThat(town.supervisors.ids()).hasSizeLessThanOrEqualTo(4 + 3);
        }
        eventually(() -> assertThat(town.supervisors.ids()).hasSize(4 + 3));

        town.supervisors.run(plan -> true);
        eventually(() -> assertThat(told("reap ")).hasSize(4));
        allGo();

        eventually(() -> assertThat(town.state.statuses("acme", "shop")).endsWith(Status.LIVE));
        eventually(() -> assertThat(town.supervisors.ids()).hasSize(3));
    }

    @Test
    void twoAppsThatAreRolledOutTakeTheSurgeInTurn() {
        get(deploy("shop", 2));
        get(deploy("other", 2));
        town.supervisors.run(plan -> false);
        CompletableFuture<Settled<ReleaseView>> first = deploy("shop", 2);
        eventually(() -> assertThat(town.supervisors.ids()).hasSize(6));
        CompletableFuture<Settled<ReleaseView>> second = deploy("other", 2);
        eventually(() -> assertThat(town.state.statuses("acme", "other")).endsWith(Status.DEPLOYING));
        assertThat(town.supervisors.ids()).hasSize(6);

        town.supervisors.run(plan -> true);
        town.supervisors.reap(plan -> true);
        town.supervisors.plans().stream()
                .filter(p -> p.app().equals("shop") && p.release() == 2)
                .forEach(p -> town.supervisors.become(p.id(), io.hostel.api.SandboxView.State.RUNNING));

        assertThat(get(first).view().status()).isEqualTo(Status.LIVE);
        assertThat(get(second).view().status()).isEqualTo(Status.LIVE);
        eventually(() -> assertThat(town.supervisors.ids()).hasSize(4));
    }

    @Test
    void theSurgeIsOneAppsUntilItHasAllOfIt() {
        try (Town small = new Town("10.77.0.0/29", 29)) { // five addresses, which are all there are
            small.tenant("acme");
            get(small.operations.changeQuota("acme", new QuotaChange(Map.of(QuotaField.SANDBOXES, 6L))));
            get(small.operations.deploy("acme", "shop", Specs.web(3), Duration.ZERO));
            get(small.operations.deploy("acme", "other", alone(3), Duration.ZERO));
            eventually(() -> assertThat(small.supervisors.ids()).hasSize(6));
            eventually(() -> assertThat(small.state.statuses("acme", "shop")).containsExactly(Status.LIVE));
            eventually(() -> assertThat(small.state.statuses("acme", "other")).containsExactly(Status.LIVE));
            small.supervisors.run(plan -> false);
            small.supervisors.reap(plan -> false);
            get(small.operations.deploy("acme", "shop", Specs.web(3), Duration.ZERO));
            eventually(() -> assertThat(small.supervisors.ids()).hasSize(8));

            get(small.operations.deploy("acme", "other", alone(3), Duration.ZERO));
            eventually(() -> assertThat(small.process("acme", "other", "job").pending()).isEqualTo(3));
            assertThat(small.supervisors.ids()).hasSize(8);
        }
    }

    /** One process that needs no address. */
    private static ReleaseSpec alone(int scale) {
        ProcessSpec job = Specs.process(Optional.empty(), scale, Expose.TENANT, RestartPolicy.ALWAYS);
        return Specs.release(Map.of(
                "job",
                new ProcessSpec(
                        job.command(),
                        job.port(),
                        Optional.of(scale),
                        1,
                        job.expose(),
                        job.limits(),
                        job.health(),
                        job.restart(),
                        job.stopTimeout(),
                        ProcessSpec.Network.NONE,
                        job.egress(),
                        job.user())));
    }

    @Test
    void aReleaseThatWaitsForRoomHasItsWholeAllowanceWhenItComes() {
        get(deploy("shop", 4));
        scale(0);
        CompletableFuture<Settled<ReleaseView>> other = deploy("other", 2);
        othersWait();
        town.supervisors.run(plan -> false);
        town.pass(Duration.ofSeconds(36)); // the end of its allowance, and not of its wait
        assertThat(town.process("acme", "other", "web").pending()).isEqualTo(2);

        allGo();
        eventually(() -> assertThat(town.supervisors.ids()).hasSize(2));
        town.pass(Duration.ofSeconds(30));
        town.supervisors.ids().forEach(id -> town.supervisors.become(id, io.hostel.api.SandboxView.State.RUNNING));

        assertThat(get(other).view().status()).isEqualTo(Status.LIVE);
    }

    @Test
    void aReleaseForWhichNoRoomComesFailsAndSaysWhy() {
        get(deploy("shop", 4));
        scale(0);
        CompletableFuture<Settled<ReleaseView>> other = deploy("other", 2);
        othersWait();

        for (int i = 0; i < 6; i++) {
            town.pass(Duration.ofSeconds(36));
            town.process("acme", "other", "web");
        }

        assertThat(get(other).view().status()).isEqualTo(Status.FAILED);
        assertThat(get(other).view().reason().orElseThrow())
                .contains(": 4 on their way out");
    }

    @Test
    void whatAnEarlierHostLeftCountsToo() {
        get(deploy("shop", 3));
        scale(0);
        eventually(() -> assertThat(told("reap ")).hasSize(3));

        town.restart();
        town.guardian.receiveMessage();
        scale(3);

        eventually(() -> assertThat(web().pending()).isEqualTo(2));
        assertThat(town.supervisors.ids()).hasSize(4);
        allGo();
        eventually(() -> assertThat(web().running()).isEqualTo(3));
    }

    @Test
    void sandboxesThatAreNobodysCountToo() {
        get(deploy("lost", 3));
        town.state.deleteApp("acme", "lost");
        town.restart();
        town.guardian.receiveMessage();
        eventually(() -> assertThat(told("reap ")).hasSize(3));

        CompletableFuture<Settled<ReleaseView>> shop = deploy("shop", 3);

        eventually(() -> assertThat(web().pending()).isEqualTo(2));
        assertThat(town.supervisors.ids()).hasSize(4);
        allGo();
        assertThat(get(shop).view().status()).isEqualTo(Status.LIVE);
    }

    @Test
    void theyGoOnCountingWhenAnotherAppOfThatNameComesToNothing() {
        get(deploy("lost", 3));
        town.state.deleteApp("acme", "lost");
        town.restart();
        town.guardian.receiveMessage();
        eventually(() -> assertThat(told("reap ")).hasSize(3));
        town.state.failBefore("createRelease", 1);
        refusal(deploy("lost", 1));

        CompletableFuture<Settled<ReleaseView>> shop = deploy("shop", 4);

        eventually(() -> assertThat(web().pending()).isEqualTo(3));
        assertThat(town.supervisors.ids()).hasSize(4);
        allGo();
        assertThat(get(shop).view().status()).isEqualTo(Status.LIVE);
    }

    @Test
    void oneOnItsWayOutIsCountedInTheSameWords() {
        get(deploy("shop", 4));
        scale(3);
        scale(4);

        eventually(() -> assertThat(web().reason().orElse("")).endsWith(": 1 on their way out"));
    }

    @Test
    void anAppWhoseActorBrokeStillCounts() {
        get(deploy("shop", 3));
        town.supervisors.breakNextStart();
        town.operations.scale("acme", "shop", "web", 4, Duration.ZERO);
        eventually(() -> {
            town.pass(Duration.ofSeconds(1));
            assertThat(town.supervisors.ids()).hasSize(4);
        });

        scale(0);
        scale(4);

        eventually(() -> assertThat(web().pending()).isEqualTo(4));
        assertThat(town.supervisors.ids()).hasSize(4);
        allGo();
        eventually(() -> assertThat(web().running()).isEqualTo(4));
    }
}
