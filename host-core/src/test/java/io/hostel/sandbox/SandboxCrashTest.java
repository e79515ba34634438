package io.hostel.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.hostel.api.SandboxView.State;
import io.hostel.sandbox.SandboxSupervisor.Changed;
import io.hostel.sandbox.SandboxSupervisor.Event;
import io.hostel.sandbox.SandboxSupervisor.Reap;
import io.hostel.sandbox.SandboxSupervisor.Reaped;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The daemon dies after each effect there is; its successor must be able to take everything away. */
class SandboxCrashTest {
    private static final String ID = "a7h3k9m2p4qx";
    private static final int MORE_THAN_THERE_ARE = 200;

    @TempDir
    Path directory;

    interface Act {
        void play(Scene scene) throws Exception;
    }

    @Test
    void whenever_the_daemon_dies_while_a_sandbox_starts_its_successor_leaves_nothing() throws Exception {
        assertThat(enumerate(scene -> {}, scene -> {
                    scene.executor.letLoose();
                    awaitDeathOr(scene, State.RUNNING);
                }))
                .isGreaterThan(10);
    }

    @Test
    void whenever_the_daemon_dies_while_a_sandbox_restarts_its_successor_leaves_nothing() throws Exception {
        assertThat(enumerate(
                        scene -> {
                            scene.executor.letLoose();
                            scene.running();
                        },
                        scene -> {
                            scene.kernel.processes().killInit(ID);
                            awaitDeathOr(scene, State.RUNNING);
                        }))
                .isGreaterThan(4);
    }

    @Test
    void whenever_the_daemon_dies_while_a_sandbox_is_reaped_its_successor_leaves_nothing() throws Exception {
        assertThat(enumerate(
                        scene -> {
                            scene.executor.letLoose();
                            scene.running();
                        },
                        scene -> {
                            scene.supervisor.tell(new Reap());
                            awaitDeathOrReaped(scene);
                        }))
                .isGreaterThan(10);
    }

    /** @return how many effects the act has */
    private int enumerate(Act before, Act act) throws Exception {
        for (int k = 0; k < MORE_THAN_THERE_ARE; k++) {
            Path stage = directory.resolve("crash-" + k);
            try (Scene scene = new Scene(stage, Plans.web(stage), List.of(), false)) {
                before.play(scene);
                scene.kernel.effects().dieAfter(k);
                act.play(scene);
                if (!scene.kernel.effects().dead()) {
                    return k;
                }
                List<String> done = new ArrayList<>(scene.kernel.effects().journal());
                scene.succeed();
                scene.supervisor.tell(new Reap());
                reap(scene);
                assertThat(scene.kernel.holdings()).as("died after %s", done).isEmpty();
                assertThat(scene.ledger.entries().entries())
                        .as("died after %s", done)
                        .isEmpty();
            }
        }
        throw new AssertionError("there is no end of effects");
    }

    private static void reap(Scene scene) {
        for (int i = 0; i < 200; i++) {
            if (heard(scene).filter(Reaped.class::isInstance).isPresent()) {
                return;
            }
            scene.pass(Duration.ofMillis(500));
        }
        throw new AssertionError("it is never reaped; log " + scene.log);
    }

    private static void awaitDeathOr(Scene scene, State state) {
        await().pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(2))
                .until(() -> scene.kernel.effects().dead()
                        || heard(scene).filter(e -> shows(e, state)).isPresent());
    }

    private static void awaitDeathOrReaped(Scene scene) {
        await().pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(2))
                .until(() -> scene.kernel.effects().dead()
                        || heard(scene).filter(Reaped.class::isInstance).isPresent());
    }

    private static boolean shows(Event event, State state) {
        return event instanceof Changed changed && changed.status().state() == state;
    }

    /** What the parent hears next, if it comes soon. */
    private static Optional<Event> heard(Scene scene) {
        try {
            return Optional.of(scene.parent.receiveMessage(Duration.ofMillis(10)));
        } catch (AssertionError nothing) {
            return Optional.empty();
        }
    }
}
