package io.hostel.api;

import java.util.Optional;

/**
 * Closed by whoever has it.
 *
 * @param exitCode as a shell reports it: 128 + number for a signal, 127 for no such program
 * @param truncated whether output was cut at the bound
 */
public record ExecOutcome(int exitCode, Optional<String> signal, Output stdout, Output stderr, boolean truncated)
        implements AutoCloseable {
    @Override
    public void close() {
        stdout.close();
        stderr.close();
    }
}
