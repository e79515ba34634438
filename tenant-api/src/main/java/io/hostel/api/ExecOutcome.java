package io.hostel.api;

import java.util.Optional;

/**
 * @param exitCode as a shell reports it: 128 + number for a signal, 127 for no such program
 * @param truncated whether output was cut at the bound
 */
public record ExecOutcome(int exitCode, Optional<String> signal, byte[] stdout, byte[] stderr, boolean truncated) {}
