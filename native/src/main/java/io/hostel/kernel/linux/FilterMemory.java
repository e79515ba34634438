package io.hostel.kernel.linux;

import io.hostel.kernel.PacketFilter.Backend;
import io.hostel.kernel.PacketFilter.Rules;
import java.net.Inet4Address;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What the filter has been told by this daemon, so that it can be said again where somebody has taken it away. */
final class FilterMemory {
    private final Map<Inet4Address, Rules> admitted = new HashMap<>();
    private final Map<Integer, List<Backend>> published = new HashMap<>();
    private final Set<Set<Integer>> linked = new HashSet<>();
    private final Map<Integer, Integer> bounds = new HashMap<>();

    void admitted(Rules rules) {
        admitted.put(rules.address(), rules);
    }

    void expelled(Rules rules) {
        admitted.remove(rules.address(), rules);
    }

    void published(int port, List<Backend> backends) {
        if (backends.isEmpty()) {
            published.remove(port);
        } else {
            published.put(port, List.copyOf(backends));
        }
    }

    void linked(int tenant, int other) {
        if (tenant != other) linked.add(Set.of(tenant, other));
    }

    void unlinked(int tenant, int other) {
        linked.remove(Set.of(tenant, other));
    }

    void bound(int tenant, int connections) {
        bounds.put(tenant, connections);
    }

    boolean isBound(int tenant, int connections) {
        return bounds.getOrDefault(tenant, -1) == connections;
    }

    void unbound(int tenant) {
        bounds.remove(tenant);
    }

    Collection<Rules> admitted() {
        return admitted.values();
    }

    Map<Integer, List<Backend>> published() {
        return published;
    }

    /** Connections by tenant. */
    Map<Integer, Integer> bounds() {
        return bounds;
    }

    /** Pairs of tenants. */
    Set<Set<Integer>> linked() {
        return linked;
    }
}
