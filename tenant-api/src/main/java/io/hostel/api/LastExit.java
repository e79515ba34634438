package io.hostel.api;

import java.time.Instant;
import java.util.Optional;

/**
 * How PID 1 ended the last time; exactly one of code and signal is there, but for a command that never came to run.
 *
 * @param signal e.g. {@code SIGKILL}
 * @param oom whether the command itself was killed for want of memory
 * @param reason what a number can't say: failed to exec, failed health, stopped by us
 * @param wallSeconds from start to end
 */
public record LastExit(
        Optional<Integer> code,
        Optional<String> signal,
        boolean oom,
        Instant at,
        Optional<String> reason,
        double wallSeconds,
        double cpuSeconds,
        long peakMemoryBytes) {}
