package io.hostel.config;

import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.ToLongFunction;

/**
 * What a tenant may use in all; usage has the same fields. Immutable.
 *
 * @param values of every field, in the field's unit
 */
public record Quota(Map<QuotaField, Long> values) {
    private static final double MILLION = 1e6;

    /** Nothing of anything. */
    public static final Quota NONE = of(field -> 0);

    public static final Quota STANDARD = of(QuotaField::standard);

    public Quota {
        EnumMap<QuotaField, Long> copy = new EnumMap<>(QuotaField.class);
        for (QuotaField field : QuotaField.values()) {
            copy.put(field, Objects.requireNonNull(values.get(field), field::title));
        }
        values = Collections.unmodifiableMap(copy);
    }

    public static Quota of(ToLongFunction<QuotaField> value) {
        EnumMap<QuotaField, Long> values = new EnumMap<>(QuotaField.class);
        for (QuotaField field : QuotaField.values()) {
            values.put(field, value.applyAsLong(field));
        }
        return new Quota(values);
    }

    public long of(QuotaField field) {
        return Objects.requireNonNull(values.get(field));
    }

    public Quota with(QuotaField field, long value) {
        return of(other -> other == field ? value : of(other));
    }

    /** As {@link #with(QuotaField, long)}, in cores. */
    public Quota withCpus(double cores) {
        return with(QuotaField.CPUS, millionths(cores));
    }

    public double cpus() {
        return of(QuotaField.CPUS) / MILLION;
    }

    public static long millionths(double number) {
        return Math.round(number * MILLION);
    }
}
