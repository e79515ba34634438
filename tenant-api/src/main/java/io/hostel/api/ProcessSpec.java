package io.hostel.api;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * One process of a release.
 *
 * @param command program and arguments; no shell comes in between
 * @param port TCP port that it serves, 1..65535; becomes {@code PORT}
 * @param scale how many sandboxes, 0..1000; empty: as many as the app has of it, over releases and rollbacks
 * @param initialScale where the app has none yet and {@code scale} is empty
 * @param stopTimeout from SIGTERM to the kill of everything
 * @param user uid inside, or {@code uid:gid}, both in 0..65534
 */
public record ProcessSpec(
        List<String> command,
        Optional<Integer> port,
        Optional<Integer> scale,
        int initialScale,
        Expose expose,
        Limits limits,
        Health health,
        RestartPolicy restart,
        Duration stopTimeout,
        Network network,
        Egress egress,
        String user) {

    public ProcessSpec {
        command = List.copyOf(command);
    }

    public ProcessSpec withCommand(List<String> other) {
        return new ProcessSpec(
                other, port, scale, initialScale, expose, limits, health, restart, stopTimeout, network, egress, user);
    }

    /** @param apps how many the app has of it */
    public int scale(Optional<Integer> apps) {
        return scale.or(() -> apps).orElse(initialScale);
    }

    /** Who may open connections to it. */
    public enum Expose {
        /** The world, by a published port, and the tenant's own sandboxes. */
        PUBLIC,
        /** The tenant's own sandboxes. */
        TENANT,
        /** Nobody. */
        NONE
    }

    public enum Network {
        /** An address of the tenant's subnet. */
        TENANT,
        /** Only a loopback device. */
        NONE
    }

    public enum Egress {
        WORLD,
        NONE
    }

    public enum RestartPolicy {
        ALWAYS,
        ON_FAILURE,
        NEVER
    }

    /**
     * @param memory bytes, no swap beyond
     * @param cpus cores, e.g. 0.5
     * @param disk bytes of the writable layer
     * @param files open files of one process (RLIMIT_NOFILE)
     */
    public record Limits(long memory, double cpus, int pids, long disk, int files) {
        public static final Limits DEFAULT = new Limits(256L << 20, 1, 128, 256L << 20, 1024);
    }

    /**
     * How it shows that it answers; without a port it is ready when it has run for a second.
     *
     * @param http path to GET; an answer of 2xx or 3xx counts; empty: a TCP
     *     connection is enough
     * @param startup a release that is not ready within this has failed
     */
    public record Health(Optional<String> http, Duration interval, Duration timeout, Duration startup) {
        public static final Health DEFAULT =
                new Health(Optional.empty(), Duration.ofSeconds(2), Duration.ofSeconds(1), Duration.ofSeconds(30));
    }
}
