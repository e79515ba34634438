package io.hostel.tenant;

import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.TimerScheduler;
import io.hostel.api.LogLine;
import io.hostel.api.ReleaseView;
import io.hostel.api.SandboxView.State;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.LongConsumer;

/**
 * Watches over the release that is being deployed until it is recorded as live or failed. Confined to the app's actor.
 */
final class Decision {
    private static final int LAST_LINES = 10;
    private static final int REASON_CHARACTERS = 4_000;
    private static final Duration RETRY = Duration.ofSeconds(1);

    /** How often the allowance is given anew to a release whose sandboxes the host has not even come to start. */
    private static final int EXTENSIONS = 3;

    private final ActorContext<AppMessage> actor;
    private final TimerScheduler<AppMessage> timers;
    private final Surroundings around;
    private final ChangeQueue changes;
    private final Fleet fleet;
    private final Waiting waiting;
    private final LongConsumer recorded;
    private int deciding;
    private int extensions;
    private Optional<String> shortage = Optional.empty();

    /** @param recorded told after each decision that is on the disk, with 0 */
    Decision(
            ActorContext<AppMessage> actor,
            TimerScheduler<AppMessage> timers,
            Surroundings around,
            ChangeQueue changes,
            Fleet fleet,
            Waiting waiting,
            LongConsumer recorded) {
        this.actor = actor;
        this.timers = timers;
        this.around = around;
        this.changes = changes;
        this.fleet = fleet;
        this.waiting = waiting;
        this.recorded = recorded;
    }

    void begin(ReleaseView release) {
        deciding = 0;
        extensions = 0;
        shortage = Optional.empty();
        allow(release);
    }

    private void allow(ReleaseView release) {
        timers.startSingleTimer("allowance", new AppMessage.AllowanceOver(release.release()), allowance(release));
    }

    private Duration allowance(ReleaseView release) {
        return Rollout.allowance(release.spec(), changes.record().scales(release));
    }

    /** What waited for room has been started: its allowance begins. */
    void roomCame() {
        undecided().ifPresent(this::allow);
    }

    void shortage(String detail) {
        shortage = Optional.of(detail);
    }

    /** Its decision could not be recorded: what led to it is looked at anew. */
    void again() {
        deciding = 0;
        if (!timers.isTimerActive("allowance")) {
            changes.record().rolling().ifPresent(r -> allowanceOver(r.release()));
        }
    }

    void judge() {
        ReleaseView rolling = undecided().orElse(null);
        if (rolling == null) {
            return;
        }
        Rollout.Verdict verdict = Rollout.judge(rolling.spec(), changes.record().scales(rolling), members(rolling));
        if (verdict instanceof Rollout.Ready) {
            deciding = rolling.release();
            decide(rolling.release(), now -> AppChange.promote(changes.record(), now));
        } else if (verdict instanceof Rollout.Failed failed) {
            fail(rolling, failed);
        }
    }

    void allowanceOver(int release) {
        ReleaseView rolling = undecided().filter(r -> r.release() == release).orElse(null);
        if (rolling == null) {
            return;
        }
        List<Rollout.Member> members = members(rolling);
        boolean unstarted = members.stream()
                .anyMatch(m -> m.state() == State.PENDING && m.lastExit().isEmpty());
        boolean roomComes = waiting.longer(around.steady().instant());
        if (roomComes || (unstarted || waiting.waits()) && extensions++ < EXTENSIONS) {
            allow(rolling);
        } else {
            fail(rolling, Rollout.late(rolling.spec(), members, allowance(rolling), waiting.why().or(() -> shortage)));
        }
    }

    private Optional<ReleaseView> undecided() {
        return changes.record().app().deleting()
                ? Optional.empty()
                : changes.record().rolling().filter(r -> r.release() != deciding);
    }

    private List<Rollout.Member> members(ReleaseView release) {
        return fleet.all().stream()
                .filter(p -> p.slot.release() == release.release() && !p.leaving)
                .map(Placed::member)
                .toList();
    }

    private void fail(ReleaseView rolling, Rollout.Failed failed) {
        deciding = rolling.release();
        actor.pipeToSelf(
                around.logs()
                        .last(
                                changes.record().app().tenant(),
                                changes.record().app().app(),
                                failed.sandbox(),
                                LAST_LINES),
                (lines, failure) -> new AppMessage.LastLines(
                        rolling.release(), failed.reason(), lines == null ? List.of() : lines));
    }

    void lastLines(AppMessage.LastLines last) {
        StringBuilder reason = new StringBuilder(last.reason());
        if (!last.lines().isEmpty()) {
            reason.append("\nIts last lines:");
        }
        for (LogLine line : last.lines()) {
            reason.append('\n').append(line.line());
        }
        String text = reason.length() > REASON_CHARACTERS ? reason.substring(0, REASON_CHARACTERS) : reason.toString();
        decide(last.release(), now -> AppChange.fail(changes.record(), now, text));
    }

    private void decide(int release, java.util.function.Function<ReleaseView, AppChange> change) {
        changes.add(
                () -> changes.record()
                        .rolling()
                        .filter(r -> r.release() == release)
                        .map(r ->
                                new ChangeQueue.Pending(change.apply(r), () -> recorded.accept(0), refusal -> retry())),
                refusal -> retry());
    }

    private void retry() {
        timers.startSingleTimer("judge", new AppMessage.Judge(), RETRY);
    }
}
