package io.hostel.api;

import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/**
 * @param sequence grows by at least one with every event
 * @param kind dotted, past tense last, e.g. {@code release.live}, {@code sandbox.exited}
 */
public record EventView(long sequence, Instant at, Optional<String> tenant, String kind, Map<String, String> details) {
    public EventView {
        details = Map.copyOf(details);
    }
}
