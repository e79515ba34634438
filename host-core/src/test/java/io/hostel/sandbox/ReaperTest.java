package io.hostel.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import akka.actor.testkit.typed.javadsl.TestProbe;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReaperTest {
    @TempDir
    Path directory;

    @Test
    void sandboxes_that_nobody_claims_are_stopped_and_taken_away() throws Exception {
        try (Scene scene = new Scene(directory, Plans.web(directory))) {
            scene.running();
            scene.kit.stop(scene.supervisor);
            TestProbe<Reaper.Finished> finished = scene.kit.createTestProbe();
            scene.kit.spawn(
                    Reaper.create(scene.ledger.entries().entries(), scene.ports, scene.parent.ref(), finished.ref()));
            assertThat(finished.receiveMessage()).isEqualTo(new Reaper.Finished(1));
            assertThat(scene.kernel.holdings()).isEmpty();
            assertThat(scene.ledger.entries().entries()).isEmpty();
        }
    }

    @Test
    void with_nothing_to_take_away_it_is_finished_at_once() throws Exception {
        try (Scene scene = new Scene(directory, Plans.web(directory))) {
            TestProbe<Reaper.Finished> finished = scene.kit.createTestProbe();
            scene.kit.spawn(Reaper.create(List.of(), scene.ports, scene.parent.ref(), finished.ref()));
            assertThat(finished.receiveMessage()).isEqualTo(new Reaper.Finished(0));
        }
    }
}
