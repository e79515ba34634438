package io.hostel.kernel.linux;

import io.hostel.kernel.Capabilities;
import io.hostel.kernel.Capabilities.Degradation;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What a {@link MachineProbe} has found so far. */
final class Findings {
    private static final String MISSING = "missing";

    private final Map<String, String> features = new TreeMap<>();
    private final List<Degradation> degraded = new ArrayList<>();
    private final List<String> problems = new ArrayList<>();

    void offers(String feature, String how) {
        features.put(feature, how);
    }

    /** @param problem what is wrong and what to do */
    void lacks(String feature, String problem) {
        features.put(feature, MISSING);
        problems.add(problem);
    }

    /** It is there where {@code present}, else nothing can run. */
    void needs(String feature, boolean present, String problem) {
        if (present) offers(feature, "yes");
        else lacks(feature, problem);
    }

    void degrades(String feature, String how, String why, String mend) {
        features.put(feature, how);
        degraded.add(new Degradation(feature, why, mend));
    }

    Capabilities toCapabilities(String kernel, List<String> namespaces) {
        return new Capabilities(kernel, namespaces, features, degraded, problems);
    }
}
