package io.hostel.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import io.hostel.api.ProcessSpec.RestartPolicy;
import io.hostel.api.SandboxView.State;
import io.hostel.sandbox.SandboxSupervisor.Reap;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SandboxAdoptionTest {
    private static final String ID = "a7h3k9m2p4qx";

    @TempDir
    Path directory;

    @Test
    void a_running_sandbox_goes_on_running_untouched() throws Exception {
        try (Scene scene = new Scene(directory, Plans.web(directory))) {
            SandboxStatus before = scene.running();
            scene.awaitRecorded();
            scene.kernel.effects().die();
            scene.succeed();
            SandboxStatus after = scene.expect(State.RUNNING);
            assertThat(after.launched()).isEqualTo(before.launched());
            assertThat(after.readyAt()).isEqualTo(before.readyAt());
            assertThat(scene.kernel.launcher().plans()).hasSize(1);
            scene.prober.answer(Prober.Answer.WELL); // it is probed again
            scene.kernel.processes().killInit(ID); // and watched
            assertThat(scene.running().restarts()).isEqualTo(1);
        }
    }

    @Test
    void an_init_that_died_meanwhile_is_classified_and_started_again_in_the_same_sandbox() throws Exception {
        try (Scene scene = new Scene(directory, Plans.web(directory))) {
            scene.running();
            scene.awaitRecorded();
            List<String> holdings = scene.kernel.holdings();
            scene.kernel.effects().die();
            scene.kit.stop(scene.supervisor);
            scene.kernel.processes().exit(ID, 7);
            scene.succeed();
            scene.expect(State.RUNNING);
            scene.expect(State.STARTING);
            SandboxStatus after = scene.running();
            assertThat(after.restarts()).isEqualTo(1);
            assertThat(after.lastExit())
                    .hasValueSatisfying(exit -> assertThat(exit.code()).contains(7));
            assertThat(scene.kernel.holdings()).isEqualTo(holdings);
        }
    }

    @Test
    void a_command_that_is_never_to_run_again_and_ended_meanwhile_is_ended() throws Exception {
        try (Scene scene = new Scene(directory, Plans.worker(directory, RestartPolicy.NEVER))) {
            scene.expect(State.PENDING);
            scene.expect(State.STARTING);
            scene.kernel.effects().die();
            scene.kit.stop(scene.supervisor);
            scene.kernel.processes().exit(ID, 0);
            scene.succeed();
            assertThat(scene.await(State.ENDED).lastExit())
                    .hasValueSatisfying(exit -> assertThat(exit.code()).contains(0));
            scene.awaitReaped();
            assertThat(scene.kernel.launcher().plans()).hasSize(1);
        }
    }

    @Test
    void half_applied_steps_are_taken_back_and_begun_anew() throws Exception {
        try (Scene scene = new Scene(directory, Plans.web(directory), List.of(), false)) {
            scene.kernel.effects().dieAfter(6);
            scene.executor.crank();
            scene.executor.hold();
            assertThat(scene.kernel.holdings()).isNotEmpty();
            scene.executor.letLoose();
            scene.succeed();
            assertThat(scene.running().restarts()).isZero();
        }
    }

    @Test
    void a_sandbox_whose_namespace_is_gone_is_put_up_anew() throws Exception {
        try (Scene scene = new Scene(directory, Plans.web(directory))) {
            scene.running();
            scene.awaitRecorded();
            scene.kernel.netns().remove(scene.plan.pin());
            scene.kernel.effects().die();
            scene.succeed();
            scene.expect(State.RUNNING);
            scene.expect(State.PENDING);
            scene.running();
            assertThat(scene.kernel.netns().inode(scene.plan.pin())).isNotZero();
        }
    }

    @Test
    void the_link_of_an_earlier_daemons_sandbox_asks_for_no_neighbours_either() throws Exception {
        try (Scene scene = new Scene(directory, Plans.web(directory))) {
            scene.running();
            scene.awaitRecorded();
            assertThat(scene.kernel.links().quiet()).isEmpty();
            scene.kernel.effects().die();
            scene.succeed();
            // The former daemon may have shown it as running more than once.
            Awaitility.await().untilAsserted(() -> assertThat(
                            scene.kernel.links().quiet())
                    .containsExactly(scene.plan.lease().orElseThrow().address()));
        }
    }

    @Test
    void back_off_is_not_forgotten() throws Exception {
        try (Scene scene = new Scene(directory, Plans.web(directory))) {
            for (int i = 0; i < 4; i++) {
                scene.running();
                scene.kernel.processes().exit(ID, 1);
            }
            scene.await(State.BACKOFF);
            scene.exec();
            scene.kernel.effects().die();
            scene.succeed();
            assertThat(scene.running().restarts()).isEqualTo(4);
            scene.kernel.processes().exit(ID, 1);
            assertThat(scene.await(State.BACKOFF).nextRetryAt())
                    .contains(scene.ports.clock().instant().plusSeconds(2));
        }
    }

    @Test
    void a_reap_right_after_adoption_leaves_nothing() throws Exception {
        try (Scene scene = new Scene(directory, Plans.web(directory))) {
            scene.running();
            scene.kernel.effects().die();
            scene.succeed();
            scene.supervisor.tell(new Reap());
            scene.pass(Duration.ofSeconds(1));
            scene.awaitReaped();
            assertThat(scene.kernel.holdings()).isEmpty();
            assertThat(scene.ledger.entries().entries()).isEmpty();
        }
    }
}
