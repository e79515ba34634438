package io.hostel.kernel;

import java.util.List;
import java.util.Map;

/**
 * What a machine offers, and what it lacks.
 *
 * @param kernel its release, e.g. {@code 6.1.0-28-amd64}
 * @param namespaces kinds, as /proc/self/ns names them: cgroup, ipc, mnt, net, pid, user, uts
 * @param features by name: how each is there, e.g. {@code cgroup → v1}; absent ones say {@code missing}
 * @param degraded what works less well than it could
 * @param problems what stands in the way of running at all: a line each, saying what to do; empty on a machine that will do
 */
public record Capabilities(
        String kernel,
        List<String> namespaces,
        Map<String, String> features,
        List<Degradation> degraded,
        List<String> problems) {
    public Capabilities {
        namespaces = List.copyOf(namespaces);
        features = Map.copyOf(features);
        degraded = List.copyOf(degraded);
        problems = List.copyOf(problems);
    }

    /** @param mend the one thing to do about it */
    public record Degradation(String feature, String why, String mend) {}
}
