package io.hostel.sandbox;

import akka.actor.typed.ActorRef;
import io.hostel.api.LastExit;
import io.hostel.api.SandboxView.State;
import io.hostel.kernel.Launcher;
import io.hostel.sandbox.SandboxSupervisor.Changed;
import io.hostel.sandbox.SandboxSupervisor.Event;
import java.time.Instant;
import java.util.Optional;

/** What others see of a sandbox: the parent every change once, the sandbox's log a line for people. */
final class SandboxFace {
    private final SandboxPlan plan;
    private final HostLog hostLog;
    private final ActorRef<Event> parent;
    private Optional<SandboxStatus> shown = Optional.empty();
    private Optional<String> failure = Optional.empty();
    private Proof proof = Proof.NONE;

    SandboxFace(SandboxPlan plan, HostLog hostLog, ActorRef<Event> parent) {
        this.plan = plan;
        this.hostLog = hostLog;
        this.parent = parent;
    }

    void show(State state, LedgerEntry entry, Optional<Launcher.Launched> alive) {
        show(state, entry, alive, Optional.empty());
    }

    void showBackoff(Instant until, LedgerEntry entry) {
        show(State.BACKOFF, entry, Optional.empty(), Optional.of(until));
    }

    private void show(
            State state, LedgerEntry entry, Optional<Launcher.Launched> alive, Optional<Instant> nextRetryAt) {
        Optional<SandboxStatus> status = Optional.of(new SandboxStatus(
                plan,
                state,
                alive,
                entry.restarts(),
                entry.startedAt(),
                entry.readyAt(),
                entry.lastExit(),
                nextRetryAt,
                failure,
                proof));
        if (!status.equals(shown)) {
            shown = status;
            status.ifPresent(s -> parent.tell(new Changed(s)));
        }
    }

    /** Something went wrong: said once in the log, and part of what is shown until {@link #well()}. */
    void failed(String why) {
        if (!failure.equals(Optional.of(why))) {
            line(why);
        }
        failure = Optional.of(why);
    }

    Proof proof() {
        return proof;
    }

    /** Part of what is shown from now on. */
    void proof(Proof now) {
        proof = now;
    }

    void well() {
        failure = Optional.empty();
    }

    void monitorStopped(StoppedMonitors.Found found) {
        line(
                switch (found) {
                    case CONTINUED -> "its monitor was stopped, and has been continued";
                    case KILLED -> "its monitor stayed stopped, and was killed";
                });
        parent.tell(new SandboxSupervisor.MonitorStopped(plan, found));
    }

    void ended(LastExit exit) {
        String how = exit.code()
                .map(code -> "ended with exit code " + code)
                .or(() -> exit.signal().map(signal -> "ended by " + signal))
                .orElse("ended");
        line(how
                + (exit.oom() ? ", out of memory" : "")
                + exit.reason().map(r -> ": " + r).orElse(""));
    }

    void line(String text) {
        hostLog.line(plan, text);
    }
}
