package io.hostel.tenant;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Which sandboxes to start and which to reap, from what is wanted and what is there.
 *
 * @param starts a slot for each sandbox to start
 * @param surplus ids of sandboxes to reap
 */
record Placement(List<Slot> starts, List<String> surplus) {

    /**
     * @param order grows with every sandbox; the newest go first where there are too many
     * @param leaving whether it is on its way out already: its place is to be taken
     */
    record Present(String id, Slot slot, long order, boolean leaving) {}

    static Placement of(Map<Slot, Integer> wanted, List<Present> present) {
        Map<Slot, List<Present>> staying = new LinkedHashMap<>();
        for (Present p : present) {
            if (!p.leaving()) {
                staying.computeIfAbsent(p.slot(), s -> new ArrayList<>()).add(p);
            }
        }
        List<Slot> starts = new ArrayList<>();
        List<String> surplus = new ArrayList<>();
        wanted.forEach((slot, count) -> {
            int there = staying.getOrDefault(slot, List.of()).size();
            for (int i = there; i < count; i++) {
                starts.add(slot);
            }
        });
        staying.forEach((slot, sandboxes) -> {
            sandboxes.sort(Comparator.comparingLong(Present::order));
            int keep = Math.min(sandboxes.size(), wanted.getOrDefault(slot, 0));
            sandboxes.subList(keep, sandboxes.size()).forEach(p -> surplus.add(p.id()));
        });
        return new Placement(starts, surplus);
    }
}
