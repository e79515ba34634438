package io.hostel.sandbox;

import akka.actor.typed.ActorSystem;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Bounds how many launches are under way on the whole host, so that a hundred sandboxes that end at once leave the API as
 * fast as it was. Deploys go before first restarts, those before restarts out of a crash loop. Restarts leave a core free, and
 * those out of a crash loop are also bound to a rate. A launch that hangs does not keep its permit for ever.
 *
 * <p>No actor, since a launch that may begin at once shall: its lock is held for microseconds. Whoever has asked must say
 * {@link #done} in the end, also where it breaks.
 */
public final class LaunchBudget {

    /** Runs something later, once. */
    interface Alarm {
        /** @return takes it back */
        Runnable after(Duration time, Runnable what);
    }

    /** In the order of precedence. */
    public enum Priority {
        DEPLOY,
        RESTART,
        CRASH_LOOP
    }

    /**
     * @param permits launches under way at a time, at least 1
     * @param restarts how many of these may be no deploys, at least 1
     * @param crashLoopsPerSecond launches out of a crash loop, at least 1; after a second without any, so many at once
     */
    public record Limits(int permits, int restarts, int crashLoopsPerSecond) {
        /** Two launches per core, restarts on all cores but one, five crash-looping ones a second per core. */
        public static Limits of(int cores) {
            return new Limits(Math.max(2, 2 * cores), Math.max(1, cores - 1), Math.max(5, 5 * cores));
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

    /** @param granted called once it may launch */
    private record Waiting(Priority priority, Object asker, Runnable granted, Instant since) {}

    private static final class Permit {
        final Priority priority;
        Runnable unset = () -> {};

        Permit(Priority priority) {
            this.priority = priority;
        }
    }

    /** Many times what a launch takes on a busy machine. */
    static final Duration OVERDUE = Duration.ofSeconds(10);

    private final Limits limits;
    private final Gauges gauges;
    private final Clock clock;
    private final Alarm alarm;
    private final Map<Priority, Deque<Waiting>> queues = new EnumMap<>(Priority.class);
    private final Map<Object, Permit> permits = new HashMap<>();
    /** Crash loops that may start now. */
    private int crashLoops;

    private boolean refilling;

    /** With the actor system's timers. */
    public static LaunchBudget of(ActorSystem<?> system, Limits limits, Gauges gauges, Clock clock) {
        return new LaunchBudget(
                limits,
                gauges,
                clock,
                (time, what) -> system.scheduler().scheduleOnce(time, what, system.executionContext())::cancel);
    }

    LaunchBudget(Limits limits, Gauges gauges, Clock clock, Alarm alarm) {
        this.limits = limits;
        this.gauges = gauges;
        this.clock = clock;
        this.alarm = alarm;
        this.crashLoops = limits.crashLoopsPerSecond();
        for (Priority priority : Priority.values()) {
            queues.put(priority, new ArrayDeque<>());
        }
    }

    /**
     * Asks for a permit; what was asked or granted before is given back.
     *
     * @param asker whose permit it is: one at a time
     * @param granted called once it may launch, on any thread, unless {@link #done} comes first; must not block
     * @return whether it may at once; then {@code granted} is not called
     */
    public boolean ask(Priority priority, Object asker, Runnable granted) {
        List<Waiting> now;
        boolean atOnce;
        synchronized (this) {
            withdraw(asker);
            queue(priority).addLast(new Waiting(priority, asker, granted, clock.instant()));
            now = serve();
            atOnce = now.removeIf(w -> w.asker().equals(asker));
        }
        tell(now);
        return atOnce;
    }

    /** As {@link #ask}; but where it may not at once, nothing is asked. */
    public boolean askForNow(Priority priority, Object asker) {
        boolean granted = ask(priority, asker, () -> {});
        if (!granted) {
            done(asker);
        }
        return granted;
    }

    /** Takes a question back, or gives a permit back; harmless where there is neither. */
    public void done(Object asker) {
        List<Waiting> now;
        synchronized (this) {
            withdraw(asker);
            now = serve();
        }
        tell(now);
    }

    /** Its launch goes on, beside the others' instead of in their place. */
    private void overdue(Object asker, Permit permit) {
        List<Waiting> now;
        synchronized (this) {
            permits.remove(asker, permit);
            now = serve();
        }
        tell(now);
    }

    private void oneMoreCrashLoop() {
        List<Waiting> now;
        synchronized (this) {
            refilling = false;
            crashLoops++;
            if (crashLoops < limits.crashLoopsPerSecond()) {
                refill();
            }
            now = serve();
        }
        tell(now);
    }

    private void refill() {
        refilling = true;
        alarm.after(Duration.ofSeconds(1).dividedBy(limits.crashLoopsPerSecond()), this::oneMoreCrashLoop);
    }

    private void withdraw(Object asker) {
        Permit permit = permits.remove(asker);
        if (permit != null) {
            permit.unset.run();
        } else {
            queues.values().forEach(queue -> queue.removeIf(w -> w.asker().equals(asker)));
        }
    }

    /** @return who has just been granted a permit, to be told of it without the lock */
    private List<Waiting> serve() {
        List<Waiting> now = new ArrayList<>();
        for (Priority priority : Priority.values()) {
            while (permits.size() < limits.permits() && mayServe(priority)) {
                Waiting next = queue(priority).removeFirst();
                grant(next);
                now.add(next);
            }
            gauges.waiting(priority, queue(priority).size());
        }
        return now;
    }

    private static void tell(List<Waiting> granted) {
        granted.forEach(w -> w.granted().run());
    }

    private boolean mayServe(Priority priority) {
        if (queue(priority).isEmpty() || priority == Priority.CRASH_LOOP && crashLoops == 0) {
            return false;
        }
        return priority == Priority.DEPLOY
                || permits.values().stream()
                                .filter(p -> p.priority != Priority.DEPLOY)
                                .count()
                        < limits.restarts();
    }

    private void grant(Waiting next) {
        Permit permit = new Permit(next.priority());
        permits.put(next.asker(), permit);
        permit.unset = alarm.after(OVERDUE, () -> overdue(next.asker(), permit));
        gauges.granted(next.priority(), Duration.between(next.since(), clock.instant()));
        if (next.priority() == Priority.CRASH_LOOP) {
            crashLoops--;
            if (!refilling) {
                refill();
            }
        }
    }

    private Deque<Waiting> queue(Priority priority) {
        return queues.getOrDefault(priority, new ArrayDeque<>());
    }
}
