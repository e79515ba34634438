package io.hostel.config;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class QuotaTest {

    @ParameterizedTest
    @EnumSource(QuotaField.class)
    void every_field_can_be_changed_without_the_others(QuotaField field) {
        Quota changed = Quota.STANDARD.with(field, 3);

        assertThat(changed.of(field)).isEqualTo(3);
        for (QuotaField other : QuotaField.values()) {
            if (other != field) {
                assertThat(changed.of(other)).isEqualTo(Quota.STANDARD.of(other));
            }
        }
    }

    @Test
    void cores_are_counted_in_whole_millionths() {
        assertThat(Quota.NONE.withCpus(0.1).of(QuotaField.CPUS)).isEqualTo(100_000);
        assertThat(Quota.STANDARD.cpus()).isEqualTo(4.0);
    }
}
