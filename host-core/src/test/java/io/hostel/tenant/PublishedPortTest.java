package io.hostel.tenant;

import static io.hostel.tenant.Town.WAIT;
import static io.hostel.tenant.Town.eventually;
import static io.hostel.tenant.Town.get;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A tenant's port is none of the machine's own services'. */
class PublishedPortTest {
    private final Town town = new Town();

    @BeforeEach
    void aTenant() {
        town.tenant("acme");
    }

    @AfterEach
    void close() {
        town.close();
    }

    private int deployed(String app) {
        get(town.operations.deploy("acme", app, Specs.web(1), WAIT));
        return town.process("acme", app, "web").publishedPort().orElseThrow();
    }

    private void scale(int scale) {
        get(town.operations.scale("acme", "shop", "web", scale, Duration.ZERO));
    }

    @Test
    void aPortOnWhichSomebodyListensIsPassedOverAndAnAppKeepsTheOneThatItHas() {
        town.kernel.hostNetwork().listens(20_000, true);
        assertThat(deployed("shop")).isEqualTo(20_001);

        town.kernel.hostNetwork().listens(20_001, true);
        assertThat(deployed("shop")).isEqualTo(20_001);
        assertThat(town.led(20_001)).hasSize(1);
    }

    @Test
    void whereSomebodyListensByTheTimeThatItIsToLeadSomewhereItWaitsForThatToEnd() {
        deployed("shop");
        scale(0);
        eventually(() -> assertThat(town.led(20_000)).isEmpty());
        town.kernel.hostNetwork().listens(20_000, true);
        scale(1);
        eventually(() -> assertThat(town.process("acme", "shop", "web").running()).isEqualTo(1));
        town.pass(Duration.ofSeconds(2));
        assertThat(town.led(20_000)).isEmpty();

        town.kernel.hostNetwork().listens(20_000, false);
        eventually(() -> {
            town.pass(Duration.ofSeconds(1));
            assertThat(town.led(20_000)).hasSize(1);
        });
    }

    @Test
    void oneThatLeadsSomewhereStaysWhereItIsOverARestartOfTheHost() {
        deployed("shop");
        town.kernel.hostNetwork().listens(20_000, true);
        town.restart();
        town.guardian.receiveMessage();
        scale(2);
        eventually(() -> assertThat(town.led(20_000)).hasSize(2));
    }
}
