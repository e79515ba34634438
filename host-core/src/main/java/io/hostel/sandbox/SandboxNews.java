package io.hostel.sandbox;

import akka.actor.typed.ActorRef;
import io.hostel.api.ExecOutcome;
import io.hostel.resource.Leftover;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;

/**
 * What a supervisor tells itself: ends of its own jobs, deaths, timers. Those that speak of a launch carry its number, so that
 * what comes late is told from what matters; timers that were cancelled are not heard of again.
 */
sealed interface SandboxNews extends SandboxSupervisor.Command {

    /** @param asked which question it answers */
    record Granted(int asked) implements SandboxNews {}

    record Stood(Outcome<SandboxJobs.Started> outcome) implements SandboxNews {}

    record LaunchMade(Outcome<SandboxJobs.Watched> outcome) implements SandboxNews {}

    record Adopted(Outcome<SandboxJobs.Adoption> outcome) implements SandboxNews {}

    /** What is known by now is to be recorded. */
    record NoteDue() implements SandboxNews {}

    record Noted(Outcome<LedgerEntry> outcome) implements SandboxNews {}

    record Signalled(Outcome<Boolean> outcome) implements SandboxNews {}

    record RemainsRead(Outcome<SandboxJobs.Remains> outcome) implements SandboxNews {}

    record Mended(Outcome<List<String>> outcome, BiConsumer<SandboxPlan, List<String>> told) implements SandboxNews {}

    record TakenBack(Outcome<List<Leftover>> outcome) implements SandboxNews {}

    /** News of one launch, which may be over when they come. */
    sealed interface OfLaunch extends SandboxNews {
        int launch();
    }

    /** The sandbox of a dead init has nobody left in it. */
    record Cleared(int launch, Outcome<Optional<SandboxJobs.Remains>> outcome) implements OfLaunch {}

    record InitExited(int launch) implements OfLaunch {}

    record MonitorExited(int launch) implements OfLaunch {}

    record MonitorStopped(int launch, StoppedMonitors.Found found) implements OfLaunch {}

    record Probed(int launch, Prober.Answer answer) implements OfLaunch {}

    record RanAWhile() implements SandboxNews {}

    record StartupOver() implements SandboxNews {}

    /** Why it has not answered in time, by where it listens. */
    record Looked(int launch, Outcome<String> why) implements OfLaunch {}

    /** It has no port to answer on, and has lived long enough. */
    record LivedOn() implements SandboxNews {}

    /** A pause is over: for a stop, a record, a retry; which one depends on the state. */
    record PauseOver() implements SandboxNews {}

    record Overdue(JobsInTurn.Job job) implements SandboxNews {}

    record ExecEnded(ActorRef<SandboxSupervisor.ExecReply> replyTo, Outcome<ExecOutcome> outcome)
            implements SandboxNews {}
}
