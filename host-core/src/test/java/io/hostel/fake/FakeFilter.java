package io.hostel.fake;

import io.hostel.kernel.KernelException;
import io.hostel.kernel.PacketFilter;
import java.net.Inet4Address;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Elements of the tables; published ports and links between tenants are not a sandbox's and no holdings of one. */
public final class FakeFilter implements PacketFilter {
    private final Effects effects;
    private final Set<Rules> admitted = new LinkedHashSet<>();
    private final Map<Integer, List<Backend>> published = new LinkedHashMap<>();
    private final Set<List<Integer>> linked = new LinkedHashSet<>();
    private final Map<Integer, Integer> bounds = new LinkedHashMap<>();

    FakeFilter(Effects effects) {
        this.effects = effects;
    }

    @Override
    public synchronized void admit(Rules rules) throws KernelException {
        effects.make("admit " + rules.link(), () -> admitted.add(rules));
    }

    @Override
    public synchronized void expel(Rules rules) throws KernelException {
        effects.make("expel " + rules.link(), () -> admitted.remove(rules));
    }

    @Override
    public synchronized void publish(int port, List<Backend> backends) throws KernelException {
        if (backends.size() > MAX_BACKENDS) {
            throw new KernelException("E2BIG", "publish", "port " + port, "more than " + MAX_BACKENDS + " backends");
        }
        effects.make("publish " + port, () -> {
            if (backends.isEmpty()) {
                published.remove(port);
            } else {
                published.put(port, List.copyOf(backends));
            }
        });
    }

    @Override
    public synchronized void link(int tenant, int other) throws KernelException {
        effects.make("link " + tenant + " " + other, () -> linked.add(pair(tenant, other)));
    }

    @Override
    public synchronized void unlink(int tenant, int other) throws KernelException {
        effects.make("unlink " + tenant + " " + other, () -> linked.remove(pair(tenant, other)));
    }

    @Override
    public synchronized void bound(int tenant, int connections) throws KernelException {
        effects.make("bound " + tenant, () -> bounds.put(tenant, connections));
    }

    @Override
    public synchronized void unbound(int tenant) throws KernelException {
        effects.make("unbound " + tenant, () -> bounds.remove(tenant));
    }

    @Override
    public synchronized Contents contents() {
        effects.reading("filter contents");
        Map<Inet4Address, Integer> addresses = new LinkedHashMap<>();
        admitted.forEach(rules -> addresses.put(rules.address(), rules.tenant()));
        return new Contents(addresses, Map.copyOf(published));
    }

    @Override
    public synchronized void retain(Set<Integer> ports, Set<Set<Integer>> pairs, Map<Integer, Integer> all)
            throws KernelException {
        effects.make("retain", () -> {
            published.keySet().retainAll(ports);
            linked.removeIf(pair -> !pairs.contains(Set.copyOf(pair)));
            bounds.clear();
            bounds.putAll(all);
        });
    }

    /** Nobody else writes here. */
    @Override
    public synchronized int mend() {
        return 0;
    }

    @Override
    public synchronized void admitted(Collection<Rules> rules) {
        admitted.addAll(rules);
    }

    /** Pairs of tenants that may talk, the smaller number first. */
    public synchronized Set<List<Integer>> linked() {
        return Set.copyOf(linked);
    }

    /** Connections by tenant. */
    public synchronized Map<Integer, Integer> bounds() {
        return Map.copyOf(bounds);
    }

    private static List<Integer> pair(int tenant, int other) {
        return List.of(Math.min(tenant, other), Math.max(tenant, other));
    }

    synchronized List<String> holdings() {
        List<String> all = new ArrayList<>();
        admitted.forEach(rules -> all.add("rules " + rules));
        return all;
    }
}
