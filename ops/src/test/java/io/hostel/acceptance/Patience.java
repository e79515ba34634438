package io.hostel.acceptance;

import java.time.Duration;

/** How long tests wait, and how long they let programs take: so many times longer on a slow machine, {@code -Dhostel.test.patience=N}. */
public final class Patience {
    /** 1 on a machine that is not slow. */
    public static final int FACTOR = Integer.getInteger("hostel.test.patience", 1);

    /** For a changing call that is to be answered once it has settled; the interface holds it for ten minutes at most. */
    public static final String WAIT = "?wait=" + Math.min(600, 90 * FACTOR) + "s";

    private Patience() {}

    public static Duration seconds(int seconds) {
        return Duration.ofSeconds(seconds).multipliedBy(FACTOR);
    }

    /** A duration for the interface. */
    public static String duration(int seconds) {
        return seconds(seconds).toSeconds() + "s";
    }

    /** The number of seconds that a program may take. */
    public static String number(int seconds) {
        return Long.toString(seconds(seconds).toSeconds());
    }

    /** How long to listen before no answer is taken for silence: less is done in that time, so that it grows less. */
    public static String silence(int seconds) {
        return Integer.toString(seconds * Math.min(FACTOR, 4));
    }
}
