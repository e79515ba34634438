package io.hostel.tenant;

import static io.hostel.tenant.Town.QUOTA;
import static io.hostel.tenant.Town.WAIT;
import static io.hostel.tenant.Town.eventually;
import static io.hostel.tenant.Town.get;
import static org.assertj.core.api.Assertions.assertThat;

import io.hostel.config.QuotaField;
import io.hostel.kernel.Cgroups.Limits;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What the kernel holds a tenant to follows what it may have. */
class TenantBoundTest {
    private final Town town = new Town();

    @AfterEach
    void close() {
        town.close();
    }

    private Limits bound() {
        return town.kernel.cgroups().bound("t-1").orElse(new Limits(0, 0, 0));
    }

    private static Limits of(int sandboxes) {
        return new Limits(
                QUOTA.of(QuotaField.MEMORY) + sandboxes * TenantBound.OVERHEAD_MEMORY,
                (QUOTA.of(QuotaField.CPUS) + sandboxes * TenantBound.OVERHEAD_MICRO_CPUS) / 1e6,
                (int) (QUOTA.of(QuotaField.PIDS) + sandboxes * TenantBound.OVERHEAD_PIDS));
    }

    @Test
    void itIsThereWithTheTenantAndGoesWithIt() {
        town.tenant("acme");
        eventually(() -> assertThat(bound()).isEqualTo(of(0)));
        get(town.operations.deleteTenant("acme", WAIT));
        eventually(() -> assertThat(town.kernel.cgroups().bound("t-1")).isEmpty());
    }

    @Test
    void eachOfItsSandboxesHasAnOverheadAndWhenTheyAreGoneTheyHaveNone() {
        town.tenant("acme");
        get(town.operations.deploy("acme", "app", Specs.job(3), WAIT));
        assertThat(bound()).isEqualTo(of(8));
        get(town.operations.deleteApp("acme", "app", WAIT));
        town.pass(Duration.ofSeconds(2));
        eventually(() -> assertThat(bound()).isEqualTo(of(0)));
    }

    @Test
    void theNextDaemonSetsItBeforeAnythingElse() {
        town.tenant("acme");
        get(town.operations.deploy("acme", "app", Specs.job(3), WAIT));
        town.restart();
        eventually(() -> assertThat(bound()).isEqualTo(of(8)));
    }
}
