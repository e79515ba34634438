package io.hostel.sandbox;

import io.hostel.api.ProcessSpec.RestartPolicy;
import java.time.Duration;
import java.util.Optional;

/**
 * Whether and when a process that has ended is started again: three times at once, then from one second doubling to sixty,
 * with jitter; who stays up for a minute starts over. Pure.
 */
public final class RestartSchedule {
    static final int AT_ONCE = 3;
    static final Duration FIRST = Duration.ofSeconds(1);
    static final Duration LONGEST = Duration.ofSeconds(60);
    static final Duration FORGIVEN_AFTER = Duration.ofSeconds(60);
    private static final double JITTER = 0.25;

    private RestartSchedule() {}

    /**
     * @param pause before the next start; zero: at once
     * @param streak to be handed in at the next end
     */
    public record Next(Duration pause, int streak) {
        public boolean atOnce() {
            return pause.isZero();
        }
    }

    /**
     * @param succeeded whether it ended by itself with 0
     * @param up how long it ran
     * @param streak restarts in a row so far
     * @param jitter in [0, 1)
     * @return empty where it is not to run again
     */
    public static Optional<Next> after(
            RestartPolicy policy, boolean succeeded, Duration up, int streak, double jitter) {
        boolean again = switch (policy) {
            case ALWAYS -> true;
            case ON_FAILURE -> !succeeded;
            case NEVER -> false;
        };
        if (!again) {
            return Optional.empty();
        }
        int before = up.compareTo(FORGIVEN_AFTER) >= 0 ? 0 : streak;
        return Optional.of(new Next(pause(before, jitter), before + 1));
    }

    /** Before the restart that follows {@code before} others: up to a quarter more than the doubled second, within a minute. */
    static Duration pause(int before, double jitter) {
        if (before < AT_ONCE) {
            return Duration.ZERO;
        }
        int doublings = Math.min(before - AT_ONCE, 30);
        long least = Math.min(FIRST.toMillis() << doublings, (long) (LONGEST.toMillis() / (1 + JITTER)));
        return Duration.ofMillis(least + (long) (least * JITTER * jitter));
    }
}
