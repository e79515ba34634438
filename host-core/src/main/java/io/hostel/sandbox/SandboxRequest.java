package io.hostel.sandbox;

import io.hostel.api.ProcessSpec;
import java.net.Inet4Address;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a sandbox is wanted for: all that {@link SandboxPlanner} needs to know.
 *
 * @param tenantNumber the tenant's mark in the packet filter
 * @param uidBase host uid of root inside
 * @param env the release's own variables; those that Hostel sets win
 * @param layers read-only trees, topmost first: the artifact's (its root holds app/), then the image's
 * @param binds host trees shown at their own path, e.g. /usr for the image {@code host}
 * @param bridge where its link is attached, where it has one
 * @param address leased for it; absent where the process has no network
 */
public record SandboxRequest(
        String id,
        String tenant,
        int tenantNumber,
        int uidBase,
        String app,
        String process,
        int release,
        ProcessSpec spec,
        Map<String, String> env,
        List<Path> layers,
        List<Path> binds,
        String bridge,
        Optional<Inet4Address> address) {
    public SandboxRequest {
        env = Map.copyOf(env);
        layers = List.copyOf(layers);
        binds = List.copyOf(binds);
    }
}
