package io.hostel.sandbox;

import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Divides the slots that are kept ready between tenants that launch and what is nobody's yet. A control group cannot be moved into
 * a tenant's, and on v1 to enter one takes 10 ms; so a slot is quickest for the tenant that it was made for. One that is nobody's
 * lacks a group and the processes in it, and serves whoever comes first.
 *
 * <p>Tenants that have launched within {@link #ACTIVE} share equally, whoever came first where there are not enough; with more than
 * one tenant on the host a third is nobody's at least. Confined to the thread that keeps the slots, but for {@link #launched}.
 */
final class SlotShares {
    /** Of a tenant that has not launched for so long nothing is kept ready. */
    static final Duration ACTIVE = Duration.ofMinutes(10);

    /** Stands for all that is nobody's where a tenant's group is named. */
    static final String NOBODY = "";

    private final int wanted;
    private final Map<String, Active> active = new HashMap<>();

    private record Active(Instant since, Instant last) {}

    /** What is to be done next. */
    sealed interface Action {}

    /** Another one is to be made, for a tenant or nobody. */
    record Make(String owner) implements Action {}

    /** One that is nobody's is to be a tenant's. */
    record Give(String owner) implements Action {}

    /** One of a tenant's is to be nobody's. */
    record TakeBack(String owner) implements Action {}

    /** @param wanted how many there should be in all */
    SlotShares(int wanted) {
        this.wanted = wanted;
    }

    /** A tenant launches, or is about to. */
    synchronized void launched(String tenant, Instant now) {
        Active before = active.get(tenant);
        active.put(tenant, new Active(before == null ? now : before.since(), now));
    }

    synchronized void forget(String tenant) {
        active.remove(tenant);
    }

    /**
     * @param there how many each has now; {@link #NOBODY} too
     * @param tenants how many the host has
     * @param known whether a tenant is one of the host's still
     */
    synchronized Optional<Action> next(Map<String, Integer> there, int tenants, Predicate<String> known, Instant now) {
        active.entrySet()
                .removeIf(e -> !known.test(e.getKey()) || e.getValue().last().plus(ACTIVE).isBefore(now));
        Map<String, Integer> share = shares(tenants);
        for (Map.Entry<String, Integer> has : there.entrySet()) {
            if (!has.getKey().equals(NOBODY) && has.getValue() > share.getOrDefault(has.getKey(), 0)) {
                return Optional.of(new TakeBack(has.getKey()));
            }
        }
        Optional<String> poorest = share.entrySet().stream()
                .filter(e -> !e.getKey().equals(NOBODY) && there.getOrDefault(e.getKey(), 0) < e.getValue())
                .min(Comparator.comparingInt(e -> there.getOrDefault(e.getKey(), 0)))
                .map(Map.Entry::getKey);
        if (poorest.isPresent() && there.getOrDefault(NOBODY, 0) > share.getOrDefault(NOBODY, 0)) {
            return Optional.of(new Give(poorest.get()));
        }
        int all = there.values().stream().mapToInt(Integer::intValue).sum();
        return all < wanted ? Optional.of(new Make(poorest.orElse(NOBODY))) : Optional.empty();
    }

    private Map<String, Integer> shares(int tenants) {
        int nobodys = tenants > 1 || active.isEmpty() ? (wanted + 2) / 3 : 0;
        int rest = wanted - nobodys;
        List<String> first = active.entrySet().stream()
                .sorted(Comparator.comparing(e -> e.getValue().since()))
                .map(Map.Entry::getKey)
                .limit(rest)
                .toList();
        Map<String, Integer> shares = new HashMap<>();
        int each = first.isEmpty() ? 0 : rest / first.size();
        first.forEach(tenant -> shares.put(tenant, each));
        shares.put(NOBODY, wanted - each * first.size());
        return shares;
    }
}
