package io.hostel.tenant;

import io.hostel.kernel.KernelException;
import io.hostel.kernel.PacketFilter;
import io.hostel.kernel.PacketFilter.Backend;
import io.hostel.network.PortPool;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Leads an app's published ports, and begins with none on which a service of the machine listens meanwhile: that one's callers
 * would get to the tenant. A port that leads somewhere stays where it is. One call at a time for each port.
 */
final class PortOpener {
    private final PacketFilter filter;
    private final PortPool ports;
    private final Set<Integer> open = ConcurrentHashMap.newKeySet();

    PortOpener(PacketFilter filter, PortPool ports) {
        this.filter = filter;
        this.ports = ports;
    }

    /** @throws KernelException EADDRINUSE where somebody listens on the port */
    void lead(int port, List<Backend> backends) throws KernelException {
        if (backends.isEmpty()) {
            open.remove(port);
        } else if (!open.contains(port)) {
            requireNobodyListens(port);
        }
        filter.publish(port, backends);
        if (!backends.isEmpty()) {
            open.add(port);
        }
    }

    private void requireNobodyListens(int port) throws KernelException {
        // Where an earlier daemon has led it, it was free then.
        if (ports.isListenedOn(port) && !filter.contents().published().containsKey(port)) {
            throw new KernelException(
                    "EADDRINUSE",
                    "publish",
                    "port " + port,
                    "a service of the machine listens on it; it is published as soon as that has ended");
        }
    }
}
