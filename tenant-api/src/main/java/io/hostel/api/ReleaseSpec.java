package io.hostel.api;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What a tenant wants to run: validated, with all defaults filled in by the time it reaches {@link TenantOperations}, but for
 * what only the artifact can say.
 *
 * @param artifact {@code sha256:…} of an artifact of the tenant; empty: nothing at /app
 * @param image name of a root file system, {@code host} unless given
 * @param processes by name; empty: the artifact's Procfile says
 */
public record ReleaseSpec(
        Optional<String> artifact, String image, Map<String, String> env, Map<String, ProcessSpec> processes) {
    /** Of all its texts. */
    public static final int MOST_BYTES = 256 << 10;

    public static final int MOST_PROCESSES = 20;

    public ReleaseSpec {
        env = Map.copyOf(env);
        processes = Map.copyOf(processes);
    }

    /** In UTF-8: of its environment and its processes' names and commands. */
    public long bytes() {
        Stream<String> variables = env.entrySet().stream().flatMap(e -> Stream.of(e.getKey(), e.getValue()));
        Stream<String> words = processes.entrySet().stream()
                .flatMap(e -> Stream.concat(Stream.of(e.getKey()), e.getValue().command().stream()));
        return Stream.concat(variables, words)
                .mapToLong(text -> text.getBytes(StandardCharsets.UTF_8).length)
                .sum();
    }
}
