package io.hostel.api;

import java.time.Instant;
import java.util.Optional;

/** @param reason why it failed, with the last exit and log lines */
public record ReleaseView(int release, Status status, Optional<String> reason, Instant createdAt, ReleaseSpec spec) {

    public enum Status {
        DEPLOYING,
        LIVE,
        FAILED,
        SUPERSEDED
    }
}
