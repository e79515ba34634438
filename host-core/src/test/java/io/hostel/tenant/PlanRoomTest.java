package io.hostel.tenant;

import static io.hostel.tenant.Town.WAIT;
import static io.hostel.tenant.Town.eventually;
import static io.hostel.tenant.Town.get;
import static io.hostel.tenant.Town.refusal;
import static org.assertj.core.api.Assertions.assertThat;

import io.hostel.api.Refusal;
import io.hostel.api.ReleaseSpec;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

final class PlanRoomTest {
    private static final Runnable NOBODY = () -> {};

    @Test
    void a_tenant_has_its_share_and_leaves_one_to_whoever_comes_next() {
        PlanRoom room = new PlanRoom(40, 100);

        assertThat(room.enter(1, 40, NOBODY)).isTrue();
        assertThat(room.enter(1, 1, NOBODY)).isFalse();
        assertThat(room.enter(2, 40, NOBODY)).isTrue();
        assertThat(room.enter(3, 21, NOBODY)).isFalse();
        assertThat(room.enter(3, 10, NOBODY)).isTrue();
        assertThat(room.enter(4, 5, NOBODY)).isTrue();
        assertThat(room.taken()).isEqualTo(95);
    }

    @Test
    void whoever_had_to_wait_is_told_once_when_some_of_it_is_free() {
        PlanRoom room = new PlanRoom(40, 100);
        AtomicInteger told = new AtomicInteger();
        room.enterAnyway(1, 100);
        assertThat(room.enter(2, 1, told::incrementAndGet)).isFalse();

        room.leave(1, 60);
        room.leave(1, 40);

        assertThat(told).hasValue(1);
        assertThat(room.taken()).isZero();
        assertThat(room.enter(2, 40, NOBODY)).isTrue();
    }

    @Test
    void what_stands_counts_until_it_is_gone_over_a_restart_too() throws Exception {
        try (Town town = new Town()) {
            get(town.operations.createTenant("acme", Optional.empty()));
            get(town.operations.deploy("acme", "shop", large(2, 10_000), WAIT));
            long two = town.plans.taken();
            assertThat(two).isGreaterThan(2 * 20_000);

            town.restart();
            // What the host itself sets of the environment counts with what stands.
            eventually(() -> assertThat(town.plans.taken()).isBetween(two, two + 10_000));

            get(town.operations.scale("acme", "shop", "web", 0, WAIT));
            eventually(() -> assertThat(town.plans.taken()).isZero());
        }
    }

    @Test
    void a_release_that_could_never_stand_whole_is_refused() {
        assertThat(PlanRoom.refusal(large(1, 120_000), Map.of("web", 10))).isEmpty();
        assertThat(PlanRoom.refusal(large(1, 120_000), Map.of("web", 60))).containsInstanceOf(Refusal.TooLarge.class);
    }

    @Test
    void a_sandbox_that_finds_no_memory_waits_and_says_so() throws Exception {
        try (Town town = new Town()) {
            get(town.operations.createTenant("acme", Optional.empty()));
            town.plans.enterAnyway(99, PlanRoom.ALL_BYTES);
            town.operations.deploy("acme", "shop", large(1, 10), Duration.ZERO);
            eventually(() -> assertThat(get(town.operations.app("acme", "shop")).processes())
                    .hasEntrySatisfying(
                            "web", web -> assertThat(web.reason().orElse("")).contains("no memory")));

            town.plans.leave(99, PlanRoom.ALL_BYTES);

            eventually(() -> assertThat(town.plans.taken()).isPositive());
        }
    }

    /** @param letters of the environment's one large variable */
    private static ReleaseSpec large(int scale, int letters) {
        ReleaseSpec web = Specs.web(scale);
        return new ReleaseSpec(web.artifact(), web.image(), Map.of("LARGE", "x".repeat(letters)), web.processes());
    }
}
