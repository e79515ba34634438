package io.hostel.fake;

import io.hostel.kernel.HostNetwork;
import io.hostel.kernel.KernelException;
import io.hostel.kernel.Listening;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

public final class FakeHostNetwork implements HostNetwork {
    private final Effects effects;
    private final Map<String, Plan> standing = new LinkedHashMap<>();
    private final Map<String, TreeSet<Integer>> bridges = new LinkedHashMap<>();
    private final Set<Integer> listening = new TreeSet<>();
    private TrackedConnections connections = new TrackedConnections(0, 1000);

    FakeHostNetwork(Effects effects) {
        this.effects = effects;
    }

    @Override
    public synchronized List<String> ensure(Plan plan) throws KernelException {
        boolean stood = standing.containsKey(plan.bridge()) && numbers(plan).contains(0);
        effects.make("ensure " + plan.bridge(), () -> {
            standing.put(plan.bridge(), plan);
            numbers(plan).add(0);
        });
        return stood ? List.of() : List.of("bridge " + plan.bridge());
    }

    @Override
    public Listening watch(Plan plan, Ears ears) {
        return () -> {};
    }

    @Override
    public synchronized void addBridge(Plan plan, int number) throws KernelException {
        if (!standing.containsKey(plan.bridge())) {
            throw FakeKernel.missing("make", "bridge " + plan.bridge(number), "the filter does not stand");
        }
        effects.make("add bridge " + plan.bridge(number), () -> numbers(plan).add(number));
    }

    @Override
    public synchronized List<Integer> bridges(Plan plan) {
        effects.reading("bridges");
        return List.copyOf(numbers(plan));
    }

    private TreeSet<Integer> numbers(Plan plan) {
        return bridges.computeIfAbsent(plan.bridge(), name -> new TreeSet<>());
    }

    @Override
    public synchronized void remove(Plan plan) throws KernelException {
        effects.make("remove " + plan.bridge(), () -> {
            standing.remove(plan.bridge());
            bridges.remove(plan.bridge());
        });
    }

    @Override
    public List<String> conflicts(Plan plan) {
        return List.of();
    }

    @Override
    public synchronized TrackedConnections connections() {
        return connections;
    }

    public synchronized void connections(int now, int most) {
        connections = new TrackedConnections(now, most);
    }

    @Override
    public synchronized Set<Integer> listening() {
        effects.reading("listening");
        return Set.copyOf(listening);
    }

    /** A service of the machine's own begins or ends to listen. */
    public synchronized void listens(int port, boolean does) {
        if (does) {
            listening.add(port);
        } else {
            listening.remove(port);
        }
    }

    @Override
    public Optional<String> forwardingBlockedBy() {
        return Optional.empty();
    }

    public synchronized Map<String, Plan> standing() {
        return Map.copyOf(standing);
    }
}
