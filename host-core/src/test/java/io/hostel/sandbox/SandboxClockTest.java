package io.hostel.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import io.hostel.api.SandboxView.State;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The machine's clock is set, forwards or backwards: what waits in back-off waits as long as before. */
class SandboxClockTest {
    private static final String ID = "a7h3k9m2p4qx";

    @TempDir
    Path directory;

    private static void restartedAtOnceOftenEnough(Scene scene) {
        for (int i = 0; i < RestartSchedule.AT_ONCE; i++) {
            assertThat(scene.running().restarts()).isEqualTo(i);
            scene.kernel.processes().exit(ID, 1);
        }
        scene.running();
    }

    @Test
    void one_that_has_run_for_a_moment_is_not_forgiven_because_the_clock_was_set_forward() throws Exception {
        try (Scene scene = new Scene(directory, Plans.web(directory))) {
            restartedAtOnceOftenEnough(scene);
            scene.setClock(RestartSchedule.FORGIVEN_AFTER.multipliedBy(2));
            scene.kernel.processes().exit(ID, 1);
            scene.await(State.BACKOFF);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void one_that_has_run_for_long_is_forgiven_though_the_clock_was_set_back(boolean adopted) throws Exception {
        Path stage = directory.resolve("of" + adopted);
        try (Scene scene = new Scene(stage, Plans.web(stage))) {
            restartedAtOnceOftenEnough(scene);
            scene.setClock(Duration.ofDays(-1));
            if (adopted) {
                scene.succeed();
                scene.running();
            }
            scene.pass(RestartSchedule.FORGIVEN_AFTER);
            scene.kernel.processes().exit(ID, 1);
            assertThat(scene.running().restarts()).isEqualTo(RestartSchedule.AT_ONCE + 1);
            assertThat(scene.log).noneMatch(line -> line.contains("backoff"));
        }
    }

    @Test
    void one_that_was_adopted_is_not_forgiven_because_the_clock_was_set_forward_meanwhile() throws Exception {
        try (Scene scene = new Scene(directory, Plans.web(directory))) {
            restartedAtOnceOftenEnough(scene);
            scene.setClock(Duration.ofDays(1));
            scene.succeed();
            scene.running();
            scene.kernel.processes().exit(ID, 1);
            scene.await(State.BACKOFF);
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {-86_400, -1, 1, 86_400})
    void a_sandbox_in_backoff_waits_as_long_as_ever(long seconds) throws Exception {
        Path stage = directory.resolve("of" + seconds);
        try (Scene scene = new Scene(stage, Plans.web(stage))) {
            restartedAtOnceOftenEnough(scene);
            scene.kernel.processes().exit(ID, 1);
            scene.await(State.BACKOFF);
            scene.setClock(Duration.ofSeconds(seconds));
            assertThat(scene.exec()).isInstanceOf(SandboxSupervisor.ExecRefused.class);
            int launches = scene.kernel.launcher().plans().size();
            scene.time.timePasses(Duration.ofSeconds(1));
            scene.running();
            assertThat(scene.kernel.launcher().plans()).hasSize(launches + 1);
        }
    }
}
