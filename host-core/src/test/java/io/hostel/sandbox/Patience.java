package io.hostel.sandbox;

import java.time.Duration;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;

/** How long tests of the real kernel wait: so many times longer on a slow machine, {@code -Dhostel.test.patience=N}. */
final class Patience {
    private static final int FACTOR = Integer.getInteger("hostel.test.patience", 1);

    private Patience() {}

    static Duration seconds(int seconds) {
        return Duration.ofSeconds(seconds).multipliedBy(FACTOR);
    }

    /** Waits for as long as Awaitility does by itself, 10 s. */
    static ConditionFactory await() {
        return Awaitility.await().atMost(seconds(10));
    }
}
