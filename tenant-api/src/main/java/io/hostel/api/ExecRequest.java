package io.hostel.api;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * @param workdir where it is executed, an absolute path inside; empty: where its process was
 * @param user uid or {@code uid:gid} inside; empty: as the process
 * @param timeout after which it is killed, at most an hour
 */
public record ExecRequest(
        List<String> command,
        byte[] stdin,
        Map<String, String> env,
        Optional<String> workdir,
        Optional<String> user,
        Duration timeout) {
    public ExecRequest {
        command = List.copyOf(command);
        env = Map.copyOf(env);
    }
}
