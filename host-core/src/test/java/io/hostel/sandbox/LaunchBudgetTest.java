package io.hostel.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import akka.actor.testkit.typed.javadsl.ActorTestKit;
import akka.actor.testkit.typed.javadsl.ManualTime;
import io.hostel.sandbox.LaunchBudget.Priority;
import java.time.Clock;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LaunchBudgetTest {
    private final ActorTestKit kit = ActorTestKit.create(ManualTime.config());
    private final ManualTime time = ManualTime.get(kit.system());

    @AfterEach
    void end() {
        kit.shutdownTestKit();
    }

    @Test
    void no_more_are_granted_than_there_are_permits() {
        LaunchBudget budget = budget(2, 100);
        Asker first = ask(budget, Priority.DEPLOY);
        Asker second = ask(budget, Priority.DEPLOY);
        Asker third = ask(budget, Priority.DEPLOY);
        assertThat(first.granted).isOne();
        assertThat(second.granted).isOne();
        assertThat(third.granted).isZero();
        budget.done(first);
        assertThat(third.granted).isOne();
    }

    @Test
    void deploys_go_before_restarts_and_those_before_crash_loops() {
        LaunchBudget budget = budget(1, 100);
        Asker holder = ask(budget, Priority.DEPLOY);
        Asker loop = ask(budget, Priority.CRASH_LOOP);
        Asker restart = ask(budget, Priority.RESTART);
        Asker deploy = ask(budget, Priority.DEPLOY);
        assertThat(holder.granted).isOne();
        budget.done(holder);
        assertThat(deploy.granted).isOne();
        assertThat(restart.granted).isZero();
        budget.done(deploy);
        assertThat(restart.granted).isOne();
        assertThat(loop.granted).isZero();
        budget.done(restart);
        assertThat(loop.granted).isOne();
    }

    @Test
    void crash_loops_are_bound_to_a_rate_that_deploys_do_not_feel() {
        LaunchBudget budget = budget(100, 10);
        for (int i = 0; i < 10; i++) {
            assertThat(ask(budget, Priority.CRASH_LOOP).granted).isOne();
        }
        Asker next = ask(budget, Priority.CRASH_LOOP);
        Asker last = ask(budget, Priority.CRASH_LOOP);
        assertThat(ask(budget, Priority.DEPLOY).granted).isOne();
        assertThat(next.granted).isZero();
        time.timePasses(Duration.ofMillis(100));
        assertThat(next.granted).isOne();
        assertThat(last.granted).isZero();
        time.timePasses(Duration.ofMillis(100));
        assertThat(last.granted).isOne();
    }

    @Test
    void a_question_taken_back_is_not_answered_and_done_twice_is_harmless() {
        LaunchBudget budget = budget(1, 100);
        Asker holder = ask(budget, Priority.DEPLOY);
        Asker gone = ask(budget, Priority.DEPLOY);
        Asker last = ask(budget, Priority.RESTART);
        budget.done(gone);
        budget.done(gone);
        budget.done(holder);
        assertThat(last.granted).isOne();
        assertThat(gone.granted).isZero();
    }

    @Test
    void a_launch_that_takes_very_long_keeps_nobody_from_launching() {
        LaunchBudget budget = budget(1, 100);
        Asker stuck = ask(budget, Priority.DEPLOY);
        Asker second = ask(budget, Priority.DEPLOY);
        Asker third = ask(budget, Priority.DEPLOY);
        assertThat(stuck.granted).isOne();
        assertThat(second.granted).isZero();
        time.timePasses(LaunchBudget.OVERDUE);
        assertThat(second.granted).isOne();
        budget.done(stuck);
        assertThat(third.granted).isZero();
        budget.done(second);
        assertThat(third.granted).isOne();
    }

    @Test
    void a_permit_given_back_in_time_is_not_taken_for_overdue() {
        LaunchBudget budget = budget(1, 100);
        Asker first = ask(budget, Priority.DEPLOY);
        assertThat(first.granted).isOne();
        time.timePasses(LaunchBudget.OVERDUE.minusSeconds(1));
        budget.done(first);
        first.asks(budget, Priority.DEPLOY);
        assertThat(first.granted).isEqualTo(2);
        Asker next = ask(budget, Priority.DEPLOY);
        time.timePasses(Duration.ofSeconds(2));
        assertThat(next.granted).isZero();
    }

    @Test
    void the_limits_follow_the_cores() {
        assertThat(LaunchBudget.Limits.of(1)).isEqualTo(new LaunchBudget.Limits(2, 1, 5));
        assertThat(LaunchBudget.Limits.of(8)).isEqualTo(new LaunchBudget.Limits(16, 7, 40));
    }

    @Test
    void restarts_leave_permits_to_deploys() {
        LaunchBudget budget = budget(3, 1, 1000);
        Asker restart = ask(budget, Priority.RESTART);
        Asker another = ask(budget, Priority.RESTART);
        Asker loop = ask(budget, Priority.CRASH_LOOP);
        assertThat(restart.granted).isOne();
        assertThat(ask(budget, Priority.DEPLOY).granted).isOne();
        assertThat(ask(budget, Priority.DEPLOY).granted).isOne();
        assertThat(another.granted).isZero();
        budget.done(restart);
        assertThat(another.granted).isOne();
        assertThat(loop.granted).isZero();
        budget.done(another);
        assertThat(loop.granted).isOne();
    }

    private LaunchBudget budget(int permits, int crashLoopsPerSecond) {
        return budget(permits, permits, crashLoopsPerSecond);
    }

    private LaunchBudget budget(int permits, int restarts, int crashLoopsPerSecond) {
        return LaunchBudget.of(
                kit.system(),
                new LaunchBudget.Limits(permits, restarts, crashLoopsPerSecond),
                LaunchBudget.Gauges.NONE,
                Clock.systemUTC());
    }

    private static final class Asker {
        /** How often it was told that it may, at once or later. */
        int granted;

        Asker asks(LaunchBudget budget, Priority priority) {
            if (budget.ask(priority, this, () -> granted++)) {
                granted++;
            }
            return this;
        }
    }

    private static Asker ask(LaunchBudget budget, Priority priority) {
        return new Asker().asks(budget, priority);
    }
}
