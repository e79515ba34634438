package io.hostel.host;

import io.hostel.network.PortPool;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Watches for services of the machine that begin to listen on ports that are tenants' already. */
final class OccupiedPorts {
    private final PortPool ports;
    private Set<Integer> told = Set.of();

    OccupiedPorts(PortPool ports) {
        this.ports = ports;
    }

    /** @return what to tell people, once for each such port and for as long as it is one */
    Optional<String> look() {
        Set<Integer> found = ports.look();
        Set<Integer> fresh = new TreeSet<>(found);
        fresh.removeAll(told);
        told = found;
        if (fresh.isEmpty()) {
            return Optional.empty();
        }
        String list = fresh.stream().map(String::valueOf).collect(Collectors.joining(", "));
        return Optional.of("a service of the machine listens on " + (fresh.size() == 1 ? "port " : "ports ") + list
                + ", published for a tenant's process: what is sent there may reach the tenant's sandboxes instead;"
                + " have the service listen elsewhere, or delete the app");
    }
}
