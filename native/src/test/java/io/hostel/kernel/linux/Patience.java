package io.hostel.kernel.linux;

import java.time.Duration;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;

/** How long tests wait for what happens in its own time: so many times longer on a slow machine, {@code -Dhostel.test.patience=N}. */
final class Patience {
    private static final int FACTOR = Integer.getInteger("hostel.test.patience", 1);

    private Patience() {}

    static Duration seconds(int seconds) {
        return Duration.ofSeconds(seconds).multipliedBy(FACTOR);
    }

    /** @param milliseconds on a machine that is not slow */
    static int milliseconds(int milliseconds) {
        return Math.multiplyExact(milliseconds, FACTOR);
    }

    /** How long to listen before no answer is taken for silence: less is done in that time, so that it grows less. */
    static int silence(int milliseconds) {
        return milliseconds * Math.min(FACTOR, 4);
    }

    /** Waits for as long as Awaitility does by itself, 10 s. */
    static ConditionFactory await() {
        return Awaitility.await().atMost(seconds(10));
    }
}
