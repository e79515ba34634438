package io.hostel.sandbox;

import io.hostel.api.LastExit;
import io.hostel.api.SandboxView;
import io.hostel.kernel.Launcher;
import java.time.Instant;
import java.util.Optional;

/**
 * What a supervisor tells of its sandbox, at every change.
 *
 * @param launched the current init and its monitor, while there is one
 * @param failure the last thing that went wrong, for people; e.g. why it is stuck
 */
public record SandboxStatus(
        SandboxPlan plan,
        SandboxView.State state,
        Optional<Launcher.Launched> launched,
        int restarts,
        Optional<Instant> startedAt,
        Optional<Instant> readyAt,
        Optional<LastExit> lastExit,
        Optional<Instant> nextRetryAt,
        Optional<String> failure,
        Proof proof) {}
