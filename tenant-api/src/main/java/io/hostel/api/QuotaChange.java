package io.hostel.api;

import java.util.Optional;

/** New values for some fields of a quota; empty ones stay as they are. Units as in {@link io.hostel.config.Quota}. */
public record QuotaChange(
        Optional<Long> memory,
        Optional<Double> cpus,
        Optional<Integer> pids,
        Optional<Long> disk,
        Optional<Integer> sandboxes,
        Optional<Integer> publishedPorts,
        Optional<Long> artifacts) {}
