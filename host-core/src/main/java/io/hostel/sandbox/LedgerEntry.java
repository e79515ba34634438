package io.hostel.sandbox;

import io.hostel.api.LastExit;
import io.hostel.kernel.Cgroups;
import io.hostel.kernel.Launcher;
import java.time.Instant;
import java.util.Optional;

/**
 * What the ledger holds of one sandbox: enough for any daemon to take it over or take it back.
 *
 * @param launch number of the newest launch, from 1; 0 before the first. It is recorded before it is made.
 * @param over whether that launch is done with: it has ended, and the next one was decided on
 * @param launched init and monitor of that launch; absent while it is under way, or over
 * @param baseline what the cgroup had used when that launch was made
 * @param restarts how often PID 1 was started again
 * @param streak restarts in a row since it last stayed up; see {@link RestartSchedule}
 * @param startedAt of that launch
 * @param upSince the same by the clock that nobody sets; absent where an older daemon has started it
 * @param readyAt of that launch
 */
public record LedgerEntry(
        SandboxPlan plan,
        Phase phase,
        int launch,
        boolean over,
        Optional<Launcher.Launched> launched,
        Cgroups.Usage baseline,
        int restarts,
        int streak,
        Optional<Instant> startedAt,
        Optional<Instant> upSince,
        Optional<Instant> readyAt,
        Optional<LastExit> lastExit) {

    public enum Phase {
        /** The steps are under way: taken back before it is tried again. */
        APPLYING,
        /** All steps are made; the command runs, waits for a restart, or is being launched. */
        STANDING,
        /** On its way out: nothing is started any more. */
        REAPING
    }

    /** Before the first step. */
    public static LedgerEntry of(SandboxPlan plan) {
        Optional<Instant> never = Optional.empty();
        return new LedgerEntry(
                plan,
                Phase.APPLYING,
                0,
                true,
                Optional.empty(),
                Cgroups.Usage.NONE,
                0,
                0,
                never,
                never,
                never,
                Optional.empty());
    }

    /**
     * The same with its control group in its tenant's, where an earlier daemon has put it into the host's own. What it had used
     * there is not known to the new one.
     */
    public LedgerEntry below(String tenant) {
        SandboxPlan moved = plan.below(tenant);
        if (moved.equals(plan)) {
            return this;
        }
        return new LedgerEntry(
                moved,
                phase,
                launch,
                over,
                launched,
                Cgroups.Usage.NONE,
                restarts,
                streak,
                startedAt,
                upSince,
                readyAt,
                lastExit);
    }

    LedgerEntry in(Phase next) {
        return new LedgerEntry(
                plan, next, launch, over, launched, baseline, restarts, streak, startedAt, upSince, readyAt, lastExit);
    }

    /** Everything was taken back and begins anew; what is counted goes on, launches too: their news carry the number. */
    LedgerEntry anew() {
        return idle().in(Phase.APPLYING);
    }

    /** The next launch is about to be made. */
    LedgerEntry launching() {
        return launchNumbered(launch + 1, false);
    }

    LedgerEntry launched(Launcher.Launched made, Cgroups.Usage before, Instant at, Instant steady) {
        Optional<Instant> notYet = Optional.empty();
        return new LedgerEntry(
                plan,
                phase,
                launch,
                false,
                Optional.of(made),
                before,
                restarts,
                streak,
                Optional.of(at),
                Optional.of(steady),
                notYet,
                lastExit);
    }

    LedgerEntry ready(Instant at) {
        return new LedgerEntry(
                plan,
                phase,
                launch,
                over,
                launched,
                baseline,
                restarts,
                streak,
                startedAt,
                upSince,
                Optional.of(at),
                lastExit);
    }

    LedgerEntry exited(LastExit exit) {
        LedgerEntry ended = launchNumbered(launch, true);
        return new LedgerEntry(
                plan,
                phase,
                launch,
                true,
                ended.launched,
                baseline,
                restarts,
                streak,
                startedAt,
                upSince,
                ended.readyAt,
                Optional.of(exit));
    }

    /** It will be started again. */
    LedgerEntry restarting(int newStreak) {
        return new LedgerEntry(
                plan,
                phase,
                launch,
                over,
                launched,
                baseline,
                restarts + 1,
                newStreak,
                startedAt,
                upSince,
                readyAt,
                lastExit);
    }

    /** Nothing is under way in it, whatever was. */
    LedgerEntry idle() {
        return launchNumbered(launch, true);
    }

    /** Somebody asked for a start: earlier restarts are forgiven. */
    LedgerEntry forgiven() {
        return new LedgerEntry(
                plan, phase, launch, over, launched, baseline, restarts, 0, startedAt, upSince, readyAt, lastExit);
    }

    private LedgerEntry launchNumbered(int number, boolean isOver) {
        return new LedgerEntry(
                plan,
                phase,
                number,
                isOver,
                Optional.empty(),
                baseline,
                restarts,
                streak,
                startedAt,
                upSince,
                Optional.empty(),
                lastExit);
    }
}
