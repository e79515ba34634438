package io.hostel.tenant;

import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Brings something outside to a wanted value: one call at a time, and the newest value wins. After a failed call nobody knows
 * what is there, until a later one succeeds.
 */
final class Converging<V> {
    private V wanted;
    private @Nullable V applied;
    private @Nullable V underWay;
    private boolean resting;

    Converging(V wanted) {
        this.wanted = wanted;
    }

    void want(V value) {
        wanted = value;
    }

    /** The value to apply now; empty where it is there, a call is under way, or a failed one is recent. */
    Optional<V> next() {
        if (underWay != null || resting || wanted.equals(applied)) {
            return Optional.empty();
        }
        underWay = wanted;
        return Optional.of(wanted);
    }

    void succeeded() {
        applied = underWay;
        underWay = null;
    }

    /** No further call before {@link #rested}. */
    void failed() {
        applied = null;
        underWay = null;
        resting = true;
    }

    void rested() {
        resting = false;
    }

    boolean idle() {
        return underWay == null;
    }

    boolean settled() {
        return underWay == null && wanted.equals(applied);
    }

    V wanted() {
        return wanted;
    }

    /** Whether what is outside may be such a value: is, is becoming, or nobody knows. */
    boolean mayBe(Predicate<V> such) {
        return applied == null || such.test(applied) || underWay != null && such.test(underWay);
    }
}
