package io.hostel.tenant;

import io.hostel.api.ProcessSpec;
import io.hostel.config.Quota;
import io.hostel.config.QuotaField;
import java.util.EnumMap;
import java.util.Map;
import java.util.function.LongBinaryOperator;

/**
 * How much of a quota something takes, in the fields that are claimed before they are used. Sums saturate, so that no limit is too
 * large to be refused.
 */
record Claim(Map<QuotaField, Long> amounts) {

    static final Claim NONE = new Claim(Map.of());

    Claim {
        amounts = Map.copyOf(amounts);
    }

    static Claim of(ProcessSpec process, int scale) {
        ProcessSpec.Limits limits = process.limits();
        Map<QuotaField, Long> amounts = new EnumMap<>(QuotaField.class);
        amounts.put(QuotaField.MEMORY, times(limits.memory(), scale));
        amounts.put(QuotaField.CPUS, times(Quota.millionths(limits.cpus()), scale));
        amounts.put(QuotaField.PIDS, times(limits.pids(), scale));
        amounts.put(QuotaField.DISK, times(limits.disk(), scale));
        amounts.put(QuotaField.FILES, times(limits.files(), scale));
        amounts.put(QuotaField.SANDBOXES, (long) scale);
        amounts.put(QuotaField.PUBLISHED_PORTS, Published.is(process) ? 1L : 0L);
        return new Claim(amounts);
    }

    long of(QuotaField field) {
        return amounts.getOrDefault(field, 0L);
    }

    /** What one sandbox of a process takes while it stands; a published port is the app's. */
    static Claim standing(ProcessSpec process) {
        Map<QuotaField, Long> amounts = new EnumMap<>(of(process, 1).amounts);
        amounts.remove(QuotaField.PUBLISHED_PORTS);
        return new Claim(amounts);
    }

    /** What a quota allows. */
    static Claim allowed(Quota quota) {
        return new Claim(quota.values());
    }

    /** Whether it is nowhere more than the other. */
    boolean within(Claim other) {
        return amounts.entrySet().stream().allMatch(amount -> amount.getValue() <= other.of(amount.getKey()));
    }

    Claim plus(Claim other) {
        return with(other, Claim::sum);
    }

    /** Field by field the larger. */
    Claim max(Claim other) {
        return with(other, Math::max);
    }

    private Claim with(Claim other, LongBinaryOperator operator) {
        Map<QuotaField, Long> amounts = new EnumMap<>(QuotaField.class);
        amounts.putAll(this.amounts);
        other.amounts.forEach((field, amount) -> amounts.put(field, operator.applyAsLong(of(field), amount)));
        return new Claim(amounts);
    }

    private static long times(long value, long scale) {
        return scale != 0 && value > Long.MAX_VALUE / scale ? Long.MAX_VALUE : value * scale;
    }

    private static long sum(long a, long b) {
        return a > Long.MAX_VALUE - b ? Long.MAX_VALUE : a + b;
    }
}
