package io.hostel.sandbox;

import io.hostel.api.ProcessSpec;
import io.hostel.kernel.Cgroups;
import io.hostel.kernel.Launcher;
import io.hostel.kernel.Links;
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
        Optional<Inet4Address> address =
                spec.network() == ProcessSpec.Network.NONE ? Optional.empty() : request.address();
        SlotPlan slot = SlotPlan.of(request.id(), address.map(a -> request.bridge()), layout)
                .below(HostLayout.tenantGroup(request.tenantNumber()));
        Optional<Links.Lease> lease = slot.veth()
                .flatMap(veth ->
                        address.map(a -> new Links.Lease(veth.bridge(), slot.pin(), a, veth.mac(), layout.gateway())));
        Optional<PacketFilter.Rules> rules = slot.veth()
                .flatMap(veth -> address.map(a -> new PacketFilter.Rules(
                        veth.name(),
                        veth.mac(),
                        a,
                        request.tenantNumber(),
                        spec.expose() != ProcessSpec.Expose.NONE,
                        spec.egress() == ProcessSpec.Egress.WORLD)));
        return new SandboxPlan(
                request.id(),
                request.tenant(),
                request.app(),
                request.process(),
                request.release(),
                spec,
                slot.pin(),
                slot.veth(),
                lease,
                rules,
                slot.cgroup().orElseThrow(),
                new Cgroups.Limits(
                        spec.limits().memory(),
                        spec.limits().cpus(),
                        spec.limits().pids()),
                slot.layerPool(),
                slot.layer(),
                request.uidBase(),
                launch(request, layout, slot));
    }

    private static Launcher.Plan launch(SandboxRequest request, HostLayout layout, SlotPlan slot) {
        Path layer = slot.layerPool().resolve(slot.layer());
        return new Launcher.Plan(
                request.id(),
                slot.pin(),
                slot.cgroup().orElseThrow(),
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
                slot.records(),
                layout.logs(request.tenant(), request.app()).resolve(request.id() + ".log"),
                layout.logBytes(),
                layout.logRate());
    }

    /** Sorted by name. What only says what is usual, a release may say otherwise; of what Hostel knows, Hostel's value holds. */
    private static List<String> environment(SandboxRequest request) {
        Map<String, String> variables = new TreeMap<>();
        variables.put("PATH", DEFAULT_PATH);
        variables.put("HOME", HOME);
        variables.put("LANG", "C.UTF-8");
        variables.putAll(request.env());
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
