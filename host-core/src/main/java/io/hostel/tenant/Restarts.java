package io.hostel.tenant;

import akka.actor.typed.ActorRef;
import io.hostel.sandbox.SandboxSupervisor;
import java.net.Inet4Address;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The restart of an app: one sandbox after the other leaves the balance, is restarted and answers again before the next one's
 * turn. One that ran before and does not come back ends the round, so that the others go on serving. Confined to the app's
 * actor.
 */
final class Restarts {
    private final Deque<String> left = new ArrayDeque<>();
    private @Nullable String current;
    private boolean told;
    private boolean ranBefore;
    private Optional<Instant> startedBefore = Optional.empty();

    /** Calls {@link #over} when the time has passed. */
    interface Alarm {
        void set(String sandbox, Duration time);
    }

    private final Alarm alarm;
    private final Function<Placed, Duration> allowance;

    /** @param allowance how long a sandbox may take from the order to restart to its answering again */
    Restarts(Alarm alarm, Function<Placed, Duration> allowance) {
        this.alarm = alarm;
        this.allowance = allowance;
    }

    /** Begins a new round; the sandbox whose turn it is stays so, and has another turn at the end. */
    void begin(Collection<String> sandboxes) {
        left.clear();
        left.addAll(sandboxes);
    }

    boolean done() {
        return current == null && left.isEmpty();
    }

    /** Chooses whose turn it is, so that it leaves the balance. */
    void choose(Fleet fleet) {
        Placed turn = current == null ? null : fleet.get(current);
        if (turn != null && !gone(turn) && !back(turn)) {
            return;
        }
        if (turn != null) {
            turn.held = false;
        }
        current = null;
        while (current == null && !left.isEmpty()) {
            Placed next = fleet.get(left.remove());
            if (next != null && !gone(next)) {
                current = next.id;
                told = false;
                ranBefore = next.running();
                next.held = true;
                next.drainOver = false;
                alarm.set(next.id, allowance.apply(next));
            }
        }
    }

    /** Restarts it once nobody is led to it any more. */
    void go(Fleet fleet, Predicate<Inet4Address> ledTo) {
        Placed turn = current == null ? null : fleet.get(current);
        ActorRef<SandboxSupervisor.Command> supervisor = turn == null ? null : turn.supervisor;
        if (turn != null && supervisor != null && !told && Fleet.drained(turn, ledTo)) {
            told = true;
            startedBefore = turn.startedAt();
            supervisor.tell(new SandboxSupervisor.Restart());
        }
    }

    /** The time of a sandbox is over. */
    void over(String sandbox, Fleet fleet) {
        if (!sandbox.equals(current)) {
            return;
        }
        Placed turn = fleet.get(sandbox);
        if (turn != null) {
            turn.held = false;
        }
        current = null;
        if (ranBefore) {
            left.clear();
        }
    }

    private static boolean gone(Placed sandbox) {
        return sandbox.leaving || sandbox.supervisor == null;
    }

    private boolean back(Placed sandbox) {
        return told && sandbox.running() && !sandbox.startedAt().equals(startedBefore);
    }
}
