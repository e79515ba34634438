package io.hostel.sandbox;

import java.net.Inet4Address;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/** Asks a tenant's server whether it answers. The server is not trusted: little is read, and for a bounded time. */
public interface Prober {

    /**
     * One question, asked after a delay. The stage always completes normally.
     *
     * @param delay with the precision of a millisecond, so that a start is noticed when it happens
     * @param timeout from the first packet to the last byte that matters
     */
    CompletionStage<Answer> probe(Target target, Duration delay, Duration timeout);

    /**
     * As {@link #probe}, at once, of a server that is just starting: for some milliseconds it is asked again and again while
     * nobody listens.
     */
    CompletionStage<Answer> probeStarting(Target target, Duration timeout);

    /** @param http path to GET; empty: a TCP connection is enough */
    record Target(Inet4Address address, int port, Optional<String> http) {}

    /** @param why for people; empty where it is well */
    record Answer(boolean well, String why) {
        public static final Answer WELL = new Answer(true, "");

        public static Answer ill(String why) {
            return new Answer(false, why);
        }
    }
}
