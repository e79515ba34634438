package io.hostel.api;

import java.util.Map;
import java.util.Optional;

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
    public ReleaseSpec {
        env = Map.copyOf(env);
        processes = Map.copyOf(processes);
    }
}
