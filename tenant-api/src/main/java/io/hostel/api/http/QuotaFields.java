package io.hostel.api.http;

import io.hostel.api.QuotaChange;
import io.hostel.config.Quota;
import io.hostel.config.QuotaField;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Reads the {@code quota} of a request. */
final class QuotaFields {
    private static final Set<String> TITLES =
            Arrays.stream(QuotaField.values()).map(QuotaField::title).collect(Collectors.toUnmodifiableSet());

    private QuotaFields() {}

    static QuotaChange read(Fields fields) {
        Fields quota = fields.inner("quota", TITLES);
        Map<QuotaField, Long> values = new EnumMap<>(QuotaField.class);
        for (QuotaField field : QuotaField.values()) {
            value(quota, field).ifPresent(value -> values.put(field, value));
        }
        return new QuotaChange(values);
    }

    private static Optional<Long> value(Fields quota, QuotaField field) {
        if (field.isBytes()) {
            return quota.size(field.title(), 0, field.most());
        }
        return field.isMillionths()
                ? quota.decimal(field.title(), 0, field.most() / 1e6).map(Quota::millionths)
                : quota.whole(field.title(), 0, field.most());
    }
}
