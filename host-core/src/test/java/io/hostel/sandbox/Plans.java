package io.hostel.sandbox;

import io.hostel.api.ProcessSpec;
import io.hostel.config.Cidr;
import io.hostel.kernel.Cgroups;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Plans for tests: a web process with an address, a worker without a port, below a directory of the test's. */
public final class Plans {
    private Plans() {}

    public static HostLayout layout(Path directory) {
        return new HostLayout(
                directory.resolve("run"),
                directory.resolve("log"),
                16 << 20,
                1 << 20,
                directory.resolve("run/layers"),
                "hostel0",
                Cidr.parseAddress("10.77.0.1"),
                "a7");
    }

    public static SandboxPlan web(Path directory) {
        return SandboxPlanner.plan(
                request(spec(Optional.of(8080), ProcessSpec.RestartPolicy.ALWAYS)), layout(directory));
    }

    /** One of several. @param number from 1 to 9 */
    public static SandboxPlan web(Path directory, int number) {
        SandboxRequest one = request(spec(Optional.of(8080), ProcessSpec.RestartPolicy.ALWAYS));
        return SandboxPlanner.plan(
                new SandboxRequest(
                        "a7h3k9m2p4q" + number,
                        one.tenant(),
                        one.tenantNumber(),
                        one.uidBase(),
                        one.app(),
                        one.process(),
                        one.release(),
                        one.spec(),
                        one.env(),
                        one.layers(),
                        one.binds(),
                        one.bridge(),
                        Optional.of(Cidr.parseAddress("10.77.1." + (10 + number)))),
                layout(directory));
    }

    static SandboxPlan worker(Path directory, ProcessSpec.RestartPolicy policy) {
        return SandboxPlanner.plan(request(spec(Optional.empty(), policy)), layout(directory));
    }

    /** Of the tenant that all these plans are of. */
    public static TenantGroups groups(Cgroups cgroups) {
        TenantGroups groups = new TenantGroups(cgroups, Runnable::run);
        groups.bound(3, new Cgroups.Limits(1L << 30, 4, 1_000));
        return groups;
    }

    static ProcessSpec spec(Optional<Integer> port, ProcessSpec.RestartPolicy policy) {
        return new ProcessSpec(
                List.of("python3", "server.py"),
                port,
                Optional.of(1),
                1,
                ProcessSpec.Expose.PUBLIC,
                new ProcessSpec.Limits(128 << 20, 0.5, 64, 256 << 20, 1024),
                new ProcessSpec.Health(
                        Optional.of("/"), Duration.ofSeconds(2), Duration.ofSeconds(1), Duration.ofSeconds(30)),
                policy,
                Duration.ofSeconds(10),
                ProcessSpec.Network.TENANT,
                ProcessSpec.Egress.WORLD,
                "0");
    }

    static SandboxRequest request(ProcessSpec spec) {
        return new SandboxRequest(
                "a7h3k9m2p4qx",
                "acme",
                3,
                1_131_072,
                "shop",
                "web",
                4,
                spec,
                Map.of("GREETING", "hello"),
                List.of(Path.of("/var/lib/hostel/artifacts/sha256-1"), Path.of("/var/lib/hostel/images/host")),
                List.of(Path.of("/usr")),
                "hostel0",
                Optional.of(Cidr.parseAddress("10.77.1.5")));
    }
}
