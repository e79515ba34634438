package io.hostel.host;

import static org.assertj.core.api.Assertions.assertThat;

import io.hostel.api.DoctorView;
import io.hostel.host.Inventory.Thing;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ExaminationTest {
    private Instant steady = Instant.EPOCH;
    private Instant now = Instant.parse("2026-01-01T00:00:00Z");
    private final Clock clock = new MovingClock();
    private final Examination examination = new Examination(clock, () -> steady);

    private static final Inventory NOTHING = new Inventory(Set.of());
    private static final Inventory LINK = new Inventory(Set.of(new Thing("link", "hs-a")));
    private static final Inventory CGROUP = new Inventory(Set.of(new Thing("cgroup", "hs-a")));

    @Test
    void what_is_recorded_and_there_is_neither_leaked_nor_missing() {
        DoctorView view = examination.compare(LINK, LINK, LINK);

        assertThat(view).isEqualTo(new DoctorView(List.of(), List.of(), 0, 0, List.of()));
    }

    @Test
    void a_link_that_is_nobodys_is_going_until_it_outstays_its_grace() {
        assertThat(examination.compare(LINK, NOTHING, NOTHING).going()).isEqualTo(1);

        steady = steady.plus(Examination.GRACE).plusSeconds(1);
        DoctorView later = examination.compare(LINK, NOTHING, NOTHING);

        assertThat(later.going()).isZero();
        assertThat(later.leaked()).extracting(DoctorView.Finding::name).containsExactly("hs-a");
    }

    @Test
    void how_long_a_link_has_been_nobodys_is_the_same_whatever_the_clock_is_set_to() {
        examination.compare(LINK, NOTHING, NOTHING);
        now = now.plus(Duration.ofDays(1));
        assertThat(examination.compare(LINK, NOTHING, NOTHING).going()).isEqualTo(1);

        now = now.minus(Duration.ofDays(2));
        steady = steady.plus(Examination.GRACE);
        assertThat(examination.compare(LINK, NOTHING, NOTHING).leaked())
                .extracting(DoctorView.Finding::detail)
                .containsExactly("no record of it since 2026-01-01T00:00:00Z");
    }

    @Test
    void a_link_that_went_and_came_again_has_its_grace_anew() {
        examination.compare(LINK, NOTHING, NOTHING);
        steady = steady.plus(Examination.GRACE).minus(Duration.ofSeconds(1));
        examination.compare(NOTHING, NOTHING, NOTHING);
        steady = steady.plusSeconds(2);

        assertThat(examination.compare(LINK, NOTHING, NOTHING).going()).isEqualTo(1);
    }

    @Test
    void anything_else_that_is_nobodys_is_leaked_at_once() {
        assertThat(examination.compare(CGROUP, NOTHING, NOTHING).leaked())
                .extracting(DoctorView.Finding::kind)
                .containsExactly("cgroup");
    }

    @Test
    void what_a_standing_sandbox_lacks_is_missing_and_what_is_being_made_is_not() {
        assertThat(examination.compare(NOTHING, CGROUP, CGROUP).missing()).hasSize(1);
        assertThat(examination.compare(NOTHING, CGROUP, NOTHING).missing()).isEmpty();
    }

    private final class MovingClock extends Clock implements InstantSource {
        @Override
        public java.time.ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(java.time.ZoneId zone) {
            return this;
        }

        @Override
        public Instant instant() {
            return now;
        }
    }
}
