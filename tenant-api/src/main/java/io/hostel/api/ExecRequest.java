package io.hostel.api;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * @param user uid or {@code uid:gid} inside; empty: as the process
 * @param timeout after which it is killed, at most an hour
 */
public record ExecRequest(
        List<String> command, byte[] stdin, Map<String, String> env, Optional<String> user, Duration timeout) {
    public ExecRequest {
        command = List.copyOf(command);
        env = Map.copyOf(env);
    }
}
