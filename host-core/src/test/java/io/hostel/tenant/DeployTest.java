package io.hostel.tenant;

import static io.hostel.tenant.Town.WAIT;
import static io.hostel.tenant.Town.eventually;
import static io.hostel.tenant.Town.get;
import static io.hostel.tenant.Town.refusal;
import static org.assertj.core.api.Assertions.assertThat;

import io.hostel.api.ArtifactFormat;
import io.hostel.api.ProcessSpec;
import io.hostel.api.ProcessView;
import io.hostel.api.Refusal;
import io.hostel.api.ReleaseSpec;
import io.hostel.api.ReleaseView;
import io.hostel.api.ReleaseView.Status;
import io.hostel.api.SandboxView;
import io.hostel.api.SandboxView.State;
import io.hostel.api.Settled;
import io.hostel.sandbox.Proof;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class DeployTest {
    private final Town town = new Town();

    @BeforeEach
    void aTenant() {
        town.tenant("acme");
    }

    @AfterEach
    void close() {
        town.close();
    }

    private CompletableFuture<Settled<ReleaseView>> deploy(ReleaseSpec spec) {
        return town.operations.deploy("acme", "shop", spec, WAIT).toCompletableFuture();
    }

    @Test
    void aFirstReleaseIsLiveWhenAllItsSandboxesRunAndThePortLeadsToThem() {
        Settled<ReleaseView> release = get(deploy(Specs.web(2)));

        assertThat(release.settled()).isTrue();
        assertThat(release.view().status()).isEqualTo(Status.LIVE);
        assertThat(town.led(20_000)).hasSize(2);
        ProcessView web = town.process("acme", "shop", "web");
        assertThat(web.running()).isEqualTo(2);
        assertThat(web.scale()).isEqualTo(2);
        assertThat(web.url()).contains("http://127.0.0.1:20000/");
        assertThat(web.address()).contains("10.77.1.1:8080");
    }

    @Test
    void withoutWaitTheAnswerComesAsSoonAsTheReleaseIsRecorded() {
        town.supervisors.run(plan -> false);

        Settled<ReleaseView> release = get(town.operations.deploy("acme", "shop", Specs.web(1), Duration.ZERO));

        assertThat(release.settled()).isFalse();
        assertThat(release.view().status()).isEqualTo(Status.DEPLOYING);
        assertThat(town.state.statuses("acme", "shop")).containsExactly(Status.DEPLOYING);
    }

    @Test
    void whoWaitsTooShortlyIsToldThatItIsUnderWay() {
        town.supervisors.run(plan -> false);
        CompletableFuture<Settled<ReleaseView>> answer = town.operations
                .deploy("acme", "shop", Specs.web(1), Duration.ofSeconds(3))
                .toCompletableFuture();
        eventually(() -> assertThat(town.supervisors.ids()).hasSize(1));
        eventually(() -> assertThat(town.apps("acme")).hasSize(1));
        town.pass(Duration.ofSeconds(3));

        assertThat(get(answer).settled()).isFalse();
    }

    @Test
    void aFailedReleaseLeavesTheOldOneServing() {
        get(deploy(Specs.web(1)));
        String old = town.supervisors.ids().get(0);
        town.supervisors.run(plan -> plan.release() == 1);
        CompletableFuture<Settled<ReleaseView>> second = deploy(Specs.web(1));
        eventually(() -> assertThat(town.supervisors.ids()).hasSize(2));
        String failing = town.supervisors.ids().get(1);
        town.supervisors.become(failing, State.BACKOFF, Optional.of(FakeSupervisors.exit(3)));
        eventually(() -> assertThat(states()).containsOnlyKeys(old, failing).containsEntry(failing, State.BACKOFF));

        town.pass(Duration.ofSeconds(36));

        Settled<ReleaseView> answer = get(second);
        assertThat(answer.settled()).isTrue();
        assertThat(answer.view().status()).isEqualTo(Status.FAILED);
        assertThat(answer.view().reason().orElseThrow())
                .contains("web was not ready within 35 s: it exited with code 3")
                .contains("no such module: flask");
        eventually(() -> assertThat(town.supervisors.ids()).containsExactly(old));
        assertThat(town.led(20_000)).containsExactly(town.addressOf(old));
        assertThat(get(town.operations.app("acme", "shop")).release()).isEqualTo(1);
        assertThat(town.supervisors.journal()).doesNotContain("reap " + old);
    }

    @Test
    void oneAnswerTakesNobodysPlace() {
        get(deploy(Specs.web(1)));
        String old = town.supervisors.ids().get(0);
        town.supervisors.run(plan -> plan.release() == 1);
        CompletableFuture<Settled<ReleaseView>> second = deploy(Specs.web(1));
        eventually(() -> assertThat(town.supervisors.ids()).hasSize(2));
        String fresh = town.supervisors.ids().get(1);
        answers(fresh, Proof.NONE);
        assertThat(town.led(20_000)).containsExactly(town.addressOf(old));
        assertThat(second).isNotDone();

        town.supervisors.proof(fresh, Proof.GIVEN);

        assertThat(get(second).view().status()).isEqualTo(Status.LIVE);
        assertThat(town.led(20_000)).containsExactly(town.addressOf(fresh));
    }

    private void answers(String sandbox, Proof proof) {
        town.supervisors.become(sandbox, State.RUNNING, Optional.empty(), proof);
        eventually(() -> assertThat(states()).containsEntry(sandbox, State.RUNNING));
    }

    @Test
    void whereNothingIsLiveTheFirstAnswerIsLedTo() {
        town.supervisors.run(plan -> false);
        CompletableFuture<Settled<ReleaseView>> first = deploy(Specs.web(1));
        eventually(() -> assertThat(town.supervisors.ids()).hasSize(1));
        String sandbox = town.supervisors.ids().get(0);
        answers(sandbox, Proof.NONE);

        eventually(() -> assertThat(town.led(20_000)).containsExactly(town.addressOf(sandbox)));
        assertThat(first).isNotDone();

        town.supervisors.proof(sandbox, Proof.GIVEN);
        assertThat(get(first).view().status()).isEqualTo(Status.LIVE);
    }

    @Test
    void whatEndsAgainAndAgainFailsAtOnceAndTheOldOneServes() {
        get(deploy(Specs.web(1)));
        String old = town.supervisors.ids().get(0);
        town.supervisors.run(plan -> plan.release() == 1);
        CompletableFuture<Settled<ReleaseView>> second = deploy(Specs.web(1));
        eventually(() -> assertThat(town.supervisors.ids()).hasSize(2));
        String failing = town.supervisors.ids().get(1);
        Proof twice = Proof.NONE.ended().ended();
        town.supervisors.become(failing, State.STARTING, Optional.of(FakeSupervisors.exit(1)), twice);
        eventually(() -> assertThat(states()).containsEntry(failing, State.STARTING));
        assertThat(second).isNotDone();

        town.supervisors.become(failing, State.STARTING, Optional.of(FakeSupervisors.exit(1)), twice.ended());

        assertThat(get(second).view().status()).isEqualTo(Status.FAILED);
        assertThat(get(second).view().reason().orElseThrow())
                .contains("it has ended 3 times before it was proven; it exited with code 1")
                .contains("no such module: flask");
        assertThat(town.led(20_000)).containsExactly(town.addressOf(old));
    }

    @Test
    void whatCanNotBeExecutedFailsAtOnce() {
        town.supervisors.run(plan -> false);
        CompletableFuture<Settled<ReleaseView>> first = deploy(Specs.web(1));
        eventually(() -> assertThat(town.supervisors.ids()).hasSize(1));
        town.supervisors.proof(
                town.supervisors.ids().get(0), Proof.NONE.notExecuted("failed to exec ./nope: ENOENT"));

        assertThat(get(first).view().status()).isEqualTo(Status.FAILED);
        assertThat(get(first).view().reason().orElseThrow()).contains("web can't go on: failed to exec ./nope: ENOENT");
    }

    @Test
    void whoIsToServeAndHasEndedWellIsNoRelease() {
        get(deploy(Specs.web(1)));
        String old = town.supervisors.ids().get(0);
        town.supervisors.run(plan -> plan.release() == 1);
        CompletableFuture<Settled<ReleaseView>> second = deploy(Specs.release(Map.of(
                "web",
                Specs.process(
                        Optional.of(8080), 1, ProcessSpec.Expose.PUBLIC, ProcessSpec.RestartPolicy.NEVER))));
        eventually(() -> assertThat(town.supervisors.ids()).hasSize(2));
        String fresh = town.supervisors.ids().get(1);
        answers(fresh, Proof.NONE);
        town.supervisors.end(fresh, 0);

        assertThat(get(second).view().status()).isEqualTo(Status.FAILED);
        assertThat(town.led(20_000)).containsExactly(town.addressOf(old));
    }

    @Test
    void whatEndsAgainAndAgainCountsAsRunningOnlyOnceItIsProven() {
        get(deploy(Specs.web(1)));
        String sandbox = town.supervisors.ids().get(0);
        answers(sandbox, Proof.NONE.ended());
        eventually(() -> assertThat(runningWebs()).isZero());

        town.supervisors.proof(sandbox, Proof.GIVEN);
        eventually(() -> assertThat(runningWebs()).isEqualTo(1));
    }

    private int runningWebs() {
        return Objects.requireNonNull(get(town.operations.app("acme", "shop")).processes().get("web"))
                .running();
    }

    private Map<String, State> states() {
        return town.sandboxes("acme", "shop").stream()
                .collect(java.util.stream.Collectors.toMap(SandboxView::id, SandboxView::state));
    }

    @Test
    void aNewReleaseTakesTheOldOnesPlaceOnlyWhenItIsReady() {
        get(deploy(Specs.web(2)));
        List<String> old = town.supervisors.ids();
        town.supervisors.run(plan -> false);
        CompletableFuture<Settled<ReleaseView>> second = deploy(Specs.web(2));
        eventually(() -> assertThat(town.supervisors.ids()).hasSize(4));
        List<String> fresh = town.supervisors.ids().subList(2, 4);
        town.supervisors.become(fresh.get(0), State.RUNNING);
        eventually(() -> assertThat(states()).containsEntry(fresh.get(0), State.RUNNING));
        assertThat(town.led(20_000)).hasSize(2).doesNotContain(town.addressOf(fresh.get(0)));

        town.supervisors.become(fresh.get(1), State.RUNNING);

        assertThat(get(second).view().status()).isEqualTo(Status.LIVE);
        eventually(() -> assertThat(town.supervisors.ids()).isEqualTo(fresh));
        assertThat(town.led(20_000)).hasSize(2);
        assertThat(town.state.statuses("acme", "shop")).containsExactly(Status.SUPERSEDED, Status.LIVE);
        for (String id : old) {
            assertThat(town.supervisors.publishedWhen("reap " + id).get(20_000))
                    .as("where the port led when an old sandbox was told to go")
                    .hasSize(2)
                    .allMatch(b -> fresh.stream()
                            .map(town::addressOf)
                            .anyMatch(a -> a.equals(b.address().getHostAddress())));
        }
    }

    @Test
    void aFurtherDeploySupersedesTheOneUnderWay() {
        get(deploy(Specs.web(1)));
        town.supervisors.run(plan -> plan.release() == 3);
        CompletableFuture<Settled<ReleaseView>> second = deploy(Specs.web(1));
        eventually(() -> assertThat(town.supervisors.ids()).hasSize(2));

        Settled<ReleaseView> third = get(deploy(Specs.web(1)));

        assertThat(get(second).view().status()).isEqualTo(Status.SUPERSEDED);
        assertThat(get(second).settled()).isTrue();
        assertThat(third.view().status()).isEqualTo(Status.LIVE);
        eventually(() -> assertThat(town.supervisors.plans()).hasSize(1).allMatch(p -> p.release() == 3));
        assertThat(town.state.statuses("acme", "shop"))
                .containsExactly(Status.SUPERSEDED, Status.SUPERSEDED, Status.LIVE);
    }

    @Test
    void aJobThatEndsWellIsReadyAndStaysListedUntilTheNextRelease() {
        CompletableFuture<Settled<ReleaseView>> first = deploy(Specs.job(1));
        eventually(() -> assertThat(town.supervisors.ids()).hasSize(1));
        String job = town.supervisors.ids().get(0);
        get(first);
        town.supervisors.end(job, 0);
        eventually(() -> assertThat(states()).containsEntry(job, State.ENDED));

        get(deploy(Specs.web(1)));

        eventually(() -> assertThat(states()).doesNotContainKey(job).hasSize(1));
    }

    @Test
    void aJobThatEndsBadlyBeforeItIsReadyFailsItsReleaseAtOnce() {
        town.supervisors.run(plan -> false);
        CompletableFuture<Settled<ReleaseView>> first = deploy(Specs.job(1));
        eventually(() -> assertThat(town.supervisors.ids()).hasSize(1));

        String job = town.supervisors.ids().get(0);
        town.supervisors.end(job, 9);

        assertThat(get(first).view().status()).isEqualTo(Status.FAILED);
        assertThat(get(first).view().reason().orElseThrow()).contains("it exited with code 9");
        eventually(() -> assertThat(states()).isEqualTo(Map.of(job, State.ENDED)));

        town.restart();
        town.guardian.receiveMessage();
        assertThat(states()).isEqualTo(Map.of(job, State.ENDED));

        town.supervisors.run(plan -> true);
        get(deploy(Specs.web(1)));
        eventually(() -> assertThat(states()).doesNotContainKey(job).hasSize(1));
        assertThat(town.state.ended("acme", "shop")).isEmpty();
    }

    @Test
    void aJobThatIsStoppedStaysStoppedAndListed() {
        get(deploy(Specs.job(1)));
        String job = town.supervisors.ids().get(0);

        assertThat(get(town.operations.stopSandbox("acme", "shop", job, WAIT)).settled()).isTrue();
        assertThat(town.eventKinds("acme")).as("told before the answer").contains("sandbox.exited");

        eventually(() -> assertThat(states()).isEqualTo(Map.of(job, State.ENDED)));
        assertThat(town.supervisors.journal()).contains("end " + job).doesNotContain("reap " + job);
        town.restart();
        town.guardian.receiveMessage();
        assertThat(states()).isEqualTo(Map.of(job, State.ENDED));
    }

    @Test
    void anAppWhoseOnlyReleaseHasEndedAndFailedIsDeletedWhole() {
        town.supervisors.run(plan -> false);
        CompletableFuture<Settled<ReleaseView>> first = deploy(Specs.job(1));
        eventually(() -> assertThat(town.supervisors.ids()).hasSize(1));
        town.supervisors.end(town.supervisors.ids().get(0), 9);
        assertThat(get(first).view().status()).isEqualTo(Status.FAILED);

        assertThat(get(town.operations.deleteApp("acme", "shop", WAIT)).settled())
                .isTrue();
        assertThat(town.state.ended("acme", "shop")).isEmpty();
    }

    @Test
    void aFirstReleaseThatWaitsToBeStartedOnceMoreIsStartedByARestart() {
        town.supervisors.run(plan -> false);
        CompletableFuture<Settled<ReleaseView>> first = deploy(Specs.web(1));
        eventually(() -> assertThat(town.supervisors.ids()).hasSize(1));
        String sandbox = town.supervisors.ids().get(0);
        town.supervisors.become(sandbox, State.BACKOFF, Optional.of(FakeSupervisors.exit(3)));
        eventually(() -> assertThat(states()).containsEntry(sandbox, State.BACKOFF));

        town.supervisors.run(plan -> true);
        get(town.operations.restart("acme", "shop", WAIT));

        assertThat(town.supervisors.journal()).contains("restart " + sandbox);
        assertThat(get(first).view().status()).isEqualTo(Status.LIVE);
    }

    @Test
    void rollingBackDeploysAnEarlierReleasesContentAnew() {
        get(deploy(Specs.web(1)));
        get(deploy(Specs.web(3)));

        Settled<ReleaseView> third = get(town.operations.rollback("acme", "shop", 1, WAIT));

        assertThat(third.view().release()).isEqualTo(3);
        assertThat(get(town.operations.release("acme", "shop", 3)).spec()).isEqualTo(Specs.web(1));
        assertThat(refusal(town.operations.rollback("acme", "shop", 9, WAIT))).isInstanceOf(Refusal.NotFound.class);
    }

    @Test
    void aProcfileGivesTheProcessesWhereTheReleaseNamesNone() {
        String digest = get(town.operations.putArtifact(
                        "acme", ArtifactFormat.TAR, body("web: ./serve\nclock: ./tick")))
                .digest();

        get(deploy(new ReleaseSpec(Optional.of(digest), "host", Map.of(), Map.of())));
        ReleaseSpec spec = get(town.operations.release("acme", "shop", 1)).spec();

        assertThat(spec.processes()).containsOnlyKeys("web", "clock");
        ProcessSpec web = Objects.requireNonNull(spec.processes().get("web"));
        assertThat(web.command()).containsExactly("/bin/sh", "-c", "exec ./serve");
        assertThat(web.port()).contains(8080);
        assertThat(web.expose()).isEqualTo(ProcessSpec.Expose.PUBLIC);
        assertThat(Objects.requireNonNull(spec.processes().get("clock")).port()).isEmpty();
    }

    @Test
    void whatIsNotThereIsNamedByItsField() {
        assertThat(pointer(deploy(new ReleaseSpec(Optional.of("sha256:0"), "host", Map.of(), Map.of()))))
                .isEqualTo("/artifact");
        assertThat(pointer(deploy(new ReleaseSpec(
                        Optional.empty(), "mars", Map.of(), Specs.web(1).processes()))))
                .isEqualTo("/image");
        assertThat(pointer(deploy(new ReleaseSpec(Optional.empty(), "host", Map.of(), Map.of()))))
                .isEqualTo("/processes");
        assertThat(refusal(town.operations.app("acme", "shop"))).isInstanceOf(Refusal.NotFound.class);
    }

    @Test
    void anotherTenantsArtifactIsAsGoodAsNone() {
        town.tenant("evil");
        String digest = get(town.operations.putArtifact("acme", ArtifactFormat.TAR, body("web: ./serve")))
                .digest();

        Refusal refusal = refusal(town.operations.deploy(
                "evil", "thief", new ReleaseSpec(Optional.of(digest), "host", Map.of(), Map.of()), WAIT));

        assertThat(refusal).isInstanceOf(Refusal.Invalid.class);
    }

    private static ByteArrayInputStream body(String procfile) {
        return new ByteArrayInputStream(procfile.getBytes(StandardCharsets.UTF_8));
    }

    private static String pointer(CompletableFuture<?> refused) {
        return ((Refusal.Invalid) refusal(refused)).problems().get(0).pointer();
    }
}
