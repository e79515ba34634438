package io.hostel.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import akka.actor.testkit.typed.javadsl.ActorTestKit;
import akka.actor.testkit.typed.javadsl.ManualTime;
import akka.actor.testkit.typed.javadsl.TestProbe;
import akka.actor.typed.ActorRef;
import akka.actor.typed.javadsl.Behaviors;
import io.hostel.sandbox.LaunchBudget.Ask;
import io.hostel.sandbox.LaunchBudget.Command;
import io.hostel.sandbox.LaunchBudget.Done;
import io.hostel.sandbox.LaunchBudget.Granted;
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
        ActorRef<Command> budget = budget(2, 100);
        TestProbe<Granted> first = ask(budget, Priority.DEPLOY);
        TestProbe<Granted> second = ask(budget, Priority.DEPLOY);
        TestProbe<Granted> third = ask(budget, Priority.DEPLOY);
        first.receiveMessage();
        second.receiveMessage();
        third.expectNoMessage(Duration.ZERO);
        budget.tell(new Done(first.ref()));
        third.receiveMessage();
    }

    @Test
    void deploys_go_before_restarts_and_those_before_crash_loops() {
        ActorRef<Command> budget = budget(1, 100);
        TestProbe<Granted> holder = ask(budget, Priority.DEPLOY);
        TestProbe<Granted> loop = ask(budget, Priority.CRASH_LOOP);
        TestProbe<Granted> restart = ask(budget, Priority.RESTART);
        TestProbe<Granted> deploy = ask(budget, Priority.DEPLOY);
        holder.receiveMessage();
        budget.tell(new Done(holder.ref()));
        deploy.receiveMessage();
        restart.expectNoMessage(Duration.ZERO);
        budget.tell(new Done(deploy.ref()));
        restart.receiveMessage();
        loop.expectNoMessage(Duration.ZERO);
        budget.tell(new Done(restart.ref()));
        loop.receiveMessage();
    }

    @Test
    void crash_loops_are_bound_to_a_rate_that_deploys_do_not_feel() {
        ActorRef<Command> budget = budget(100, 10);
        for (int i = 0; i < 10; i++) {
            ask(budget, Priority.CRASH_LOOP).receiveMessage();
        }
        TestProbe<Granted> next = ask(budget, Priority.CRASH_LOOP);
        TestProbe<Granted> last = ask(budget, Priority.CRASH_LOOP);
        ask(budget, Priority.DEPLOY).receiveMessage();
        next.expectNoMessage(Duration.ZERO);
        time.timePasses(Duration.ofMillis(100));
        next.receiveMessage();
        last.expectNoMessage(Duration.ZERO);
        time.timePasses(Duration.ofMillis(100));
        last.receiveMessage();
    }

    @Test
    void an_asker_that_stops_gives_its_permit_back() {
        ActorRef<Command> budget = budget(1, 100);
        ActorRef<String> asker = kit.spawn(Behaviors.receive(String.class)
                .onMessageEquals("stop", Behaviors::stopped)
                .build());
        TestProbe<Granted> reply = kit.createTestProbe();
        budget.tell(new Ask(Priority.DEPLOY, asker, reply.ref()));
        reply.receiveMessage();
        TestProbe<Granted> next = ask(budget, Priority.DEPLOY);
        asker.tell("stop");
        next.receiveMessage();
    }

    @Test
    void a_question_taken_back_is_not_answered_and_done_twice_is_harmless() {
        ActorRef<Command> budget = budget(1, 100);
        TestProbe<Granted> holder = ask(budget, Priority.DEPLOY);
        TestProbe<Granted> gone = ask(budget, Priority.DEPLOY);
        TestProbe<Granted> last = ask(budget, Priority.RESTART);
        budget.tell(new Done(gone.ref()));
        budget.tell(new Done(gone.ref()));
        budget.tell(new Done(holder.ref()));
        last.receiveMessage();
        gone.expectNoMessage(Duration.ZERO);
    }

    @Test
    void a_launch_that_takes_very_long_keeps_nobody_from_launching() {
        ActorRef<Command> budget = budget(1, 100);
        TestProbe<Granted> stuck = ask(budget, Priority.DEPLOY);
        TestProbe<Granted> second = ask(budget, Priority.DEPLOY);
        TestProbe<Granted> third = ask(budget, Priority.DEPLOY);
        stuck.receiveMessage();
        second.expectNoMessage(Duration.ZERO);
        time.timePasses(LaunchBudget.OVERDUE);
        second.receiveMessage();
        budget.tell(new Done(stuck.ref()));
        third.expectNoMessage(Duration.ZERO);
        budget.tell(new Done(second.ref()));
        third.receiveMessage();
    }

    @Test
    void a_permit_given_back_in_time_is_not_taken_for_overdue() {
        ActorRef<Command> budget = budget(1, 100);
        TestProbe<Granted> first = ask(budget, Priority.DEPLOY);
        first.receiveMessage();
        time.timePasses(LaunchBudget.OVERDUE.minusSeconds(1));
        budget.tell(new Done(first.ref()));
        budget.tell(new Ask(Priority.DEPLOY, first.ref(), first.ref()));
        first.receiveMessage();
        TestProbe<Granted> next = ask(budget, Priority.DEPLOY);
        time.timePasses(Duration.ofSeconds(2));
        next.expectNoMessage(Duration.ZERO);
    }

    @Test
    void the_limits_follow_the_cores() {
        assertThat(LaunchBudget.Limits.of(1)).isEqualTo(new LaunchBudget.Limits(2, 1, 5));
        assertThat(LaunchBudget.Limits.of(8)).isEqualTo(new LaunchBudget.Limits(16, 7, 40));
    }

    @Test
    void restarts_leave_permits_to_deploys() {
        ActorRef<Command> budget = budget(3, 1, 1000);
        TestProbe<Granted> restart = ask(budget, Priority.RESTART);
        TestProbe<Granted> another = ask(budget, Priority.RESTART);
        TestProbe<Granted> loop = ask(budget, Priority.CRASH_LOOP);
        restart.receiveMessage();
        ask(budget, Priority.DEPLOY).receiveMessage();
        ask(budget, Priority.DEPLOY).receiveMessage();
        another.expectNoMessage(Duration.ZERO);
        budget.tell(new Done(restart.ref()));
        another.receiveMessage();
        loop.expectNoMessage(Duration.ZERO);
        budget.tell(new Done(another.ref()));
        loop.receiveMessage();
    }

    private ActorRef<Command> budget(int permits, int crashLoopsPerSecond) {
        return budget(permits, permits, crashLoopsPerSecond);
    }

    private ActorRef<Command> budget(int permits, int restarts, int crashLoopsPerSecond) {
        return kit.spawn(LaunchBudget.create(
                new LaunchBudget.Limits(permits, restarts, crashLoopsPerSecond),
                LaunchBudget.Gauges.NONE,
                Clock.systemUTC()));
    }

    private TestProbe<Granted> ask(ActorRef<Command> budget, Priority priority) {
        TestProbe<Granted> asker = kit.createTestProbe();
        budget.tell(new Ask(priority, asker.ref(), asker.ref()));
        return asker;
    }
}
