package io.hostel.sandbox;

import java.time.Duration;

/** Where the times of a start's phases go, e.g. a histogram by phase. Called on any thread; must not block. */
@FunctionalInterface
public interface Phases {

    /** @param phase {@code wait}, {@code stand}, {@code launch}, {@code ready}, {@code reap}, {@code slot} */
    void observe(String phase, Duration took);

    /** A part of the phase {@code launch}, as the launcher tells it: see {@link io.hostel.kernel.Launcher.Laps}. */
    default void lap(String part, Duration took) {
        observe("launch_" + part, took);
    }
}
