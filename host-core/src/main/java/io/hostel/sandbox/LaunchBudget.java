package io.hostel.sandbox;

import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.javadsl.AbstractBehavior;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.Behaviors;
import akka.actor.typed.javadsl.Receive;
import akka.actor.typed.javadsl.TimerScheduler;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;

/**
 * Bounds how many launches are under way on the whole host, so that a hundred sandboxes that end at once leave the API as
 * fast as it was. Deploys go before first restarts, those before restarts out of a crash loop, and the latter are also bound
 * to a rate.
 *
 * <p>Contract: each {@link Ask} is answered by one {@link Granted}, unless {@link Done} comes first, which takes the question
 * back; after Granted, Done gives the permit back. An asker that stops gives back what it has. Done without either is
 * harmless. A launch that takes very long waits for something else than a core: its permit goes to another.
 */
public final class LaunchBudget extends AbstractBehavior<LaunchBudget.Command> {

    public sealed interface Command {}

    /** @param asker whose permit it is: one at a time */
    public record Ask(Priority priority, ActorRef<?> asker, ActorRef<Granted> replyTo) implements Command {}

    public record Done(ActorRef<?> asker) implements Command {}

    private record AskerStopped(ActorRef<?> asker) implements Command {}

    /** The asker is watched on: it has still to say that it is done. */
    private record Overdue(ActorRef<?> asker) implements Command {}

    private record NextCrashLoop() implements Command {}

    public record Granted() {}

    /** In the order of precedence. */
    public enum Priority {
        DEPLOY,
        RESTART,
        CRASH_LOOP
    }

    /**
     * @param permits launches under way at a time, at least 1
     * @param crashLoopsPerSecond launches out of a crash loop, at least 1
     */
    public record Limits(int permits, int crashLoopsPerSecond) {
        /** Two launches per core, five crash-looping ones a second per core. */
        public static Limits of(int cores) {
            return new Limits(Math.max(2, 2 * cores), Math.max(5, 5 * cores));
        }
    }

    /** Where measurements go; must not block. */
    public interface Gauges {
        Gauges NONE = new Gauges() {
            @Override
            public void waiting(Priority priority, int askers) {}

            @Override
            public void granted(Priority priority, Duration waited) {}
        };

        void waiting(Priority priority, int askers);

        void granted(Priority priority, Duration waited);
    }

    private record Waiting(Ask ask, Instant since) {}

    private static final String PAUSE = "crash-loop pause";
    /** Of a launch with a permit. */
    static final Duration OVERDUE = Duration.ofSeconds(10);

    private final TimerScheduler<Command> timers;
    private final Limits limits;
    private final Gauges gauges;
    private final Clock clock;
    private final Map<Priority, Deque<Waiting>> queues = new EnumMap<>(Priority.class);
    private final Map<ActorRef<?>, Priority> granted = new HashMap<>();

    public static Behavior<Command> create(Limits limits, Gauges gauges, Clock clock) {
        return Behaviors.setup(
                context -> Behaviors.withTimers(timers -> new LaunchBudget(context, timers, limits, gauges, clock)));
    }

    private LaunchBudget(
            ActorContext<Command> context, TimerScheduler<Command> timers, Limits limits, Gauges gauges, Clock clock) {
        super(context);
        this.timers = timers;
        this.limits = limits;
        this.gauges = gauges;
        this.clock = clock;
        for (Priority priority : Priority.values()) {
            queues.put(priority, new ArrayDeque<>());
        }
    }

    @Override
    public Receive<Command> createReceive() {
        return newReceiveBuilder()
                .onMessage(Ask.class, this::onAsk)
                .onMessage(Done.class, m -> onDone(m.asker()))
                .onMessage(AskerStopped.class, m -> onDone(m.asker()))
                .onMessage(Overdue.class, m -> onOverdue(m.asker()))
                .onMessage(NextCrashLoop.class, m -> serve())
                .build();
    }

    private Behavior<Command> onAsk(Ask ask) {
        withdraw(ask.asker());
        getContext().watchWith(ask.asker(), new AskerStopped(ask.asker()));
        queue(ask.priority()).addLast(new Waiting(ask, clock.instant()));
        return serve();
    }

    private Behavior<Command> onDone(ActorRef<?> asker) {
        withdraw(asker);
        getContext().unwatch(asker);
        return serve();
    }

    private Behavior<Command> onOverdue(ActorRef<?> asker) {
        granted.remove(asker);
        return serve();
    }

    private void withdraw(ActorRef<?> asker) {
        timers.cancel(asker);
        granted.remove(asker);
        queues.values().forEach(queue -> queue.removeIf(w -> w.ask().asker().equals(asker)));
    }

    private Behavior<Command> serve() {
        for (Priority priority : Priority.values()) {
            while (granted.size() < limits.permits() && mayServe(priority)) {
                grant(priority, queue(priority).removeFirst());
            }
            gauges.waiting(priority, queue(priority).size());
        }
        return this;
    }

    private boolean mayServe(Priority priority) {
        return !queue(priority).isEmpty() && !(priority == Priority.CRASH_LOOP && timers.isTimerActive(PAUSE));
    }

    private void grant(Priority priority, Waiting next) {
        ActorRef<?> asker = next.ask().asker();
        granted.put(asker, priority);
        timers.startSingleTimer(asker, new Overdue(asker), OVERDUE);
        next.ask().replyTo().tell(new Granted());
        gauges.granted(priority, Duration.between(next.since(), clock.instant()));
        if (priority == Priority.CRASH_LOOP) {
            timers.startSingleTimer(
                    PAUSE, new NextCrashLoop(), Duration.ofSeconds(1).dividedBy(limits.crashLoopsPerSecond()));
        }
    }

    private Deque<Waiting> queue(Priority priority) {
        return queues.getOrDefault(priority, new ArrayDeque<>());
    }
}
