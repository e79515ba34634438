package io.hostel.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import io.hostel.api.ProcessSpec.RestartPolicy;
import io.hostel.api.Refusal;
import io.hostel.api.SandboxView.State;
import io.hostel.kernel.Cgroups;
import io.hostel.sandbox.SandboxSupervisor.ExecRefused;
import io.hostel.sandbox.SandboxSupervisor.MonitorStopped;
import io.hostel.sandbox.SandboxSupervisor.Reap;
import io.hostel.sandbox.SandboxSupervisor.Restart;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SandboxSupervisorTest {
    private static final String ID = "a7h3k9m2p4qx";
    private static final Prober.Answer REFUSED = Prober.Answer.ill("connection refused");

    @TempDir
    Path directory;

    @Test
    void a_new_sandbox_is_put_up_launched_and_running_once_it_answers() throws Exception {
        try (Scene scene = new Scene(directory, Plans.web(directory))) {
            scene.expect(State.PENDING);
            scene.expect(State.STARTING);
            SandboxStatus running = scene.expect(State.RUNNING);
            assertThat(running.launched()).isPresent();
            assertThat(running.readyAt()).isPresent();
            assertThat(running.restarts()).isZero();
            assertThat(scene.kernel.holdings()).anyMatch(s -> s.startsWith("link hs-" + ID));
        }
    }

    @Test
    void reaping_stops_the_command_by_sigterm_and_leaves_nothing() throws Exception {
        try (Scene scene = new Scene(directory, Plans.web(directory))) {
            scene.running();
            scene.supervisor.tell(new Reap());
            scene.expect(State.STOPPING);
            scene.awaitReaped();
            assertThat(scene.kernel.processes().signals()).anyMatch(s -> s.startsWith("15 to"));
            assertNothingLeft(scene);
        }
    }

    @Test
    void a_job_that_is_to_end_has_ended_and_says_how() throws Exception {
        try (Scene scene = new Scene(directory, Plans.worker(directory, RestartPolicy.NEVER))) {
            scene.await(State.STARTING);
            scene.pass(Duration.ofSeconds(1));
            scene.running();
            scene.supervisor.tell(new SandboxSupervisor.End());
            scene.expect(State.STOPPING);
            SandboxStatus ended = scene.await(State.ENDED);
            assertThat(ended.lastExit())
                    .hasValueSatisfying(exit -> assertThat(exit.reason()).contains("stopped by the host"));
            scene.awaitReaped();
            assertThat(scene.kernel.launcher().plans()).hasSize(1);
            assertNothingLeft(scene);
        }
    }

    @Test
    void a_command_that_ignores_sigterm_is_killed_when_its_stop_timeout_is_over() throws Exception {
        try (Scene scene = new Scene(directory, Plans.web(directory))) {
            scene.kernel.processes().heedTerm(false);
            scene.running();
            scene.supervisor.tell(new Reap());
            scene.expect(State.STOPPING);
            assertThat(scene.exec()).isInstanceOf(ExecRefused.class);
            scene.pass(Duration.ofSeconds(10));
            scene.awaitReaped();
            assertNothingLeft(scene);
        }
    }

    @Test
    void a_reap_before_the_budget_allows_a_launch_is_over_at_once() throws Exception {
        try (Scene scene = new Scene(directory, Plans.web(directory), List.of(new Reap()), false, 0)) {
            scene.executor.letLoose();
            scene.awaitReaped();
            assertNothingLeft(scene);
            assertThat(scene.kernel.launcher().plans()).isEmpty();
        }
    }

    @Test
    void a_reap_while_the_steps_are_applied_launches_nothing_and_takes_them_back() throws Exception {
        try (Scene scene = new Scene(directory, Plans.web(directory), List.of(), false)) {
            scene.expect(State.PENDING);
            scene.executor.awaitJob();
            scene.supervisor.tell(new Reap());
            scene.exec();
            scene.executor.letLoose();
            scene.awaitReaped();
            assertThat(scene.kernel.launcher().plans()).isEmpty();
            assertNothingLeft(scene);
        }
    }

    @Test
    void a_killed_init_is_started_again_in_the_same_sandbox() throws Exception {
        try (Scene scene = new Scene(directory, Plans.web(directory))) {
            SandboxStatus before = scene.running();
            List<String> holdings = scene.kernel.holdings();
            scene.kernel.processes().killInit(ID);
            SandboxStatus after = scene.running();
            assertThat(after.restarts()).isEqualTo(1);
            assertThat(after.launched()).isPresent().isNotEqualTo(before.launched());
            assertThat(after.lastExit()).hasValueSatisfying(exit -> {
                assertThat(exit.signal()).contains("SIGKILL");
                assertThat(exit.reason()).contains("its init was killed from outside");
            });
            assertThat(scene.kernel.holdings()).isEqualTo(holdings);
        }
    }

    @Test
    void where_the_operator_has_killed_its_group_for_good_it_gets_another() throws Exception {
        try (Scene scene = new Scene(directory, Plans.web(directory))) {
            scene.running();
            List<String> holdings = scene.kernel.holdings();
            scene.kernel.cgroups().killForGood("t-3/hs-" + ID);
            SandboxStatus after = scene.running();
            assertThat(after.restarts()).isEqualTo(2);
            assertThat(scene.kernel.holdings()).containsExactlyInAnyOrderElementsOf(holdings);
        }
    }

    @Test
    void the_fourth_restart_in_a_row_backs_off_for_a_second() throws Exception {
        try (Scene scene = new Scene(directory, Plans.web(directory))) {
            for (int i = 0; i < 3; i++) {
                scene.running();
                scene.kernel.processes().exit(ID, 1);
            }
            scene.running();
            scene.kernel.processes().exit(ID, 1);
            SandboxStatus backoff = scene.await(State.BACKOFF);
            assertThat(backoff.nextRetryAt())
                    .contains(scene.ports.clock().instant().plusSeconds(1));
            assertThat(backoff.launched()).isEmpty();
            assertThat(backoff.lastExit())
                    .hasValueSatisfying(exit -> assertThat(exit.code()).contains(1));
            scene.pass(Duration.ofSeconds(1));
            assertThat(scene.running().restarts()).isEqualTo(4);
        }
    }

    @Test
    void a_wished_restart_ends_back_off_and_begins_the_count_anew() throws Exception {
        try (Scene scene = new Scene(directory, Plans.web(directory))) {
            for (int i = 0; i < 4; i++) {
                scene.running();
                scene.kernel.processes().exit(ID, 1);
            }
            scene.await(State.BACKOFF);
            scene.supervisor.tell(new Restart());
            scene.running();
            scene.kernel.processes().exit(ID, 1);
            scene.running();
        }
    }

    @Test
    void a_wished_restart_stops_the_command_and_starts_it_again() throws Exception {
        try (Scene scene = new Scene(directory, Plans.web(directory))) {
            scene.running();
            scene.supervisor.tell(new Restart());
            scene.expect(State.STOPPING);
            SandboxStatus after = scene.running();
            assertThat(after.restarts()).isEqualTo(1);
            assertThat(after.lastExit())
                    .hasValueSatisfying(exit -> assertThat(exit.reason()).contains("stopped by the host"));
        }
    }

    @Test
    void a_command_that_is_never_to_run_again_ends_and_its_sandbox_goes() throws Exception {
        try (Scene scene = new Scene(directory, Plans.worker(directory, RestartPolicy.NEVER))) {
            scene.expect(State.PENDING);
            scene.expect(State.STARTING);
            scene.kernel.processes().exit(ID, 0);
            SandboxStatus ended = scene.await(State.ENDED);
            assertThat(ended.lastExit())
                    .hasValueSatisfying(exit -> assertThat(exit.code()).contains(0));
            scene.awaitReaped();
            assertNothingLeft(scene);
        }
    }

    @Test
    void a_process_without_a_port_is_ready_when_it_has_run_for_a_second() throws Exception {
        try (Scene scene = new Scene(directory, Plans.worker(directory, RestartPolicy.ON_FAILURE))) {
            scene.expect(State.PENDING);
            scene.expect(State.STARTING);
            scene.parent.expectNoMessage(Duration.ZERO);
            scene.pass(Duration.ofSeconds(1));
            scene.expect(State.RUNNING);
        }
    }

    @Test
    void a_program_that_can_not_be_executed_is_said_to_have_failed_to() throws Exception {
        try (Scene scene = new Scene(directory, Plans.worker(directory, RestartPolicy.NEVER), List.of(), false)) {
            scene.kernel.launcher().notExecutable("python3");
            scene.executor.letLoose();
            SandboxStatus ended = scene.await(State.ENDED);
            assertThat(ended.lastExit())
                    .hasValueSatisfying(exit -> assertThat(exit.reason()).contains("failed to exec python3: ENOENT"));
            scene.awaitReaped();
        }
    }

    @Test
    void out_of_memory_is_told_from_other_kills() throws Exception {
        try (Scene scene = new Scene(directory, Plans.web(directory))) {
            scene.running();
            scene.kernel.cgroups().use("t-3/hs-" + ID, new Cgroups.Usage(0, 128 << 20, 1.5, 0, 1));
            scene.kernel.processes().kill(ID, 9);
            assertThat(scene.running().lastExit()).hasValueSatisfying(exit -> {
                assertThat(exit.oom()).isTrue();
                assertThat(exit.signal()).contains("SIGKILL");
                assertThat(exit.peakMemoryBytes()).isEqualTo(128 << 20);
                assertThat(exit.cpuSeconds()).isEqualTo(1.5);
            });
        }
    }

    @Test
    void three_unanswered_probes_make_it_unhealthy_and_an_answer_mends_that() throws Exception {
        try (Scene scene = new Scene(directory, Plans.web(directory))) {
            scene.running();
            for (int i = 0; i < 3; i++) {
                scene.prober.answer(REFUSED);
            }
            assertThat(scene.expect(State.UNHEALTHY).failure()).contains("does not answer: connection refused");
            scene.prober.answer(Prober.Answer.WELL);
            assertThat(scene.expect(State.RUNNING).failure()).isEmpty();
        }
    }

    @Test
    void six_unanswered_probes_have_it_restarted() throws Exception {
        try (Scene scene = new Scene(directory, Plans.web(directory))) {
            scene.running();
            for (int i = 0; i < 6; i++) {
                scene.prober.answer(REFUSED);
            }
            scene.expect(State.UNHEALTHY);
            scene.expect(State.STOPPING);
            assertThat(scene.running().lastExit())
                    .hasValueSatisfying(
                            exit -> assertThat(exit.reason()).contains("failed health: connection refused"));
        }
    }

    @Test
    void who_does_not_answer_within_the_start_up_allowance_is_restarted() throws Exception {
        try (Scene scene = new Scene(directory, Plans.web(directory), List.of(), false)) {
            scene.prober.answerFirst(REFUSED);
            scene.executor.letLoose();
            scene.expect(State.PENDING);
            scene.expect(State.STARTING);
            scene.prober.answer(REFUSED);
            scene.kernel.processes().listen(Set.of(new InetSocketAddress("127.0.0.1", 8080)));
            scene.pass(Duration.ofSeconds(30));
            assertThat(scene.expect(State.STOPPING).failure())
                    .hasValueSatisfying(why -> assertThat(why)
                            .contains("not ready within 30 s: it listens on 127.0.0.1:8080 only"));
            assertThat(scene.await(State.STARTING).lastExit()).isEmpty();
        }
    }

    @Test
    void a_starting_process_is_asked_at_once_and_then_ever_more_rarely() throws Exception {
        try (Scene scene = new Scene(directory, Plans.web(directory), List.of(), false)) {
            scene.prober.answerFirst(REFUSED);
            scene.executor.letLoose();
            for (int i = 0; i < 9; i++) {
                scene.prober.answer(REFUSED);
            }
            scene.prober.answer(Prober.Answer.WELL);
            scene.running();
            assertThat(scene.prober.delays().stream().map(Duration::toMillis))
                    .startsWith(0L, 1L, 2L, 4L, 8L, 16L, 32L, 64L, 100L, 100L, 100L);
        }
    }

    @Test
    void a_lost_monitor_costs_the_command_its_life() throws Exception {
        try (Scene scene = new Scene(directory, Plans.web(directory))) {
            scene.running();
            scene.kernel.processes().killMonitor(ID);
            SandboxStatus after = scene.running();
            assertThat(after.restarts()).isEqualTo(1);
            assertThat(after.lastExit())
                    .hasValueSatisfying(exit -> assertThat(exit.reason()).contains("lost its monitor"));
        }
    }

    @Test
    void a_stopped_monitor_is_continued_once_and_the_command_runs_on() throws Exception {
        try (Scene scene = new Scene(directory, Plans.web(directory))) {
            scene.running();
            scene.ports.monitors().look();
            scene.kernel.processes().stopMonitor(ID, true);
            scene.ports.monitors().look();
            scene.ports.monitors().look();
            assertThat(scene.parent.receiveMessage())
                    .isEqualTo(new MonitorStopped(scene.plan, StoppedMonitors.Found.CONTINUED));
            scene.parent.expectNoMessage(Duration.ZERO);
            assertThat(scene.kernel.processes().signals()).containsOnlyOnce(cont(scene));
            assertThat(scene.log).contains("its monitor was stopped, and has been continued");

            scene.kernel.processes().stopMonitor(ID, true);
            scene.ports.monitors().look();
            assertThat(scene.kernel.processes().signals())
                    .filteredOn(cont(scene)::equals)
                    .hasSize(2);
            assertThat(scene.kernel.launcher().plans()).hasSize(1);
        }
    }

    private static String cont(Scene scene) {
        return "18 to " + (scene.kernel.processes().init(ID).orElseThrow().pid() + 1);
    }

    @Test
    void a_monitor_that_stays_stopped_is_killed_and_replaced_with_its_command() throws Exception {
        try (Scene scene = new Scene(directory, Plans.web(directory))) {
            scene.running();
            List<String> holdings = scene.kernel.holdings();
            scene.kernel.processes().stopMonitor(ID, false);
            scene.ports.monitors().look();
            scene.ports.monitors().look();
            assertThat(scene.parent.receiveMessage())
                    .isEqualTo(new MonitorStopped(scene.plan, StoppedMonitors.Found.CONTINUED));
            SandboxStatus after = scene.running();
            assertThat(after.restarts()).isEqualTo(1);
            assertThat(after.lastExit())
                    .hasValueSatisfying(exit -> assertThat(exit.reason()).contains("lost its monitor"));
            assertThat(scene.log).contains("its monitor stayed stopped, and was killed");
            assertThat(scene.kernel.holdings()).isEqualTo(holdings);
            scene.ports.monitors().look();
            assertThat(scene.kernel.launcher().plans()).hasSize(2);
        }
    }

    @Test
    void a_stopped_monitor_is_woken_to_record_the_end() throws Exception {
        try (Scene scene = new Scene(directory, Plans.web(directory))) {
            scene.running();
            scene.kernel.processes().stopMonitor(ID, true);
            scene.kernel.processes().exit(ID, 3);
            scene.expect(State.STARTING);
            scene.exec();
            scene.pass(Duration.ofSeconds(1));
            assertThat(scene.running().lastExit())
                    .hasValueSatisfying(exit -> assertThat(exit.code()).contains(3));
        }
    }

    @Test
    void a_monitor_that_writes_nothing_is_waited_for_two_seconds_and_then_killed() throws Exception {
        try (Scene scene = new Scene(directory, Plans.web(directory))) {
            scene.running();
            scene.kernel.processes().monitorsWait(true);
            scene.kernel.processes().exit(ID, 3);
            scene.expect(State.STARTING);
            scene.exec();
            scene.pass(Duration.ofSeconds(1));
            scene.exec();
            scene.pass(Duration.ofSeconds(1));
            assertThat(scene.running().lastExit())
                    .hasValueSatisfying(exit -> assertThat(exit.reason()).contains("ended without a record of how"));
            assertThat(scene.kernel.holdings().stream().filter(s -> s.startsWith("monitor")))
                    .hasSize(1);
        }
    }

    @Test
    void a_step_that_fails_is_taken_back_and_tried_again_with_a_growing_pause() throws Exception {
        try (Scene scene = new Scene(directory, Plans.web(directory), List.of(), false)) {
            scene.kernel.effects().refuse("attach");
            scene.executor.letLoose();
            assertThat(scene.await(State.BACKOFF).nextRetryAt())
                    .contains(scene.ports.clock().instant().plusSeconds(1));
            assertThat(scene.kernel.holdings()).isEmpty();
            scene.pass(Duration.ofSeconds(1));
            assertThat(scene.await(State.BACKOFF).nextRetryAt())
                    .contains(scene.ports.clock().instant().plusSeconds(2));
            scene.kernel.effects().mend();
            scene.pass(Duration.ofSeconds(2));
            scene.running();
        }
    }

    @Test
    void what_can_not_be_taken_away_is_stuck_and_tried_until_it_goes() throws Exception {
        try (Scene scene = new Scene(directory, Plans.web(directory))) {
            scene.running();
            scene.kernel.effects().refuse("remove layer");
            scene.supervisor.tell(new Reap());
            scene.expect(State.STOPPING);
            for (int i = 0; i < 5; i++) {
                scene.exec();
                scene.exec();
                scene.pass(Duration.ofSeconds(1));
            }
            assertThat(scene.await(State.STUCK).failure())
                    .hasValueSatisfying(why -> assertThat(why).contains("layer"));
            assertThat(scene.ledger.entries().entries()).hasSize(1);
            scene.kernel.effects().mend();
            scene.pass(Duration.ofSeconds(60));
            scene.awaitReaped();
            assertNothingLeft(scene);
        }
    }

    @Test
    void an_exec_is_refused_while_no_init_lives() throws Exception {
        try (Scene scene = new Scene(directory, Plans.web(directory), List.of(), false)) {
            scene.expect(State.PENDING);
            assertThat(scene.exec())
                    .isInstanceOfSatisfying(
                            ExecRefused.class,
                            refused -> assertThat(refused.refusal())
                                    .isInstanceOfSatisfying(
                                            Refusal.Conflict.class,
                                            conflict ->
                                                    assertThat(conflict.code()).isEqualTo("sandbox-not-running")));
        }
    }

    @Test
    void a_job_that_does_not_end_shows_as_stuck() throws Exception {
        try (Scene scene = new Scene(directory, Plans.web(directory), List.of(), false)) {
            scene.expect(State.PENDING);
            scene.executor.awaitJob();
            scene.exec();
            scene.pass(Duration.ofSeconds(30));
            assertThat(scene.await(State.STUCK).failure()).contains("putting it up has taken longer than 30 s");
            scene.executor.letLoose();
            scene.running();
        }
    }

    @Test
    void a_stuck_job_is_waited_for_whatever_else_is_wanted_meanwhile() throws Exception {
        try (Scene scene = new Scene(directory, Plans.web(directory), List.of(), false)) {
            scene.expect(State.PENDING);
            scene.executor.awaitJob();
            scene.exec();
            scene.pass(Duration.ofSeconds(20));
            scene.supervisor.tell(new Reap());
            scene.exec();
            scene.pass(Duration.ofSeconds(10));
            scene.await(State.STUCK);
            scene.pass(Duration.ofMinutes(5));
            scene.exec();
            scene.executor.crank();
            assertThat(scene.kernel.launcher().plans()).isEmpty();
            scene.executor.letLoose();
            scene.awaitReaped();
            assertNothingLeft(scene);
        }
    }

    @Test
    void a_job_behind_a_stuck_one_does_not_make_it_look_well() throws Exception {
        try (Scene scene = new Scene(directory, Plans.web(directory))) {
            scene.kernel.processes().heedTerm(false);
            scene.running();
            scene.awaitRecorded();
            scene.executor.hold();
            scene.supervisor.tell(new Reap()); // signals, and kills when the time to stop is over
            scene.expect(State.STOPPING);
            scene.executor.awaitJob();
            for (int i = 0; i < 5; i++) {
                scene.pass(Duration.ofSeconds(10));
                scene.exec();
            }
            assertThat(scene.await(State.STUCK).failure()).contains("signalling has taken longer than 30 s");
            scene.executor.letLoose();
            scene.awaitReaped();
            assertNothingLeft(scene);
        }
    }

    @Test
    void a_sandbox_that_runs_says_nothing_of_jobs_that_are_over() throws Exception {
        try (Scene scene = new Scene(directory, Plans.web(directory))) {
            scene.running();
            scene.pass(Duration.ofSeconds(31));
            scene.supervisor.tell(new Restart());
            scene.expect(State.STOPPING);
            assertThat(scene.log).noneMatch(line -> line.contains("takes long"));
        }
    }

    private static void assertNothingLeft(Scene scene) throws Exception {
        assertThat(scene.kernel.holdings()).isEmpty();
        assertThat(scene.ledger.entries().entries()).isEmpty();
    }
}
