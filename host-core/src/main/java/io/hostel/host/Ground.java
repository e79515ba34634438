package io.hostel.host;

import io.hostel.config.Cidr;
import io.hostel.config.HostelConfig;
import io.hostel.config.NetworkConfig;
import io.hostel.config.PortRange;
import io.hostel.config.QuotaField;
import io.hostel.kernel.HostNetwork;
import io.hostel.kernel.Kernel;
import io.hostel.kernel.KernelException;
import io.hostel.sandbox.HostLayout;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What stands on the machine before the first sandbox and outlives the daemon: the host's own cgroup, the place for pins, bridge
 * and filter tables, the pool of writable layers. Undone by {@link Clearance}.
 */
final class Ground {
    private static final Logger LOG = LoggerFactory.getLogger(Ground.class);
    /** A sixteenth of the 64,512 ports from which the kernel's masquerading calls one port of one address. */
    private static final int CONNECTIONS_PER_SERVICE = 4032;

    private final Kernel kernel;
    private final HostLayout layout;
    private final HostelConfig config;

    Ground(Kernel kernel, HostLayout layout, HostelConfig config) {
        this.kernel = kernel;
        this.layout = layout;
        this.config = config;
    }

    /** Makes what is missing, the directories of {@link HostFiles} aside; what an earlier daemon left is taken as it is. */
    void prepare() throws KernelException {
        kernel.cgroups().prepare();
        kernel.netns().prepare(layout.pins());
        kernel.hostNetwork().ensure(network());
        kernel.layers()
                .open(
                        pool(),
                        layout.layerPool(),
                        poolBytes(),
                        config.layers().floorBytes());
        // Last, so that the template mount namespace has the pool in it.
        kernel.launcher().prepare(layout.pins());
    }

    HostNetwork.Plan network() {
        NetworkConfig network = config.network();
        return new HostNetwork.Plan(
                network.bridge(),
                layout.gateway(),
                network.cidr().prefix(),
                layout.linkPrefix(),
                new HostNetwork.Egress(
                        network.egressDeny().stream().map(Cidr::toString).toList(),
                        network.egressPortsDeny().stream()
                                .map(PortRange::toString)
                                .toList(),
                        network.dns()),
                new HostNetwork.Bounds(
                        network.connectionsPerSandbox(),
                        Math.min(network.connectionsPerSource(), network.connectionsPerSandbox()),
                        (int) config.tenantQuota().of(QuotaField.CONNECTIONS),
                        CONNECTIONS_PER_SERVICE),
                network.publishInterface(),
                network.publishedPorts().first(),
                network.publishedPorts().last(),
                config.api().port(),
                network.forwardsOthers());
    }

    /** Less than the settings say where the disk is small. */
    private long poolBytes() throws KernelException {
        long there;
        long free;
        try {
            there = Files.exists(pool()) ? Files.size(pool()) : 0;
            free = Files.getFileStore(config.stateDir()).getUsableSpace();
        } catch (IOException e) {
            throw new KernelException("EIO", "look at the disk of", config.stateDir().toString(), e.toString());
        }
        long bytes = config.layers().poolBytes(there, free);
        if (bytes < config.layers().poolBytes()) {
            LOG.info(
                    "The pool of writable layers has {} MiB and not the {} that hostel.layers.pool-size allows, since {} MiB"
                            + " of the disk are free: hostel.layers.pool-part says how much of that it takes",
                    bytes >> 20,
                    config.layers().poolBytes() >> 20,
                    free >> 20);
        }
        return bytes;
    }

    /** Size of the pool's file; empty where the disk itself holds the layers. */
    OptionalLong poolThere() {
        try {
            return Files.exists(pool()) ? OptionalLong.of(Files.size(pool())) : OptionalLong.empty();
        } catch (IOException e) {
            return OptionalLong.empty();
        }
    }

    Path pool() {
        return config.stateDir().resolve("layers.pool");
    }
}
