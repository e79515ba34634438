package io.hostel.tenant;

import io.hostel.api.ProcessSpec;
import io.hostel.api.ProcessSpec.Expose;
import io.hostel.api.ProcessSpec.RestartPolicy;
import io.hostel.api.ReleaseSpec;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Release specs for tests. */
final class Specs {
    static final long MEMORY = 128L << 20;

    private Specs() {}

    static ReleaseSpec release(Map<String, ProcessSpec> processes) {
        return new ReleaseSpec(Optional.empty(), "host", Map.of(), processes);
    }

    /** One published process named web. */
    static ReleaseSpec web(int scale) {
        return release(Map.of("web", process(Optional.of(8080), scale, Expose.PUBLIC, RestartPolicy.ALWAYS)));
    }

    /** One process named job, without a port, that runs once. */
    static ReleaseSpec job(int scale) {
        return release(Map.of("job", process(Optional.empty(), scale, Expose.TENANT, RestartPolicy.NEVER)));
    }

    static ProcessSpec process(Optional<Integer> port, int scale, Expose expose, RestartPolicy restart) {
        return new ProcessSpec(
                List.of("serve"),
                port,
                Optional.of(scale),
                1,
                expose,
                new ProcessSpec.Limits(MEMORY, 0.1, 64, 256L << 20, 1024),
                ProcessSpec.Health.DEFAULT,
                restart,
                Duration.ofSeconds(10),
                ProcessSpec.Network.TENANT,
                ProcessSpec.Egress.WORLD,
                "0");
    }
}
