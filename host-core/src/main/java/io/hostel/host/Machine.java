package io.hostel.host;

import io.hostel.api.CapabilitiesView;
import io.hostel.config.HostelConfig;
import io.hostel.kernel.Capabilities;
import io.hostel.kernel.Kernel;
import io.hostel.kernel.KernelException;
import io.hostel.kernel.linux.LinuxKernel;
import io.hostel.kernel.linux.MachineProbe;
import io.hostel.kernel.linux.MachineSettings;
import io.hostel.sandbox.HostLayout;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The machine that the host runs on, looked at before anything is touched, and the port to its kernel. */
final class Machine implements AutoCloseable {
    private final HostLayout layout;
    private final Capabilities capabilities;
    private final KernelCalls kernelExecutor;
    private final LinuxKernel kernel;
    private final Ground ground;
    private final boolean resolves;

    private Machine(
            HostelConfig config,
            HostLayout layout,
            Capabilities capabilities,
            KernelCalls kernelExecutor,
            LinuxKernel kernel) {
        this.layout = layout;
        this.capabilities = capabilities;
        this.kernelExecutor = kernelExecutor;
        this.kernel = kernel;
        this.ground = new Ground(kernel, layout, config);
        this.resolves = !config.network().dns().isEmpty();
    }

    /** @throws CannotStart where the machine lacks what a host needs */
    static Machine open(HostelConfig config) throws CannotStart {
        HostLayout layout = HostLayout.of(config);
        KernelCalls kernelExecutor = Executors.kernel();
        try {
            Capabilities capabilities = MachineProbe.look(config.stateDir());
            if (!capabilities.problems().isEmpty()) {
                throw new CannotStart(capabilities.problems());
            }
            LinuxKernel kernel = LinuxKernel.open(layout.bridge(), kernelExecutor);
            return new Machine(config, layout, capabilities, kernelExecutor, kernel);
        } catch (KernelException e) {
            kernelExecutor.shutdownNow();
            throw new CannotStart("look at the machine: " + e.getMessage());
        } catch (CannotStart e) {
            kernelExecutor.shutdownNow();
            throw e;
        }
    }

    Kernel kernel() {
        return kernel;
    }

    KernelCalls kernelExecutor() {
        return kernelExecutor;
    }

    HostLayout layout() {
        return layout;
    }

    Ground ground() {
        return ground;
    }

    /** What others have that this host's settings claim: a line each, saying what to do. */
    List<String> conflicts() {
        try {
            return kernel.hostNetwork().conflicts(ground.network());
        } catch (KernelException e) {
            return List.of("look for conflicts: " + e.getMessage());
        }
    }

    /** Asks the kernel again for what may change while the host runs. */
    CapabilitiesView capabilities() {
        List<CapabilitiesView.Degradation> degraded = new ArrayList<>();
        capabilities
                .degraded()
                .forEach(d -> degraded.add(new CapabilitiesView.Degradation(d.feature(), d.why(), d.mend())));
        MachineSettings.look()
                .forEach(d -> degraded.add(new CapabilitiesView.Degradation(d.feature(), d.why(), d.mend())));
        try {
            kernel.hostNetwork()
                    .forwardingBlockedBy()
                    .ifPresent(line -> degraded.add(new CapabilitiesView.Degradation(
                            "forwarding",
                            "another firewall drops what sandboxes and the world send each other",
                            line)));
        } catch (KernelException e) {
            degraded.add(new CapabilitiesView.Degradation(
                    "forwarding", "other firewalls cannot be looked at: " + e.getMessage(), "see the host's log"));
        }
        if (!resolves) {
            degraded.add(new CapabilitiesView.Degradation(
                    "dns",
                    "sandboxes resolve no names: no resolver is set, and the machine's own are on its loopback device, which is not theirs",
                    "name resolvers that they reach, e.g. hostel.network.dns = [\"9.9.9.9\"], and start the host anew"));
        }
        Map<String, String> features = new HashMap<>(capabilities.features());
        ground.poolThere()
                .ifPresent(bytes -> features.put(
                        "layers",
                        "a pool of " + (bytes >> 20) + " MiB; hostel.layers.pool-size and pool-part say how large it is"));
        return new CapabilitiesView(capabilities.kernel(), capabilities.namespaces(), features, degraded);
    }

    @Override
    public void close() {
        kernelExecutor.shutdownNow();
        kernel.close();
    }
}
