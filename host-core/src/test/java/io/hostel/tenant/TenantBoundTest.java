package io.hostel.tenant;

import static org.assertj.core.api.Assertions.assertThat;

import io.hostel.config.QuotaField;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TenantBoundTest {
    private static final Claim ALLOWED = claim(1 << 30, 2_000_000, 640);

    private static Claim claim(long memory, long microCpus, long pids) {
        return new Claim(Map.of(QuotaField.MEMORY, memory, QuotaField.CPUS, microCpus, QuotaField.PIDS, pids));
    }

    @Test
    void itIsTheQuotaAndAnOverheadForEachSandbox() {
        TenantBound bound = TenantBound.of(ALLOWED, Claim.NONE, 3);

        assertThat(bound)
                .isEqualTo(new TenantBound(
                        (1 << 30) + 3 * TenantBound.OVERHEAD_MEMORY,
                        2_000_000 + 3 * TenantBound.OVERHEAD_MICRO_CPUS,
                        640 + 3 * TenantBound.OVERHEAD_PIDS));
    }

    @Test
    void oneSurgeComesOnTop() {
        Claim surge = claim(1 << 20, 500_000, 64);

        assertThat(TenantBound.of(ALLOWED, surge, 0)).isEqualTo(new TenantBound((1 << 30) + (1 << 20), 2_500_000, 704));
    }

    @Test
    void whatIsAllowedWithoutBoundStaysSo() {
        Claim most = claim(Long.MAX_VALUE, Long.MAX_VALUE, Long.MAX_VALUE);

        assertThat(TenantBound.of(most, ALLOWED, 1_000))
                .isEqualTo(new TenantBound(Long.MAX_VALUE, Long.MAX_VALUE, Long.MAX_VALUE));
    }
}
