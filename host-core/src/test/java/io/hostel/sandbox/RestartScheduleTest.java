package io.hostel.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import io.hostel.api.ProcessSpec.RestartPolicy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RestartScheduleTest {
    private static final Duration SHORT = Duration.ofMillis(5);

    @ParameterizedTest
    @CsvSource({
        "ALWAYS,     true,  true",
        "ALWAYS,     false, true",
        "ON_FAILURE, true,  false",
        "ON_FAILURE, false, true",
        "NEVER,      true,  false",
        "NEVER,      false, false"
    })
    void the_policy_decides_whether_it_runs_again(RestartPolicy policy, boolean succeeded, boolean again) {
        assertThat(RestartSchedule.after(policy, succeeded, SHORT, 0, 0).isPresent())
                .isEqualTo(again);
    }

    @Test
    void three_restarts_come_at_once_and_then_pauses_double_from_one_second_to_a_minute() {
        assertThat(pauses(12, 0))
                .containsExactly(0L, 0L, 0L, 1000L, 2000L, 4000L, 8000L, 16_000L, 32_000L, 48_000L, 48_000L, 48_000L);
    }

    @Test
    void jitter_adds_up_to_a_quarter_and_never_passes_a_minute() {
        assertThat(pauses(12, 0.999_999))
                .allMatch(pause -> pause <= 60_000)
                .element(3)
                .isEqualTo(1249L);
        assertThat(pauses(12, 0.999_999).get(11)).isBetween(59_000L, 60_000L);
    }

    @Test
    void any_jitter_keeps_every_pause_within_its_bounds() {
        Random seeded = new Random(7);
        for (int i = 0; i < 1000; i++) {
            int before = 3 + seeded.nextInt(100);
            assertThat(RestartSchedule.pause(before, seeded.nextDouble()))
                    .isBetween(Duration.ofSeconds(1), Duration.ofMinutes(1));
        }
    }

    @Test
    void two_sandboxes_that_fail_together_do_not_return_together() {
        assertThat(RestartSchedule.pause(5, 0.1)).isNotEqualTo(RestartSchedule.pause(5, 0.8));
    }

    @Test
    void who_stayed_up_for_a_minute_starts_over() {
        RestartSchedule.Next next = next(Duration.ofSeconds(60), 17);
        assertThat(next.atOnce()).isTrue();
        assertThat(next.streak()).isEqualTo(1);
    }

    @Test
    void who_fell_just_short_of_a_minute_does_not() {
        RestartSchedule.Next next = next(Duration.ofMillis(59_999), 4);
        assertThat(next.pause()).isEqualTo(Duration.ofSeconds(2));
        assertThat(next.streak()).isEqualTo(5);
    }

    @ParameterizedTest
    @ValueSource(ints = {1_000, 1_000_000, Integer.MAX_VALUE - 1})
    void a_very_long_streak_overflows_nothing(int streak) {
        assertThat(next(SHORT, streak).pause()).isEqualTo(Duration.ofSeconds(48));
    }

    private static List<Long> pauses(int restarts, double jitter) {
        List<Long> pauses = new ArrayList<>();
        int streak = 0;
        for (int i = 0; i < restarts; i++) {
            RestartSchedule.Next next = RestartSchedule.after(RestartPolicy.ALWAYS, false, SHORT, streak, jitter)
                    .orElseThrow();
            pauses.add(next.pause().toMillis());
            streak = next.streak();
        }
        return pauses;
    }

    private static RestartSchedule.Next next(Duration up, int streak) {
        return RestartSchedule.after(RestartPolicy.ALWAYS, false, up, streak, 0).orElseThrow();
    }
}
