package io.hostel.kernel.linux;

import io.hostel.kernel.linux.LayerShares.Claimant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** How many files the layers of an owner may hold together. */
final class LayerFiles {
    private final Map<Long, Long> most = new ConcurrentHashMap<>();

    void most(long owner, long files) {
        most.put(owner, files);
    }

    /** Claims to files, so that those of no owner together are more than it may have: what it has not used yet is dealt out evenly. */
    List<Claimant> within(List<Claimant> claimants) {
        List<Claimant> within = new ArrayList<>(claimants);
        Map<Long, List<Integer>> own = new HashMap<>();
        for (int i = 0; i < claimants.size(); i++) {
            own.computeIfAbsent(claimants.get(i).tenant(), owner -> new ArrayList<>())
                    .add(i);
        }
        own.forEach((owner, layers) -> {
            Long all = most.get(owner);
            if (all != null) narrow(within, layers, all);
        });
        return within;
    }

    private static void narrow(List<Claimant> claimants, List<Integer> layers, long all) {
        long unused = all;
        for (int i : layers) unused -= claimants.get(i).used();
        long[] parts = LayerShares.even(
                unused, layers.stream().mapToLong(i -> claimants.get(i).wanted()).toArray());
        for (int n = 0; n < parts.length; n++) {
            Claimant each = claimants.get(layers.get(n));
            long mostOfAll = each.used() + parts[n];
            claimants.set(
                    layers.get(n),
                    new Claimant(each.tenant(), mostOfAll, each.used(), Math.min(mostOfAll, each.owed())));
        }
    }
}
