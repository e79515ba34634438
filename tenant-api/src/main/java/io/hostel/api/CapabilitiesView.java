package io.hostel.api;

import java.util.List;
import java.util.Map;

/** @param features by name: what the machine offers, e.g. {@code cgroup → v1} */
public record CapabilitiesView(
        String kernel, List<String> namespaces, Map<String, String> features, List<Degradation> degraded) {
    public CapabilitiesView {
        namespaces = List.copyOf(namespaces);
        features = Map.copyOf(features);
        degraded = List.copyOf(degraded);
    }

    /** @param mend the one thing to do about it */
    public record Degradation(String feature, String why, String mend) {}
}
