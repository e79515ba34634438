package io.hostel.tenant;

import java.util.Optional;

/** Whether the host serves yet. Safe for any thread. */
public final class Readiness {
    private volatile Optional<String> notReady = Optional.of("The host is taking up what it left running.");

    /** Empty when it serves; else why it does not. */
    public Optional<String> notReady() {
        return notReady;
    }

    public void ready() {
        notReady = Optional.empty();
    }

    public void notReady(String why) {
        notReady = Optional.of(why);
    }
}
