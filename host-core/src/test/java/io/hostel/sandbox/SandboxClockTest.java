package io.hostel.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import io.hostel.api.SandboxView.State;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The machine's clock is set, forwards or backwards: what waits in back-off waits as long as before. */
class SandboxClockTest {
    private static final String ID = "a7h3k9m2p4qx";

    @TempDir
    Path directory;

    @ParameterizedTest
    @ValueSource(longs = {-86_400, -1, 1, 86_400})
    void a_sandbox_in_backoff_waits_as_long_as_ever(long seconds) throws Exception {
        Path stage = directory.resolve("of" + seconds);
        try (Scene scene = new Scene(stage, Plans.web(stage))) {
            for (int i = 0; i < RestartSchedule.AT_ONCE; i++) {
                assertThat(scene.running().restarts()).isEqualTo(i);
                scene.kernel.processes().exit(ID, 1);
            }
            scene.running();
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
