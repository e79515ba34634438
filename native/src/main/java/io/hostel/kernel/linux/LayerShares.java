package io.hostel.kernel.linux;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * How far each layer may grow, of bytes or of files: never so far that all of them together take more than is spare. Where all that
 * was promised fits, everybody gets that. Otherwise come first what each layer is owed whatever others do, its floor; then half of
 * what a tenant would have if all that is there were dealt out evenly by tenants, and likewise to its layers; and of what is left
 * half, evenly by tenants again. The other half is for those who come until this is reckoned again.
 */
final class LayerShares {

    /**
     * One layer.
     *
     * @param tenant whose it is
     * @param given the most that it may ever take
     * @param used what it takes
     * @param owed what it may take, come what may
     */
    record Claimant(long tenant, long given, long used, long owed) {
        Claimant {
            if (given < 0 || used < 0) throw new IllegalArgumentException("given " + given + ", used " + used);
        }

        long wanted() {
            return Math.max(0, given - used);
        }

        private long owedStill() {
            return Math.min(wanted(), Math.max(0, owed - used));
        }
    }

    /**
     * @param bounds what each may take, in the order of the claimants; their growth together is at most what was spare, floors aside
     * @param left of what is spare, how much is in nobody's bound; never below 0
     * @param free whether everybody has got all that was promised
     */
    record Dealt(long[] bounds, long left, boolean free) {}

    private final List<Claimant> claimants;
    private final List<List<Integer>> tenants;
    private final long[] grown;
    private long spare;

    private LayerShares(long spare, List<Claimant> claimants) {
        this.claimants = claimants;
        this.spare = spare;
        this.grown = new long[claimants.size()];
        Map<Long, List<Integer>> byTenant = new LinkedHashMap<>();
        for (int i = 0; i < claimants.size(); i++) {
            byTenant.computeIfAbsent(claimants.get(i).tenant(), t -> new ArrayList<>())
                    .add(i);
        }
        this.tenants = List.copyOf(byTenant.values());
    }

    /** @param spare by how much all together may grow; below 0 where they have grown too far already */
    static Dealt deal(long spare, List<Claimant> claimants) {
        return new LayerShares(spare, claimants).deal();
    }

    private Dealt deal() {
        long promised = 0;
        for (Claimant each : claimants) promised = saturated(promised, each.wanted());
        boolean free = promised <= spare;
        if (free) {
            for (int i = 0; i < grown.length; i++) grown[i] = claimants.get(i).wanted();
            spare -= promised;
        } else {
            for (int i = 0; i < grown.length; i++) {
                grown[i] = claimants.get(i).owedStill();
                spare -= grown[i];
            }
            spare = Math.max(0, spare);
            grow(spare, guaranteed());
            grow(spare / 2, wanted());
        }
        long[] bounds = new long[grown.length];
        for (int i = 0; i < bounds.length; i++)
            bounds[i] = saturated(claimants.get(i).used(), grown[i]);
        return new Dealt(bounds, spare, free);
    }

    /** By how much each would have to grow for half of its even part of all that there is. */
    private long[] guaranteed() {
        long all = spare;
        for (int i = 0; i < grown.length; i++) all = saturated(all, saturated(claimants.get(i).used(), grown[i]));
        long[] byTenant = even(all, tenants.stream().mapToLong(this::given).toArray());
        long[] lacking = new long[grown.length];
        for (int t = 0; t < byTenant.length; t++) {
            List<Integer> own = tenants.get(t);
            long[] parts = even(
                    byTenant[t],
                    own.stream().mapToLong(i -> claimants.get(i).given()).toArray());
            for (int i = 0; i < parts.length; i++) {
                int layer = own.get(i);
                long has = saturated(claimants.get(layer).used(), grown[layer]);
                lacking[layer] = Math.min(wanted(layer), Math.max(0, parts[i] / 2 - has));
            }
        }
        return lacking;
    }

    private long given(List<Integer> layers) {
        long sum = 0;
        for (int i : layers) sum = saturated(sum, claimants.get(i).given());
        return sum;
    }

    private long[] wanted() {
        long[] all = new long[grown.length];
        for (int i = 0; i < all.length; i++) all[i] = wanted(i);
        return all;
    }

    private long wanted(int layer) {
        return claimants.get(layer).wanted() - grown[layer];
    }

    /** Deals out at most so much, evenly by tenants and then by their layers, and to none more than it asks for. */
    private void grow(long most, long[] asked) {
        long[] byTenant = new long[tenants.size()];
        for (int t = 0; t < byTenant.length; t++) {
            for (int i : tenants.get(t)) byTenant[t] = saturated(byTenant[t], asked[i]);
        }
        long[] parts = even(most, byTenant);
        for (int t = 0; t < parts.length; t++) {
            List<Integer> own = tenants.get(t);
            long[] each = even(parts[t], own.stream().mapToLong(i -> asked[i]).toArray());
            for (int i = 0; i < each.length; i++) {
                grown[own.get(i)] += each[i];
                spare -= each[i];
            }
        }
    }

    /** Max-min fair: the same for all, but for those who ask for less. The sum is at most {@code all}. */
    static long[] even(long all, long[] asked) {
        long[] parts = new long[asked.length];
        Integer[] leastFirst = new Integer[asked.length];
        Arrays.setAll(leastFirst, i -> i);
        Arrays.sort(leastFirst, (a, b) -> Long.compare(asked[a], asked[b]));
        long left = Math.max(0, all);
        for (int n = 0; n < leastFirst.length; n++) {
            int i = leastFirst[n];
            parts[i] = Math.min(asked[i], left / (leastFirst.length - n));
            left -= parts[i];
        }
        return parts;
    }

    static long saturated(long a, long b) {
        return a > Long.MAX_VALUE - b ? Long.MAX_VALUE : a + b;
    }
}
