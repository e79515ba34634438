package io.hostel.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.hostel.api.ProcessSpec.RestartPolicy;
import io.hostel.api.SandboxView.State;
import io.hostel.sandbox.Prober.Answer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** When a command has shown that it can go on. */
class SandboxProofTest {
    private static final String ID = "a7h3k9m2p4qx";

    @TempDir
    Path directory;

    @Test
    void a_command_that_serves_has_to_answer_a_second_time_and_live_for_a_second() throws Exception {
        try (Scene scene = new Scene(directory, Plans.web(directory))) {
            assertThat(scene.running().proof().given()).isFalse();
            await().until(() -> scene.prober.delays().contains(Duration.ofSeconds(1)));
            scene.prober.answer(Answer.WELL); // before the second is over
            await().until(() -> Collections.frequency(scene.prober.delays(), Duration.ofSeconds(1)) == 2);

            scene.pass(Duration.ofSeconds(1));
            scene.prober.answer(Answer.WELL);
            assertThat(scene.expect(State.RUNNING).proof().given()).isTrue();
        }
    }

    @Test
    void one_that_was_slow_to_answer_is_asked_again_soon() throws Exception {
        try (Scene scene = new Scene(directory, Plans.web(directory), List.of(), false)) {
            scene.prober.answerFirst(Answer.ill("connection refused"));
            scene.executor.letLoose();
            scene.await(State.STARTING);
            scene.pass(Duration.ofSeconds(5));
            scene.prober.answer(Answer.WELL);
            scene.running();
            await().until(() -> scene.prober.delays().contains(SandboxLife.SECOND_ANSWER));
            scene.prober.answer(Answer.WELL);
            assertThat(scene.expect(State.RUNNING).proof().given()).isTrue();
        }
    }

    @Test
    void one_without_a_port_has_to_live_for_three_seconds() throws Exception {
        try (Scene scene = new Scene(directory, Plans.worker(directory, RestartPolicy.ALWAYS))) {
            scene.await(State.STARTING);
            scene.pass(Duration.ofSeconds(1));
            assertThat(scene.running().proof().given()).isFalse();
            scene.pass(Duration.ofSeconds(2));
            assertThat(scene.expect(State.RUNNING).proof().given()).isTrue();
        }
    }

    @Test
    void three_ends_before_that_leave_no_hope() throws Exception {
        try (Scene scene = new Scene(directory, Plans.web(directory))) {
            for (int i = 0; i < 2; i++) {
                scene.running();
                scene.kernel.processes().exit(ID, 1);
            }
            Proof twice = scene.running().proof();
            assertThat(twice.failing()).isTrue();
            assertThat(twice.hopeless()).isEmpty();
            scene.kernel.processes().exit(ID, 1);
            assertThat(scene.running().proof().hopeless()).hasValueSatisfying(why -> assertThat(why).contains("3 times"));
        }
    }

    @Test
    void who_has_proven_itself_starts_counting_anew() throws Exception {
        try (Scene scene = new Scene(directory, Plans.worker(directory, RestartPolicy.ALWAYS))) {
            scene.await(State.STARTING);
            scene.kernel.processes().exit(ID, 1);
            scene.await(State.STARTING);
            assertThat(scene.exec()).isNotNull();
            scene.pass(Duration.ofSeconds(1));
            assertThat(scene.running().proof().failing()).isTrue();
            scene.pass(Duration.ofSeconds(2));
            Proof proven = scene.expect(State.RUNNING).proof();
            assertThat(proven).isEqualTo(Proof.GIVEN);
        }
    }

    @Test
    void who_ends_again_and_again_whatever_it_had_shown_is_proven_once_that_is_forgiven() {
        Proof proven = Proof.GIVEN;
        assertThat(proven.ended().inARow(3).failing()).isFalse();
        assertThat(proven.ended().inARow(3).needed(Duration.ofSeconds(3))).isEqualTo(Duration.ofSeconds(3));

        Proof loop = proven.ended().inARow(4).again();
        assertThat(loop.failing()).isTrue();
        assertThat(loop.needed(Duration.ofSeconds(3))).isEqualTo(RestartSchedule.FORGIVEN_AFTER);
    }

    @Test
    void what_cannot_be_executed_is_hopeless_at_once() throws Exception {
        try (Scene scene = new Scene(directory, Plans.web(directory), List.of(), false)) {
            scene.kernel.launcher().notExecutable("python3");
            scene.executor.letLoose();
            assertThat(scene.await(State.STARTING).proof().hopeless())
                    .hasValueSatisfying(why -> assertThat(why).contains("failed to exec python3: ENOENT"));
        }
    }
}
