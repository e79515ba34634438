package io.hostel.tenant;

import static io.hostel.tenant.Town.WAIT;
import static io.hostel.tenant.Town.eventually;
import static io.hostel.tenant.Town.get;
import static org.assertj.core.api.Assertions.assertThat;

import io.hostel.api.QuotaChange;
import io.hostel.config.QuotaField;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ConnectionQuotaTest {
    private static final int STANDARD = (int) Town.QUOTA.of(QuotaField.CONNECTIONS);

    private final Town town = new Town();

    @AfterEach
    void close() {
        town.close();
    }

    private void change(long connections) {
        get(town.operations.changeQuota("acme", new QuotaChange(Map.of(QuotaField.CONNECTIONS, connections))));
    }

    private void eventuallyBounded(Map<Integer, Integer> bounds) {
        eventually(() -> {
            town.pass(Duration.ofSeconds(1));
            assertThat(town.kernel.filter().bounds()).isEqualTo(bounds);
        });
    }

    @Test
    void theFilterHoldsEveryTenantToItsQuotaAsItChangesAndOverARestart() {
        town.tenant("acme");
        get(town.operations.createTenant("next", Optional.of(Town.QUOTA.with(QuotaField.CONNECTIONS, 5))));
        eventuallyBounded(Map.of(1, STANDARD, 2, 5));

        change(70);
        eventuallyBounded(Map.of(1, 70, 2, 5));

        town.restart();
        town.guardian.receiveMessage();
        eventuallyBounded(Map.of(1, 70, 2, 5));
    }

    @Test
    void aBoundThatTheKernelDidNotTakeIsTriedUntilItDoes() {
        town.tenant("acme");
        eventuallyBounded(Map.of(1, STANDARD));
        town.kernel.effects().refuse("bound 1");
        change(70);
        town.pass(Duration.ofSeconds(1));
        assertThat(town.kernel.filter().bounds()).isEqualTo(Map.of(1, STANDARD));

        town.kernel.effects().mend();
        eventuallyBounded(Map.of(1, 70));
    }

    @Test
    void itGoesWithItsTenantWhoseNumberMayBeAnothersThen() {
        town.tenant("acme");
        eventuallyBounded(Map.of(1, STANDARD));
        get(town.operations.deleteTenant("acme", WAIT));
        assertThat(town.kernel.filter().bounds()).isEmpty();
    }
}
