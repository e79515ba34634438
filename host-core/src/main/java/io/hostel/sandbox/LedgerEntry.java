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
 * @param launched init and monitor of that launch; absent while it is under way
 * @param baseline what the cgroup had used when that launch was made
 * @param restarts how often PID 1 was started again
 * @param streak restarts in a row since it last stayed up; see {@link RestartSchedule}
 * @param startedAt of that launch
 * @param readyAt of that launch
 */
public record LedgerEntry(
        SandboxPlan plan,
        Phase phase,
        int launch,
        Optional<Launcher.Launched> launched,
        Cgroups.Usage baseline,
        int restarts,
        int streak,
        Optional<Instant> startedAt,
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
        return new LedgerEntry(
                plan,
                Phase.APPLYING,
                0,
                Optional.empty(),
                Cgroups.Usage.NONE,
                0,
                0,
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }

    public LedgerEntry in(Phase next) {
        return new LedgerEntry(plan, next, launch, launched, baseline, restarts, streak, startedAt, readyAt, lastExit);
    }

    /** The next launch is about to be made. */
    public LedgerEntry launching() {
        return new LedgerEntry(
                plan,
                phase,
                launch + 1,
                Optional.empty(),
                baseline,
                restarts,
                streak,
                startedAt,
                Optional.empty(),
                lastExit);
    }

    public LedgerEntry launched(Launcher.Launched made, Cgroups.Usage before, Instant at) {
        return new LedgerEntry(
                plan,
                phase,
                launch,
                Optional.of(made),
                before,
                restarts,
                streak,
                Optional.of(at),
                Optional.empty(),
                lastExit);
    }

    public LedgerEntry ready(Instant at) {
        return new LedgerEntry(
                plan, phase, launch, launched, baseline, restarts, streak, startedAt, Optional.of(at), lastExit);
    }

    public LedgerEntry exited(LastExit exit) {
        return new LedgerEntry(
                plan,
                phase,
                launch,
                Optional.empty(),
                baseline,
                restarts,
                streak,
                startedAt,
                Optional.empty(),
                Optional.of(exit));
    }

    /** It will be started again. */
    public LedgerEntry restarting(int newStreak) {
        return new LedgerEntry(
                plan, phase, launch, launched, baseline, restarts + 1, newStreak, startedAt, readyAt, lastExit);
    }
}
