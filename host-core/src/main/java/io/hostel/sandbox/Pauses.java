package io.hostel.sandbox;

import java.time.Duration;

/** How long to wait before what failed, or was refused, is tried again. Pure. */
final class Pauses {
    private static final Duration LONGEST = Duration.ofSeconds(60);

    private Pauses() {}

    /** Before the next probe of a process that is starting: at once, then 1, 2, 4 … 100 ms. */
    static Duration probe(int attempts) {
        return attempts == 0 ? Duration.ZERO : Duration.ofMillis(Math.min(100, 1L << Math.min(attempts - 1, 7)));
    }

    /** Before the kernel is asked again to take something away: 10 ms, doubling to a minute. */
    static Duration takeBack(int failures) {
        return doubled(10, failures);
    }

    /** Before what does not die is killed again: 100 ms, doubling to a minute. */
    static Duration kill(int failures) {
        return doubled(100, failures);
    }

    /** Before a sandbox is put up again: a second, doubling to a minute. */
    static Duration putUp(int failures) {
        return doubled(1000, failures);
    }

    private static Duration doubled(long millis, int failures) {
        return Duration.ofMillis(Math.min(LONGEST.toMillis(), millis << Math.min(Math.max(failures - 1, 0), 20)));
    }
}
