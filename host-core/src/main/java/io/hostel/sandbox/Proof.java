package io.hostel.sandbox;

import java.time.Duration;
import java.util.Optional;

/**
 * Whether a sandbox's command has shown that it can go on, which is more than a first answer: that makes it worth being led to
 * where nothing else serves, this that it may take the place of what serves.
 *
 * @param given whether it has
 * @param failures how often in a row it has ended before it had
 * @param hopeless why it never will, as far as can be told
 */
public record Proof(boolean given, int failures, Optional<String> hopeless) {
    /** At first. */
    public static final Proof NONE = new Proof(false, 0, Optional.empty());
    public static final Proof GIVEN = new Proof(true, 0, Optional.empty());

    /** So many ends before that are enough. */
    static final int MOST_FAILURES = 3;

    /**
     * How long the same command must have lived.
     *
     * @param serving with a port; it must have answered a second time, too
     * @param alone without one
     */
    public record After(Duration serving, Duration alone) {
        public static final After STANDARD = new After(Duration.ofSeconds(1), Duration.ofSeconds(3));
    }

    /** The command has been executed once more. */
    Proof again() {
        return new Proof(false, failures, hopeless);
    }

    /** It has ended, by itself. */
    public Proof ended() {
        if (given) {
            return NONE;
        }
        int ends = failures + 1;
        return new Proof(
                false,
                ends,
                ends < MOST_FAILURES ? hopeless : Optional.of("it has ended " + ends + " times before it was proven"));
    }

    /** It has ended so often in a row, each time within {@link RestartSchedule#FORGIVEN_AFTER}, whatever it had shown. */
    Proof inARow(int ends) {
        return ends > MOST_FAILURES ? new Proof(false, Math.max(failures, ends), hopeless) : this;
    }

    /** How long it must live now: after many ends in a row, until they are forgiven. */
    Duration needed(Duration otherwise) {
        return failures > MOST_FAILURES ? RestartSchedule.FORGIVEN_AFTER : otherwise;
    }

    /** It cannot be executed. */
    public Proof notExecuted(String why) {
        return new Proof(false, failures + 1, Optional.of(why));
    }

    /** Whether it is in a row of ends that nothing has broken yet. */
    public boolean failing() {
        return !given && failures > 0;
    }
}
