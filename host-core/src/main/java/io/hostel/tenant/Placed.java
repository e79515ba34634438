package io.hostel.tenant;

import akka.actor.typed.ActorRef;
import io.hostel.api.LastExit;
import io.hostel.api.SandboxView.State;
import io.hostel.sandbox.SandboxStatus;
import io.hostel.sandbox.SandboxSupervisor;
import io.hostel.store.DesiredState.StoredEnded;
import java.net.Inet4Address;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A sandbox as its app sees it. Confined to the app's actor. */
final class Placed {
    final String id;
    final Slot slot;
    final long order;
    final Optional<Inet4Address> address;
    private final Optional<StoredEnded> ended;

    /** Null once it has ended and been taken away, or between two supervisors. */
    @Nullable
    ActorRef<SandboxSupervisor.Command> supervisor;

    /** Null until the supervisor has said a word. */
    @Nullable
    SandboxStatus status;

    /** What it takes of what the tenant may have; null once nothing is left of it. */
    Standing.@Nullable Place place;

    /** Not wanted any more: it leaves the balance, then it is reaped. */
    boolean leaving;

    /** Held out of the balance for a restart. */
    boolean held;

    /** Its time to leave the balance is over. */
    boolean drainOver;

    boolean reapTold;

    /** The supervisor has said that nothing is left of it. */
    boolean reaped;

    Placed(String id, Slot slot, long order, Optional<Inet4Address> address) {
        this(id, slot, order, address, Optional.empty());
    }

    /** One of an earlier daemon's time of which only this is left. */
    Placed(StoredEnded ended, long order) {
        this(ended.sandbox(), new Slot(ended.release(), ended.process()), order, Optional.empty(), Optional.of(ended));
        this.reaped = true;
    }

    private Placed(String id, Slot slot, long order, Optional<Inet4Address> address, Optional<StoredEnded> ended) {
        this.id = id;
        this.slot = slot;
        this.order = order;
        this.address = address;
        this.ended = ended;
    }

    State state() {
        SandboxStatus s = status;
        return ended.isPresent() ? State.ENDED : s == null ? State.PENDING : s.state();
    }

    boolean running() {
        return state() == State.RUNNING && !leaving;
    }

    /** Whether people may count on it: one that runs again and again for a moment is not. */
    boolean counts() {
        return running() && !said().map(s -> s.proof().failing()).orElse(false);
    }

    boolean serving() {
        return running() && !held;
    }

    Optional<SandboxStatus> said() {
        return Optional.ofNullable(status);
    }

    Optional<Instant> startedAt() {
        return said().flatMap(SandboxStatus::startedAt).or(() -> ended.flatMap(StoredEnded::startedAt));
    }

    Optional<Instant> readyAt() {
        return said().flatMap(SandboxStatus::readyAt).or(() -> ended.flatMap(StoredEnded::readyAt));
    }

    Optional<LastExit> lastExit() {
        return said().flatMap(SandboxStatus::lastExit).or(() -> ended.flatMap(StoredEnded::lastExit));
    }

    int restarts() {
        return said().map(SandboxStatus::restarts)
                .orElse(ended.map(StoredEnded::restarts).orElse(0));
    }

    /** Whether a command may be executed in it. */
    boolean alive() {
        State state = state();
        return supervisor != null
                && said().flatMap(SandboxStatus::launched).isPresent()
                && (state == State.RUNNING || state == State.UNHEALTHY || state == State.STARTING);
    }

    /** Nothing of it is left but what is told of it. */
    boolean over() {
        return reaped && state() == State.ENDED;
    }

    Placement.Present present() {
        return new Placement.Present(id, slot, order, leaving);
    }

    Rollout.Member member() {
        return new Rollout.Member(
                id,
                slot.process(),
                state(),
                lastExit(),
                said().flatMap(SandboxStatus::launched).isPresent(),
                said().flatMap(SandboxStatus::failure),
                said().map(SandboxStatus::proof));
    }
}
