package io.hostel.tenant;

import io.hostel.api.Refusal;
import io.hostel.config.Quota;
import io.hostel.config.QuotaField;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.EnumMap;
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
    private static final BigInteger MOST = BigInteger.valueOf(Long.MAX_VALUE);

    private final Map<String, Demand> held = new HashMap<>();
    private final Set<String> rolling = new HashSet<>();
    private final Map<Long, Admitted> admitted = new HashMap<>();
    /** Of each app that claims anything, by field, and of all: a change of one costs the same, however many there are. */
    private final Map<String, Claim> totals = new HashMap<>();

    private final Map<QuotaField, BigInteger> sums = new EnumMap<>(QuotaField.class);
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
        sumUp(app);
    }

    /** Exact, unlike sums of claims, which saturate: what goes is taken off again. */
    private void sumUp(String app) {
        Claim before = total(app);
        Claim now = of(app).total();
        if (now.amounts().isEmpty()) {
            totals.remove(app);
        } else {
            totals.put(app, now);
        }
        for (QuotaField field : QuotaField.values()) {
            if (before.of(field) != now.of(field)) {
                sums.put(
                        field,
                        sum(field)
                                .subtract(BigInteger.valueOf(before.of(field)))
                                .add(BigInteger.valueOf(now.of(field))));
            }
        }
    }

    private Claim total(String app) {
        return totals.getOrDefault(app, Claim.NONE);
    }

    private BigInteger sum(QuotaField field) {
        return sums.getOrDefault(field, BigInteger.ZERO);
    }

    private static long saturated(BigInteger sum) {
        return sum.min(MOST).longValue();
    }

    /** What came of an admission is recorded, or nothing came of it. */
    void settle(long ticket) {
        Optional.ofNullable(admitted.remove(ticket)).ifPresent(a -> sumUp(a.app()));
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
        sumUp(app);
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
        Map<QuotaField, Long> amounts = new EnumMap<>(QuotaField.class);
        sums.forEach((field, sum) -> amounts.put(field, saturated(sum)));
        return new Claim(amounts);
    }

    /** What may stand beside all that is claimed, of all releases that are being rolled out together: the largest app's size. */
    Claim surge() {
        Set<String> apps = new HashSet<>(rolling);
        admitted.values().stream().filter(Admitted::rollout).map(Admitted::app).forEach(apps::add);
        return apps.stream().map(this::total).reduce(Claim.NONE, Claim::max);
    }

    /**
     * Admits the whole demand for an app beside what it holds; the ticket is settled when the change is recorded.
     *
     * @param rollout whether it is for a release beside a live one
     */
    long admit(String app, Demand demand, boolean rollout) {
        admitted.put(++lastTicket, new Admitted(app, demand, rollout));
        sumUp(app);
        return lastTicket;
    }

    /**
     * Why a demand does not fit; empty where it does. Whatever does not grow is not refused, even where a quota has been
     * lowered below what is in use.
     *
     * @param pointer of the request's field to blame
     */
    Optional<Refusal> refusal(Quota quota, String app, Demand demand, String pointer) {
        Claim before = total(app);
        Claim after = of(app).max(demand).total();
        List<Refusal.FieldProblem> problems = new ArrayList<>();
        for (QuotaField field : QuotaField.values()) {
            long wanted = saturated(sum(field)
                    .subtract(BigInteger.valueOf(before.of(field)))
                    .add(BigInteger.valueOf(after.of(field))));
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
