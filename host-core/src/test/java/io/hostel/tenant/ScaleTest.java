package io.hostel.tenant;

import static io.hostel.tenant.Town.WAIT;
import static io.hostel.tenant.Town.eventually;
import static io.hostel.tenant.Town.get;
import static io.hostel.tenant.Town.refusal;
import static org.assertj.core.api.Assertions.assertThat;

import io.hostel.api.ExecRequest;
import io.hostel.api.Gone;
import io.hostel.api.ProcessView;
import io.hostel.api.Refusal;
import io.hostel.api.SandboxView;
import io.hostel.api.SandboxView.State;
import io.hostel.api.Settled;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ScaleTest {
    private final Town town = new Town();

    @BeforeEach
    void aTenantWithTwoSandboxes() {
        town.tenant("acme");
        get(town.operations.deploy("acme", "shop", Specs.web(2), WAIT));
    }

    @AfterEach
    void close() {
        town.close();
    }

    private CompletableFuture<Settled<ProcessView>> scale(int to) {
        return town.operations.scale("acme", "shop", "web", to, WAIT).toCompletableFuture();
    }

    @Test
    void onTheWayUpTheOldOnesStayAndTheNewOnesJoinTheBalance() {
        List<String> old = town.supervisors.ids();

        ProcessView web = get(scale(4)).view();

        assertThat(web.running()).isEqualTo(4);
        assertThat(town.supervisors.ids()).hasSize(4).startsWith(old.toArray(String[]::new));
        assertThat(town.led(20_000)).hasSize(4);
    }

    @Test
    void onTheWayDownTheNewestGoFirst() {
        get(scale(4));
        List<String> all = town.supervisors.ids();

        Settled<ProcessView> web = get(scale(1));

        assertThat(web.settled()).isTrue();
        assertThat(town.supervisors.ids()).containsExactly(all.get(0));
        assertThat(town.led(20_000)).containsExactly(town.addressOf(all.get(0)));
    }

    @Test
    void aSandboxIsOutOfTheBalanceBeforeItIsToldToGo() {
        List<String> all = town.supervisors.ids();
        String leaving = town.addressOf(all.get(1));

        get(scale(1));

        assertThat(town.supervisors.publishedWhen("reap " + all.get(1)).get(20_000))
                .hasSize(1)
                .noneMatch(b -> b.address().getHostAddress().equals(leaving));
    }

    @Test
    void whereTheFilterDoesNotAnswerASandboxIsReapedAfterAWhileAllTheSame() {
        String last = town.supervisors.ids().get(1);
        town.kernel.effects().refuse("publish");
        CompletableFuture<Settled<ProcessView>> down = scale(1);
        eventually(() -> assertThat(state(last)).contains(State.STOPPING));
        assertThat(town.supervisors.journal()).doesNotContain("reap " + last);

        town.pass(Duration.ofSeconds(5));
        eventually(() -> assertThat(town.supervisors.journal()).contains("reap " + last));
        town.kernel.effects().mend();
        town.pass(Duration.ofSeconds(1));

        assertThat(get(down).settled()).isTrue();
    }

    private Optional<State> state(String sandbox) {
        return town.sandboxes("acme", "shop").stream()
                .filter(s -> s.id().equals(sandbox))
                .map(SandboxView::state)
                .findFirst();
    }

    @Test
    void aScaleOfNoneLeavesThePortLeadingNowhere() {
        assertThat(get(scale(0)).view().scale()).isZero();
        assertThat(town.supervisors.ids()).isEmpty();
        assertThat(town.published()).isEmpty();

        assertThat(get(scale(1)).view().publishedPort()).contains(20_000);
        assertThat(town.led(20_000)).hasSize(1);
    }

    @Test
    void anUnhealthySandboxLeavesTheBalanceAndComesBackWhenItAnswersAgain() {
        List<String> all = town.supervisors.ids();
        town.supervisors.become(all.get(0), State.UNHEALTHY);
        eventually(() -> assertThat(town.led(20_000)).containsExactly(town.addressOf(all.get(1))));

        town.supervisors.become(all.get(0), State.RUNNING);

        eventually(() -> assertThat(town.led(20_000)).hasSize(2));
    }

    @Test
    void scalingToMoreThanOnePortCanBeBalancedOverIsInvalid() {
        assertThat(refusal(scale(257))).isInstanceOf(Refusal.Invalid.class);
    }

    @Test
    void scalingWhatIsNotThereIsNotFound() {
        assertThat(refusal(town.operations.scale("acme", "shop", "cron", 1, WAIT)))
                .isInstanceOf(Refusal.NotFound.class);
        assertThat(refusal(town.operations.scale("acme", "none", "web", 1, WAIT)))
                .isInstanceOf(Refusal.NotFound.class);
        assertThat(refusal(town.operations.scale("other", "shop", "web", 1, WAIT)))
                .isInstanceOf(Refusal.NotFound.class);
    }

    @Test
    void aStoppedSandboxIsReapedAndAnotherTakesItsPlace() {
        String first = town.supervisors.ids().get(0);

        Settled<Gone> gone = get(town.operations.stopSandbox("acme", "shop", first, WAIT));

        assertThat(gone.settled()).isTrue();
        eventually(() -> assertThat(town.supervisors.ids()).hasSize(2).doesNotContain(first));
        eventually(() -> assertThat(town.led(20_000)).hasSize(2));
        assertThat(refusal(town.operations.stopSandbox("acme", "shop", first, WAIT)))
                .isInstanceOf(Refusal.NotFound.class);
    }

    @Test
    void anAppIsRestartedOneSandboxAfterTheOtherEachOutOfTheBalanceMeanwhile() {
        List<String> all = town.supervisors.ids();
        String first = town.addressOf(all.get(0));
        town.supervisors.run(plan -> false);
        CompletableFuture<?> restart =
                town.operations.restart("acme", "shop", WAIT).toCompletableFuture();
        eventually(() -> assertThat(town.supervisors.journal()).contains("restart " + all.get(0)));
        assertThat(town.supervisors.publishedWhen("restart " + all.get(0)).get(20_000))
                .hasSize(1)
                .noneMatch(b -> b.address().getHostAddress().equals(first));
        assertThat(town.supervisors.journal()).doesNotContain("restart " + all.get(1));

        town.supervisors.run(plan -> true);
        town.supervisors.become(all.get(0), State.RUNNING);

        assertThat(get(restart)).isNotNull();
        assertThat(town.supervisors.journal()).contains("restart " + all.get(1));
        assertThat(town.led(20_000)).hasSize(2);
        assertThat(town.sandboxes("acme", "shop")).allMatch(s -> s.restarts() == 1);
    }

    @Test
    void aSandboxThatDoesNotComeBackEndsTheRestartAndTheOthersServeOn() {
        List<String> all = town.supervisors.ids();
        town.supervisors.run(plan -> false);
        CompletableFuture<?> restart =
                town.operations.restart("acme", "shop", WAIT).toCompletableFuture();
        eventually(() -> assertThat(town.supervisors.journal()).contains("restart " + all.get(0)));
        eventually(() -> assertThat(state(all.get(0))).contains(State.STARTING));

        town.pass(Duration.ofSeconds(46));

        get(restart);
        assertThat(town.supervisors.journal()).doesNotContain("restart " + all.get(1));
        assertThat(town.led(20_000)).containsExactly(town.addressOf(all.get(1)));
    }

    @Test
    void aCommandIsExecutedOnlyWhereSomethingRuns() {
        String first = town.supervisors.ids().get(0);
        ExecRequest request =
                new ExecRequest(List.of("id"), new byte[0], Map.of(), Optional.empty(), Optional.empty(), Duration.ofSeconds(5));
        assertThat(get(town.operations.exec("acme", "shop", first, request)).exitCode())
                .isZero();

        town.supervisors.become(first, State.BACKOFF);
        eventually(() -> assertThat(state(first)).contains(State.BACKOFF));

        assertThat(refusal(town.operations.exec("acme", "shop", first, request)))
                .isInstanceOf(Refusal.Conflict.class);
        assertThat(refusal(town.operations.exec("acme", "shop", "t0none", request)))
                .isInstanceOf(Refusal.NotFound.class);
    }

    @Test
    void whereASupervisorBreaksAnotherTakesOverTheSameSandbox() {
        String first = town.supervisors.ids().get(0);
        ExecRequest request =
                new ExecRequest(List.of("break"), new byte[0], Map.of(), Optional.empty(), Optional.empty(), Duration.ofSeconds(5));
        CompletableFuture<?> exec =
                town.operations.exec("acme", "shop", first, request).toCompletableFuture();
        eventually(() -> {
            town.pass(Duration.ofSeconds(1));
            assertThat(town.supervisors.journal()).contains("adopt " + first);
        });

        assertThat(town.supervisors.ids()).hasSize(2).contains(first);
        eventually(() -> assertThat(state(first)).contains(State.RUNNING));
        eventually(() -> {
            town.pass(Duration.ofSeconds(1));
            assertThat(exec).isCompletedExceptionally();
        });
    }
}
