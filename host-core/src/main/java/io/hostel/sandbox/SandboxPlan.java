package io.hostel.sandbox;

import io.hostel.api.ProcessSpec;
import io.hostel.kernel.Cgroups;
import io.hostel.kernel.Launcher;
import io.hostel.kernel.Links;
import io.hostel.kernel.PacketFilter;
import java.net.Inet4Address;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Every name and number of one sandbox, computed before the first system call and recorded in the ledger.
 *
 * @param id at most 12 characters, never used again; kernel names are derived from it
 * @param pin of its network namespace
 * @param veth absent, like lease and rules, where the process has no network
 * @param layerPool where the writable layers' pool is mounted
 * @param layer name of its writable layer there
 * @param layerOwner host uid of root inside
 * @param launch what the launcher is told; its {@code recordDir} holds a directory per launch
 */
public record SandboxPlan(
        String id,
        String tenant,
        String app,
        String process,
        int release,
        ProcessSpec spec,
        Path pin,
        Optional<Links.Veth> veth,
        Optional<Links.Lease> lease,
        Optional<PacketFilter.Rules> rules,
        String cgroup,
        Cgroups.Limits limits,
        Path layerPool,
        String layer,
        int layerOwner,
        Launcher.Plan launch) {

    public Optional<Inet4Address> address() {
        return lease.map(Links.Lease::address);
    }

    /** Where it is asked whether it answers; empty: it is not asked. */
    Optional<Prober.Target> target() {
        return address()
                .flatMap(address -> spec.port()
                        .map(port ->
                                new Prober.Target(address, port, spec.health().http())));
    }

    public Optional<Path> logDirectory() {
        return Optional.ofNullable(launch.logFile().toAbsolutePath().getParent());
    }

    /** What of it was known before there was a tenant. */
    public SlotPlan slot() {
        return new SlotPlan(id, pin, veth, Optional.of(cgroup), layerPool, layer, launch.recordDir());
    }

    /** The same with its control group in its tenant's, where an earlier daemon has put it into the host's own. */
    SandboxPlan below(String tenant) {
        String group = slot().below(tenant).cgroup().orElseThrow();
        if (group.equals(cgroup)) {
            return this;
        }
        return new SandboxPlan(
                id,
                this.tenant,
                app,
                process,
                release,
                spec,
                pin,
                veth,
                lease,
                rules,
                group,
                limits,
                layerPool,
                layer,
                layerOwner,
                launch(group, launch.recordDir()));
    }

    /** What the launcher is told for one launch, which has a record directory of its own. */
    public Launcher.Plan launch(int number) {
        return launch(cgroup, recordDir(number));
    }

    private Launcher.Plan launch(String group, Path records) {
        return new Launcher.Plan(
                launch.id(),
                launch.netns(),
                group,
                launch.uidBase(),
                launch.lowerLayers(),
                launch.binds(),
                launch.upper(),
                launch.work(),
                launch.command(),
                launch.environment(),
                launch.directory(),
                launch.user(),
                launch.files(),
                records,
                launch.logFile(),
                launch.logBytes(),
                launch.logRate());
    }

    /** Where a launch leaves its records. */
    public Path recordDir(int launchNumber) {
        return launch.recordDir().resolve(String.valueOf(launchNumber));
    }
}
