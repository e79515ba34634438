package io.hostel.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import io.hostel.fake.FakeKernel;
import io.hostel.kernel.KernelException;
import io.hostel.resource.FaultPoint;
import io.hostel.resource.Leftover;
import io.hostel.resource.Step;
import io.hostel.resource.StepRunner;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SandboxStepsTest {
    private final FakeKernel kernel = new FakeKernel();
    private final StepRunner runner = new StepRunner(FaultPoint.INERT, StepRunner.Timing.NONE);

    @TempDir
    Path directory;

    private List<Step> steps = List.of();

    @BeforeEach
    void plan() {
        Plans.groups(kernel.cgroups());
        steps = SandboxSteps.of(Plans.web(directory), 1, kernel);
    }

    @Test
    void reverting_what_was_applied_leaves_the_machine_as_it_was() {
        runner.apply(steps);
        assertThat(kernel.holdings()).hasSize(9);
        assertThat(runner.revert(steps)).isEmpty();
        assertThat(kernel.holdings()).isEmpty();
        assertThat(Files.exists(directory.resolve("run/launches/a7h3k9m2p4qx"))).isFalse();
    }

    @Test
    void applying_twice_equals_once() {
        runner.apply(steps);
        List<String> once = kernel.holdings();
        assertThat(runner.apply(steps)).isEqualTo(new StepRunner.Applied());
        assertThat(kernel.holdings()).isEqualTo(once);
    }

    @Test
    void reverting_what_is_absent_succeeds() {
        assertThat(runner.revert(steps)).isEmpty();
        assertThat(kernel.holdings()).isEmpty();
    }

    @Test
    void each_step_alone_is_idempotent_both_ways() throws KernelException {
        for (Step step : steps) {
            step.apply();
            List<String> once = kernel.holdings();
            step.apply();
            assertThat(kernel.holdings()).as(step.name()).isEqualTo(once);
        }
        for (int i = steps.size() - 1; i >= 0; i--) {
            steps.get(i).revert();
            List<String> once = kernel.holdings();
            steps.get(i).revert();
            assertThat(kernel.holdings()).as(steps.get(i).name()).isEqualTo(once);
        }
    }

    @Test
    void whichever_effect_fails_the_machine_is_as_before() {
        int effects = effects();
        assertThat(effects).isEqualTo(11);
        for (int k = 0; k < effects; k++) {
            kernel.effects().failAt(k);
            assertThat(runner.apply(steps))
                    .isInstanceOfSatisfying(
                            StepRunner.Failed.class,
                            failed -> assertThat(failed.leftovers()).isEmpty());
            assertThat(kernel.holdings()).as("effect %s", k).isEmpty();
        }
    }

    @Test
    void whichever_effect_is_made_and_fails_all_the_same_the_machine_is_as_before() {
        int effects = effects();
        for (int k = 0; k < effects; k++) {
            kernel.effects().failAfter(k);
            assertThat(runner.apply(steps)).isInstanceOf(StepRunner.Failed.class);
            assertThat(kernel.holdings()).as("effect %s", k).isEmpty();
        }
    }

    @Test
    void a_revert_that_fails_keeps_the_others_from_nothing_and_is_left_over() {
        runner.apply(steps);
        kernel.effects().refuse("remove layer");
        assertThat(runner.revert(steps)).extracting(Leftover::step).containsExactly("layer");
        assertThat(kernel.holdings()).hasSize(1).allMatch(held -> held.startsWith("layer"));
        kernel.effects().mend();
        assertThat(runner.revert(steps)).isEmpty();
        assertThat(kernel.holdings()).isEmpty();
    }

    @Test
    void on_the_way_out_the_filter_closes_before_anything_else_goes() {
        runner.apply(steps);
        kernel.effects().failAt(-1);
        runner.revert(steps);
        assertThat(kernel.effects().journal())
                .containsExactly(
                        "expel hs-a7h3k9m2p4qx",
                        "give back 10.77.1.5",
                        "unready a7h3k9m2p4qx",
                        "kill cgroup t-3/hs-a7h3k9m2p4qx",
                        "remove cgroup t-3/hs-a7h3k9m2p4qx",
                        "remove layer a7h3k9m2p4qx",
                        "remove netns a7h3k9m2p4qx");
    }

    @Test
    void a_veth_without_a_pinned_namespace_is_taken_away_by_name() {
        runner.revert(steps);
        assertThat(kernel.effects().journal()).contains("detach hs-a7h3k9m2p4qx");
    }

    private int effects() {
        kernel.effects().failAt(-1);
        runner.apply(steps);
        int count = kernel.effects().journal().size();
        runner.revert(steps);
        return count;
    }
}
