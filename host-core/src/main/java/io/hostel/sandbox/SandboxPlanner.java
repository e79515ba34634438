package io.hostel.sandbox;

import io.hostel.api.ProcessSpec;
import io.hostel.kernel.Cgroups;
import io.hostel.kernel.Launcher;
import io.hostel.kernel.Links;
import io.hostel.kernel.MacAddress;
import io.hostel.kernel.PacketFilter;
import java.net.Inet4Address;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Computes every name and number of a sandbox. Pure: the same request and layout give the same plan. */
public final class SandboxPlanner {
    private static final String DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
    private static final String HOME = "/app";

    private SandboxPlanner() {}

    public static SandboxPlan plan(SandboxRequest request, HostLayout layout) {
        ProcessSpec spec = request.spec();
        String name = HostLayout.PREFIX + request.id();
        Path pin = layout.pins().resolve(request.id());
        Optional<Inet4Address> address =
                spec.network() == ProcessSpec.Network.NONE ? Optional.empty() : request.address();
        Optional<Links.Veth> veth = address.map(a -> new Links.Veth(name, layout.bridge(), pin, MacAddress.of(a)));
        Optional<Links.Lease> lease =
                address.map(a -> new Links.Lease(layout.bridge(), pin, a, MacAddress.of(a), layout.gateway()));
        Optional<PacketFilter.Rules> rules = address.map(a -> new PacketFilter.Rules(
                name,
                MacAddress.of(a),
                a,
                request.tenantNumber(),
                spec.expose() != ProcessSpec.Expose.NONE,
                spec.egress() == ProcessSpec.Egress.WORLD));
        return new SandboxPlan(
                request.id(),
                request.tenant(),
                request.app(),
                request.process(),
                request.release(),
                spec,
                pin,
                veth,
                lease,
                rules,
                name,
                new Cgroups.Limits(
                        spec.limits().memory(),
                        spec.limits().cpus(),
                        spec.limits().pids()),
                layout.layerPool(),
                request.id(),
                request.uidBase(),
                launch(request, layout, name, pin));
    }

    private static Launcher.Plan launch(SandboxRequest request, HostLayout layout, String cgroup, Path pin) {
        Path layer = layout.layerPool().resolve(request.id());
        return new Launcher.Plan(
                request.id(),
                pin,
                cgroup,
                request.uidBase(),
                request.layers(),
                request.binds(),
                layer.resolve("upper"),
                layer.resolve("work"),
                request.spec().command(),
                environment(request),
                HOME,
                request.spec().user(),
                request.spec().limits().files(),
                layout.launches().resolve(request.id()),
                layout.logs(request.tenant(), request.app()).resolve(request.id() + ".log"),
                layout.logBytes());
    }

    /** Sorted by name. A release may set its own PATH; of the other names that Hostel sets, Hostel's value holds. */
    private static List<String> environment(SandboxRequest request) {
        Map<String, String> variables = new TreeMap<>();
        variables.put("PATH", DEFAULT_PATH);
        variables.putAll(request.env());
        variables.put("HOME", HOME);
        request.spec().port().ifPresent(port -> variables.put("PORT", String.valueOf(port)));
        variables.put("HOSTEL_TENANT", request.tenant());
        variables.put("HOSTEL_APP", request.app());
        variables.put("HOSTEL_PROCESS", request.process());
        variables.put("HOSTEL_SANDBOX", request.id());
        variables.put("HOSTEL_RELEASE", String.valueOf(request.release()));
        return variables.entrySet().stream()
                .map(e -> e.getKey() + "=" + e.getValue())
                .toList();
    }
}
