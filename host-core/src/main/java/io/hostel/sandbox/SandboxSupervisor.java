package io.hostel.sandbox;

import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.javadsl.Behaviors;
import io.hostel.api.ExecOutcome;
import io.hostel.api.ExecRequest;
import io.hostel.api.Refusal;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;

/**
 * Owns one sandbox.
 *
 * <p>Contract with the parent:
 * <ol>
 *   <li>{@link Changed} follows every change of state, the first at once ({@code pending}, or what was adopted).
 *   <li>After {@link Reap} nothing is started any more; {@link Reaped} comes once, when no kernel object and no ledger entry of
 *       the sandbox is left; only then may its address be leased again. The actor stops with it.
 *   <li>Where the restart policy says the process is not to run again, the sandbox goes by itself: {@link Changed} with
 *       {@code ended}, then {@link Reaped}.
 *   <li>What cannot be taken away is retried for ever with a growing pause; the state is then {@code stuck}.
 *   <li>What is done to the machine is done in turn. A job that does not end shows as {@code stuck} after 30 s; nothing else is
 *       done to the sandbox until it has ended, and what it made counts then.
 *   <li>An exec is answered once: with its outcome, or at once with a refusal while no init lives.
 *   <li>{@link MonitorStopped} tells of a monitor that was found stopped. One that had to be killed for it takes its command
 *       along, which is then started again, as after any loss of a monitor.
 *   <li>Adopted from the ledger, it goes on with what it finds. A living init is watched and left alone, a dead one is
 *       followed by the restart policy in the same sandbox. What stands half, or has lost its namespace, is taken back and put
 *       up anew from the same plan. What was being reaped is reaped to the end, unasked.
 *   <li>Stopping the actor otherwise (the daemon ends) touches nothing: another adopts.
 * </ol>
 *
 * <pre>
 *   pending ─► applying ─► launching ─► probing ─► running ◄─► unhealthy        adopting ─► running, probing, pending …
 *      ▲          │            │           └──────────┴────┬───────┘
 *      │     notStanding       │               stopping ─► killing
 *      │                       │                      ▼
 *      └────── backoff ◄───────┴───── clearing ◄── exiting          any ─► reaping ─► (gone)
 * </pre>
 */
public final class SandboxSupervisor {

    private SandboxSupervisor() {}

    /**
     * @param adopted what the ledger holds of it, where an earlier daemon made it; empty for a new one
     * @param parent hears every {@link Event}
     */
    public static Behavior<Command> create(
            SandboxPlan plan, Optional<LedgerEntry> adopted, SandboxPorts ports, ActorRef<Event> parent) {
        return Behaviors.setup(context ->
                Behaviors.withTimers(timers -> new SandboxLife(context, timers, plan, ports, parent).begin(adopted)));
    }

    public sealed interface Command permits Reap, End, Restart, Exec, Mend, SandboxNews {}

    /** Stop the command (SIGTERM, stopTimeout, kill) and take the sandbox away. */
    public record Reap() implements Command {}

    /** Stop the command of a sandbox that is never started again: it has ended then, as if by itself. */
    public record End() implements Command {}

    /** Stop the command and start it again in the same sandbox; ends back-off. */
    public record Restart() implements Command {}

    /**
     * Something of the sandbox seems to have been taken away: put right what stands. One that is being put up or taken back is
     * left alone; what cannot be put right is put up anew.
     *
     * @param mended told what was amiss, if anything was; must not block
     */
    public record Mend(BiConsumer<SandboxPlan, List<String>> mended) implements Command {}

    public record Exec(ExecRequest request, ActorRef<ExecReply> replyTo) implements Command {}

    public sealed interface ExecReply {}

    public record Executed(ExecOutcome outcome) implements ExecReply {}

    public record ExecRefused(Refusal refusal) implements ExecReply {}

    public sealed interface Event {
        String sandbox();
    }

    public record Changed(SandboxStatus status) implements Event {
        @Override
        public String sandbox() {
            return status.plan().id();
        }
    }

    /** Its monitor was found stopped; nothing of what is shown changes by that. */
    public record MonitorStopped(SandboxPlan plan, StoppedMonitors.Found found) implements Event {
        @Override
        public String sandbox() {
            return plan.id();
        }
    }

    public record Reaped(String sandbox) implements Event {}
}
