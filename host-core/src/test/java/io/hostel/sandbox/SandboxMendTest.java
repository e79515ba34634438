package io.hostel.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.hostel.sandbox.SandboxSupervisor.Mend;
import io.hostel.sandbox.SandboxSupervisor.Reap;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SandboxMendTest {
    private static final String ID = "a7h3k9m2p4qx";

    @TempDir
    Path directory;

    private static List<String> mend(Scene scene) throws Exception {
        CompletableFuture<List<String>> told = new CompletableFuture<>();
        assertThat(scene.ports.roll().tell(ID, new Mend((plan, amiss) -> told.complete(amiss))))
                .isTrue();
        return told.get(10, TimeUnit.SECONDS);
    }

    @Test
    void a_link_that_was_taken_away_is_made_again_with_its_address() throws Exception {
        try (Scene scene = new Scene(directory, Plans.web(directory))) {
            scene.running();
            List<String> holdings = scene.kernel.holdings();
            scene.kernel.links().detach(scene.plan.slot().veth().orElseThrow());
            scene.kernel.links().giveBack(scene.plan.lease().orElseThrow());
            assertThat(scene.kernel.holdings()).isNotEqualTo(holdings);
            assertThat(mend(scene)).containsExactly("link hs-" + ID);
            assertThat(scene.kernel.holdings()).containsExactlyInAnyOrderElementsOf(holdings);
            assertThat(scene.log).anyMatch(line -> line.contains("put right: link hs-" + ID));
        }
    }

    @Test
    void a_control_group_that_was_taken_away_is_made_again_with_everybody_in_it() throws Exception {
        try (Scene scene = new Scene(directory, Plans.web(directory))) {
            SandboxStatus before = scene.running();
            List<String> holdings = scene.kernel.holdings();
            scene.kernel.cgroups().lose(scene.plan.cgroup());
            assertThat(mend(scene)).containsExactly("control group hs-" + ID);
            assertThat(scene.kernel.holdings()).containsExactlyInAnyOrderElementsOf(holdings);
            assertThat(scene.kernel.cgroups().processes(scene.plan.cgroup()))
                    .contains(before.launched().orElseThrow().init().pid());
        }
    }

    @Test
    void one_that_has_lost_its_namespace_is_put_up_anew() throws Exception {
        try (Scene scene = new Scene(directory, Plans.web(directory))) {
            SandboxStatus before = scene.running();
            List<String> holdings = scene.kernel.holdings();
            scene.kernel.netns().remove(scene.plan.pin());
            assertThat(mend(scene)).singleElement().asString().contains("network namespace");
            SandboxStatus after = scene.running();
            assertThat(after.launched()).isNotEqualTo(before.launched());
            assertThat(scene.kernel.holdings()).hasSameSizeAs(holdings);
        }
    }

    @Test
    void one_that_is_being_taken_back_is_left_alone() throws Exception {
        try (Scene scene = new Scene(directory, Plans.web(directory))) {
            scene.running();
            scene.kernel.effects().refuse("remove layer");
            scene.supervisor.tell(new Reap());
            await().until(() ->
                    scene.kernel.effects().journal().stream().anyMatch(effect -> effect.startsWith("remove netns")));
            List<String> holdings = scene.kernel.holdings();
            scene.supervisor.tell(new Mend((plan, amiss) -> {}));
            scene.exec();
            scene.exec();
            assertThat(scene.kernel.holdings()).isEqualTo(holdings);
        }
    }
}
