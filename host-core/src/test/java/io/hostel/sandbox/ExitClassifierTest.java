package io.hostel.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import io.hostel.api.LastExit;
import io.hostel.kernel.Cgroups.Usage;
import io.hostel.kernel.Launcher.Exit;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ExitClassifierTest {
    private static final Instant START = Instant.parse("2026-11-23T12:00:00Z");
    private static final Usage BEFORE = new Usage(0, 10, 1.0, 0, 2);
    private static final Usage AFTER = new Usage(0, 4096, 3.5, 0, 2);
    private static final Usage AFTER_ONE_OOM = new Usage(0, 4096, 3.5, 0, 3);
    private static final Usage AFTER_TWO_OOMS = new Usage(0, 4096, 3.5, 0, 4);

    @Test
    void a_code_is_told_with_times_and_memory_of_this_launch_alone() {
        LastExit exit = classify(code(3), Cause.OWN, AFTER);
        assertThat(exit)
                .isEqualTo(new LastExit(
                        Optional.of(3),
                        Optional.empty(),
                        false,
                        START.plusSeconds(2),
                        Optional.empty(),
                        2.0,
                        2.5,
                        4096));
    }

    @Test
    void a_signal_is_told_by_name() {
        assertThat(classify(signal(11, true), Cause.OWN, AFTER).signal()).contains("SIGSEGV");
        assertThat(classify(signal(35, true), Cause.OWN, AFTER).signal()).contains("SIGRTMIN+1");
    }

    @Test
    void sigkill_with_a_risen_counter_is_out_of_memory() {
        assertThat(classify(signal(9, true), Cause.OWN, AFTER_ONE_OOM).oom()).isTrue();
    }

    @Test
    void sigkill_without_a_risen_counter_is_not() {
        assertThat(classify(signal(9, true), Cause.OWN, AFTER).oom()).isFalse();
    }

    @Test
    void a_child_that_was_out_of_memory_does_not_count_for_a_command_that_ended_otherwise() {
        assertThat(classify(code(1), Cause.OWN, AFTER_ONE_OOM).oom()).isFalse();
        assertThat(classify(signal(15, true), Cause.OWN, AFTER_ONE_OOM).oom()).isFalse();
    }

    @Test
    void our_own_kill_is_never_out_of_memory() {
        assertThat(classify(signal(9, true), Cause.STOPPED, AFTER_ONE_OOM).oom())
                .isFalse();
    }

    @Test
    void init_killed_along_with_the_command_is_out_of_memory_of_the_whole_group() {
        LastExit exit = classify(signal(9, false), Cause.OWN, AFTER_TWO_OOMS);
        assertThat(exit.oom()).isTrue();
        assertThat(exit.reason()).isEmpty();
    }

    @Test
    void init_killed_after_a_child_was_out_of_memory_is_not() {
        LastExit exit = classify(signal(9, false), Cause.OWN, AFTER_ONE_OOM);
        assertThat(exit.oom()).isFalse();
        assertThat(exit.reason()).contains("its init was killed from outside");
    }

    @Test
    void what_we_did_is_the_reason() {
        assertThat(classify(signal(15, true), Cause.STOPPED, AFTER).reason()).contains("stopped by the host");
        assertThat(classify(signal(15, true), Cause.failedHealth("it answers 503"), AFTER)
                        .reason())
                .contains("failed health: it answers 503");
        assertThat(classify(Optional.empty(), Cause.LOST_MONITOR, AFTER).reason())
                .contains("lost its monitor");
    }

    @Test
    void a_monitor_that_ended_after_writing_was_not_lost() {
        assertThat(classify(code(0), Cause.LOST_MONITOR, AFTER).reason()).isEmpty();
    }

    @Test
    void without_a_record_it_ended_when_we_noticed() {
        LastExit exit = classify(Optional.empty(), Cause.OWN, AFTER);
        assertThat(exit.at()).isEqualTo(START.plusSeconds(5));
        assertThat(exit.wallSeconds()).isEqualTo(5.0);
        assertThat(exit.reason()).contains("ended without a record of how");
    }

    @Test
    void a_record_from_before_the_start_is_not_believed() {
        Exit stale = new Exit(Optional.of(0), Optional.empty(), true, START.minusSeconds(9), Optional.empty());
        assertThat(classify(Optional.of(stale), Cause.OWN, AFTER).at()).isEqualTo(START.plusSeconds(5));
    }

    @Test
    void counters_that_went_backwards_count_nothing() {
        assertThat(classify(code(0), Cause.OWN, Usage.NONE).cpuSeconds()).isZero();
    }

    private static Optional<Exit> code(int code) {
        return Optional.of(new Exit(Optional.of(code), Optional.empty(), true, START.plusSeconds(2), Optional.empty()));
    }

    private static Optional<Exit> signal(int signal, boolean ofCommand) {
        return Optional.of(new Exit(Optional.empty(), Optional.of(signal), ofCommand, START.plusSeconds(2), Optional.empty()));
    }

    private static LastExit classify(Optional<Exit> exit, Cause cause, Usage after) {
        return ExitClassifier.classify(
                new ExitClassifier.Ending(exit, cause, BEFORE, after, START, START.plusSeconds(5)));
    }
}
