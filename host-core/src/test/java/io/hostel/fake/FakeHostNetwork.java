package io.hostel.fake;

import io.hostel.kernel.HostNetwork;
import io.hostel.kernel.KernelException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

public final class FakeHostNetwork implements HostNetwork {
    private final Effects effects;
    private final Map<String, Plan> standing = new LinkedHashMap<>();

    FakeHostNetwork(Effects effects) {
        this.effects = effects;
    }

    @Override
    public synchronized void ensure(Plan plan) throws KernelException {
        effects.make("ensure " + plan.bridge(), () -> standing.put(plan.bridge(), plan));
    }

    @Override
    public synchronized void remove(Plan plan) throws KernelException {
        effects.make("remove " + plan.bridge(), () -> standing.remove(plan.bridge()));
    }

    @Override
    public List<String> conflicts(Plan plan) {
        return List.of();
    }

    @Override
    public Optional<String> forwardingBlockedBy() {
        return Optional.empty();
    }

    public synchronized Map<String, Plan> standing() {
        return Map.copyOf(standing);
    }
}
