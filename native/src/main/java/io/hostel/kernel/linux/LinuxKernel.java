package io.hostel.kernel.linux;

import io.hostel.kernel.Cgroups;
import io.hostel.kernel.HostNetwork;
import io.hostel.kernel.Kernel;
import io.hostel.kernel.KernelException;
import io.hostel.kernel.Launcher;
import io.hostel.kernel.Layers;
import io.hostel.kernel.Links;
import io.hostel.kernel.Netns;
import io.hostel.kernel.PacketFilter;
import io.hostel.kernel.Processes;
import java.util.concurrent.Executor;

/**
 * The kernel that this daemon runs on. Nothing is changed by making one; closing it ends the watching and lets go of what the
 * daemon itself holds, while sandboxes and all that stands for them go on.
 */
public final class LinuxKernel implements Kernel, AutoCloseable {
    private final HostNetwork hostNetwork = new LinuxHostNetwork();
    private final NamespaceSockets namespaces = new NamespaceSockets();
    private final LinuxNetns netns = new LinuxNetns(namespaces);
    private final LinuxLinks links = new LinuxLinks(namespaces);
    private final LinuxLayers layers = new LinuxLayers();
    private final LinuxPacketFilter filter;
    private final LinuxCgroups cgroups;
    private final LinuxProcesses processes;
    private final LinuxLauncher launcher;

    private LinuxKernel(String bridge, LinuxCgroups cgroups, LinuxProcesses processes, Executor executor) {
        this.filter = new LinuxPacketFilter(bridge);
        this.cgroups = cgroups;
        this.processes = processes;
        this.launcher = new LinuxLauncher(cgroups, processes, executor);
    }

    /**
     * @param bridge the host's, after which its tables and its cgroup are named
     * @param executor where the results of commands are read: its threads may block for milliseconds
     * @throws KernelException where the machine lacks something; {@link MachineProbe} says what, and what to do
     */
    public static LinuxKernel open(String bridge, Executor executor) throws KernelException {
        LinuxCgroups cgroups = new LinuxCgroups(bridge);
        return new LinuxKernel(bridge, cgroups, new LinuxProcesses(), executor);
    }

    @Override
    public HostNetwork hostNetwork() {
        return hostNetwork;
    }

    @Override
    public Netns netns() {
        return netns;
    }

    @Override
    public Links links() {
        return links;
    }

    @Override
    public PacketFilter filter() {
        return filter;
    }

    @Override
    public Cgroups cgroups() {
        return cgroups;
    }

    @Override
    public Layers layers() {
        return layers;
    }

    @Override
    public Launcher launcher() {
        return launcher;
    }

    @Override
    public Processes processes() {
        return processes;
    }

    @Override
    public void close() {
        launcher.close();
        processes.close();
        netns.close();
        links.close();
        filter.close();
        layers.close();
    }
}
