package io.hostel.api;

import java.util.Optional;

/**
 * Closed by whoever has it.
 *
 * @param exitCode as a shell reports it: 128 + number for a signal, 127 for no such program
 * @param truncated whether output was cut at the bound
 * @param timedOut whether it was killed for its timeout
 * @param oom whether the kernel killed it because the sandbox's memory had come to its end
 * @param wallSeconds from when it was executed to its end
 * @param cpuSeconds of the command and of those of its children that it waited for
 */
public record ExecOutcome(
        int exitCode,
        Optional<String> signal,
        Output stdout,
        Output stderr,
        boolean truncated,
        boolean timedOut,
        boolean oom,
        double wallSeconds,
        double cpuSeconds)
        implements AutoCloseable {
    @Override
    public void close() {
        stdout.close();
        stderr.close();
    }
}
