package io.hostel.tenant;

import io.hostel.api.Refusal;
import io.hostel.config.Quota;
import io.hostel.config.QuotaField;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What a tenant's apps claim of its quota: of each app what it holds by the records, and what has been admitted for it and is
 * not yet recorded. While a release is rolled out, a process counts with the larger of its old and its new claim, so that a
 * full quota still allows a deploy; the two releases' sandboxes stand side by side until the new one is live.
 */
final class Claims {
    private final Map<String, Demand> held = new HashMap<>();
    private final Set<String> rolling = new HashSet<>();
    private final Map<Long, Admitted> admitted = new HashMap<>();
    private long lastTicket;

    private record Admitted(String app, Demand demand, boolean rollout) {}

    /**
     * What an app holds from now on; {@link Demand#NONE} when it is gone.
     *
     * @param rollout whether a release is being rolled out beside a live one
     */
    void hold(String app, Demand demand, boolean rollout) {
        if (rollout) {
            rolling.add(app);
        } else {
            rolling.remove(app);
        }
        if (demand.processes().isEmpty()) {
            held.remove(app);
        } else {
            held.put(app, demand);
        }
    }

    /** What came of an admission is recorded, or nothing came of it. */
    void settle(long ticket) {
        admitted.remove(ticket);
    }

    /** Whether something has been admitted that is not yet recorded. */
    boolean admitting() {
        return !admitted.isEmpty();
    }

    boolean admitting(String app) {
        return admitted.values().stream().anyMatch(a -> a.app().equals(app));
    }

    /** Nothing will come of what was admitted for an app. */
    void settleAll(String app) {
        admitted.values().removeIf(a -> a.app().equals(app));
    }

    Demand of(String app) {
        Demand demand = held.getOrDefault(app, Demand.NONE);
        for (Admitted a : admitted.values()) {
            if (a.app().equals(app)) {
                demand = demand.max(a.demand());
            }
        }
        return demand;
    }

    Claim total() {
        Claim total = Claim.NONE;
        for (String app : apps()) {
            total = total.plus(of(app).total());
        }
        return total;
    }

    /** What may stand beside all that is claimed, of all releases that are being rolled out together: the largest app's size. */
    Claim surge() {
        Set<String> apps = new HashSet<>(rolling);
        admitted.values().stream().filter(Admitted::rollout).map(Admitted::app).forEach(apps::add);
        return apps.stream().map(app -> of(app).total()).reduce(Claim.NONE, Claim::max);
    }

    private List<String> apps() {
        List<String> apps = new ArrayList<>(held.keySet());
        admitted.values().stream()
                .map(Admitted::app)
                .distinct()
                .filter(a -> !held.containsKey(a))
                .forEach(apps::add);
        return apps;
    }

    /**
     * Admits the whole demand for an app beside what it holds; the ticket is settled when the change is recorded.
     *
     * @param rollout whether it is for a release beside a live one
     */
    long admit(String app, Demand demand, boolean rollout) {
        admitted.put(++lastTicket, new Admitted(app, demand, rollout));
        return lastTicket;
    }

    /**
     * Why a demand does not fit; empty where it does. Whatever does not grow is not refused, even where a quota has been
     * lowered below what is in use.
     *
     * @param pointer of the request's field to blame
     */
    Optional<Refusal> refusal(Quota quota, String app, Demand demand, String pointer) {
        Claim before = of(app).total();
        Claim after = of(app).max(demand).total();
        Claim others = Claim.NONE;
        for (String other : apps()) {
            others = other.equals(app) ? others : others.plus(of(other).total());
        }
        Claim all = others.plus(after);
        List<Refusal.FieldProblem> problems = new ArrayList<>();
        for (QuotaField field : QuotaField.values()) {
            long wanted = all.of(field);
            long allowed = quota.of(field);
            if (wanted > allowed && after.of(field) > before.of(field)) {
                String text = field.title() + ": " + text(field, wanted) + " wanted in all, " + text(field, allowed)
                        + " allowed";
                problems.add(new Refusal.FieldProblem(pointer, text));
            }
        }
        if (problems.isEmpty()) {
            return Optional.empty();
        }
        StringBuilder detail = new StringBuilder("Over the tenant's quota:");
        problems.forEach(p -> detail.append(' ').append(p.detail()).append(';'));
        detail.setCharAt(detail.length() - 1, '.');
        return Optional.of(new Refusal.OverQuota(detail.toString(), problems));
    }

    private static String text(QuotaField field, long value) {
        return field.isMillionths() ? String.format(Locale.ROOT, "%.2f", value / 1e6) : Long.toString(value);
    }
}
