package io.hostel.tenant;

import io.hostel.api.ReleaseSpec;
import java.util.HashMap;
import java.util.Map;

/** What one release of an app claims, by process. */
record Demand(Map<String, Claim> processes) {

    static final Demand NONE = new Demand(Map.of());

    Demand {
        processes = Map.copyOf(processes);
    }

    /** @param scales of all its processes */
    static Demand of(ReleaseSpec spec, Map<String, Integer> scales) {
        Map<String, Claim> claims = new HashMap<>();
        spec.processes()
                .forEach((name, process) -> claims.put(name, Claim.of(process, scales.getOrDefault(name, 0))));
        return new Demand(claims);
    }

    Demand with(String process, Claim claim) {
        Map<String, Claim> claims = new HashMap<>(processes);
        claims.put(process, claim);
        return new Demand(claims);
    }

    /** Process by process the larger: while one release takes another's place, the two share what the larger needs. */
    Demand max(Demand other) {
        Map<String, Claim> claims = new HashMap<>(processes);
        other.processes.forEach((name, claim) -> claims.merge(name, claim, Claim::max));
        return new Demand(claims);
    }

    Claim total() {
        return processes.values().stream().reduce(Claim.NONE, Claim::plus);
    }
}
