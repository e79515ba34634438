package io.hostel.tenant;

import io.hostel.store.DesiredState.StoredLink;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;

/**
 * Which tenants have said that they may reach which, and whether the packet filter lets them: one kernel call per pair at a
 * time, the newest wish wins, failed ones are made again. Confined to the directory's actor.
 */
final class Links {
    /** By who said it. */
    private final Map<String, Set<String>> said = new HashMap<>();

    private final Map<Pair, Converging<Boolean>> rules = new HashMap<>();
    private final BiConsumer<Pair, Boolean> apply;

    /** Two tenants' numbers, the smaller first. */
    record Pair(int lower, int higher) {
        static Pair of(int a, int b) {
            return new Pair(Math.min(a, b), Math.max(a, b));
        }

        boolean has(int number) {
            return lower == number || higher == number;
        }
    }

    /** @param apply makes the kernel call and reports to {@link #applied} later */
    Links(BiConsumer<Pair, Boolean> apply) {
        this.apply = apply;
    }

    void say(Collection<StoredLink> links) {
        links.forEach(
                l -> said.computeIfAbsent(l.tenant(), t -> new HashSet<>()).add(l.other()));
    }

    void unsay(Collection<StoredLink> links) {
        links.forEach(l -> said.getOrDefault(l.tenant(), new HashSet<>()).remove(l.other()));
    }

    boolean bothSaid(String a, String b) {
        return said(a).contains(b) && said(b).contains(a);
    }

    /** Of whom a tenant has said so. */
    Set<String> said(String tenant) {
        return said.getOrDefault(tenant, Set.of());
    }

    /** What was said by or of a tenant is forgotten, and its links are taken away. */
    void forget(String tenant, int number) {
        said.remove(tenant);
        said.values().forEach(others -> others.remove(tenant));
        Set.copyOf(rules.keySet()).stream().filter(p -> p.has(number)).forEach(p -> want(p, false));
    }

    void want(Pair pair, boolean linked) {
        if (linked || rules.containsKey(pair)) {
            rules.computeIfAbsent(pair, p -> new Converging<>(linked)).want(linked);
            go(pair);
        }
    }

    void applied(Pair pair, boolean done) {
        Converging<Boolean> rule = rules.get(pair);
        if (rule == null) {
            return;
        }
        if (done) {
            rule.succeeded();
            go(pair);
            if (rule.settled() && !rule.wanted()) {
                rules.remove(pair);
            }
        } else {
            rule.failed();
        }
    }

    void retry() {
        Set.copyOf(rules.keySet()).forEach(pair -> {
            Optional.ofNullable(rules.get(pair)).ifPresent(Converging::rested);
            go(pair);
        });
    }

    /** Whether the filter is as wished for this pair. */
    boolean settled(Pair pair) {
        Converging<Boolean> rule = rules.get(pair);
        return rule == null || rule.settled();
    }

    /** Whether no rule names this tenant any more. */
    boolean none(int number) {
        return rules.keySet().stream().noneMatch(p -> p.has(number));
    }

    private void go(Pair pair) {
        Converging<Boolean> rule = rules.get(pair);
        if (rule != null) {
            rule.next().ifPresent(linked -> apply.accept(pair, linked));
        }
    }
}
