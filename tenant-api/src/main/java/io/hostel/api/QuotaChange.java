package io.hostel.api;

import io.hostel.config.Quota;
import io.hostel.config.QuotaField;
import java.util.Map;

/**
 * New values for some fields of a quota; the others stay as they are.
 *
 * @param values in the field's unit, see {@link QuotaField}
 */
public record QuotaChange(Map<QuotaField, Long> values) {
    public QuotaChange {
        values = Map.copyOf(values);
    }

    public Quota of(Quota quota) {
        return Quota.of(field -> values.getOrDefault(field, quota.of(field)));
    }
}
