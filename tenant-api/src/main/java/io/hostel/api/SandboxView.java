package io.hostel.api;

import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * @param id at most 12 characters, never used again
 * @param pid PID 1's number on the host
 * @param restarts how often PID 1 was started again
 * @param nextRetryAt when back-off ends
 * @param namespaces by kind, as {@code readlink /proc/PID/ns/*} shows them, e.g. {@code pid:[4026532201]}
 */
public record SandboxView(
        String id,
        String tenant,
        String app,
        String process,
        int release,
        State state,
        Optional<String> ip,
        Optional<Integer> pid,
        int restarts,
        Optional<Instant> startedAt,
        Optional<Instant> readyAt,
        Optional<LastExit> lastExit,
        Optional<Instant> nextRetryAt,
        Map<String, String> namespaces,
        Optional<Usage> usage) {

    public SandboxView {
        namespaces = Map.copyOf(namespaces);
    }

    public enum State {
        PENDING,
        STARTING,
        RUNNING,
        UNHEALTHY,
        BACKOFF,
        STOPPING,
        ENDED,
        STUCK
    }

    /**
     * @param oomKills processes of it that were killed because memory ran out, since the sandbox was made
     * @param diskBytes what its writable layer takes; absent where that is not known just now
     * @param diskFiles files and directories in it; absent where the disk does not count them
     */
    public record Usage(
            long memoryBytes,
            double cpuSeconds,
            int pids,
            long oomKills,
            OptionalLong diskBytes,
            OptionalLong diskFiles) {}
}
