package io.hostel.host;

import io.hostel.kernel.HostNetwork;
import io.hostel.kernel.HostNetwork.TrackedConnections;
import io.hostel.kernel.KernelException;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Watches the kernel's table of connections, which is one for all. No sandbox can fill it alone; other programs may. */
final class ConnectionTable {
    private static final Logger LOG = LoggerFactory.getLogger(ConnectionTable.class);
    private static final double NEARLY_FULL = 0.9;
    private static final double CALM = 0.8;

    private final HostNetwork network;
    private boolean told;

    ConnectionTable(HostNetwork network) {
        this.network = network;
    }

    void measure(HostMetrics metrics) {
        metrics.gauge(
                "hostel.connections",
                "Connections that the kernel tracks; new ones fail beyond hostel.connections.limit",
                () -> current().map(TrackedConnections::now).orElse(-1));
        metrics.gauge(
                "hostel.connections.limit",
                "net.netfilter.nf_conntrack_max",
                () -> current().map(TrackedConnections::most).orElse(-1));
    }

    /** @return what to tell people, once each time that the table becomes nearly full */
    Optional<String> look() {
        TrackedConnections there = current().orElse(new TrackedConnections(0, 1));
        if (there.now() < there.most() * (told ? CALM : NEARLY_FULL)) {
            told = false;
            return Optional.empty();
        }
        if (told) {
            return Optional.empty();
        }
        told = true;
        return Optional.of("the kernel tracks " + there.now() + " of at most " + there.most()
                + " connections, beyond which new ones fail: raise net.netfilter.nf_conntrack_max, or lower"
                + " hostel.network.connections-per-sandbox");
    }

    private Optional<TrackedConnections> current() {
        try {
            return Optional.of(network.connections());
        } catch (KernelException e) {
            LOG.debug("tracked connections: {}", e.getMessage());
            return Optional.empty();
        }
    }
}
