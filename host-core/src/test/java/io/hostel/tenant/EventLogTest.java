package io.hostel.tenant;

import static io.hostel.tenant.Town.WAIT;
import static io.hostel.tenant.Town.eventually;
import static io.hostel.tenant.Town.get;
import static org.assertj.core.api.Assertions.assertThat;

import io.hostel.api.EventView;
import io.hostel.api.SandboxView.State;
import io.hostel.sandbox.StoppedMonitors;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class EventLogTest {
    private final Town town = new Town();

    @AfterEach
    void close() {
        town.close();
    }

    @Test
    void aFollowerSeesEveryEventOnceInOrderWhetherOldOrNew() {
        town.tenant("acme");
        CompletableFuture<List<EventView>> seen = town.follow(Optional.of("acme"), 6);

        get(town.operations.deploy("acme", "shop", Specs.web(1), WAIT));
        String sandbox = town.supervisors.ids().get(0);
        town.supervisors.become(sandbox, State.BACKOFF, Optional.of(FakeSupervisors.exit(7)));
        town.supervisors.become(sandbox, State.RUNNING);
        eventually(() -> assertThat(town.eventKinds("acme")).contains("sandbox.restarted"));
        get(town.operations.scale("acme", "shop", "web", 2, WAIT));

        assertThat(get(seen).stream().map(EventView::kind))
                .containsExactly(
                        "tenant.created",
                        "release.deploying",
                        "release.live",
                        "sandbox.exited",
                        "sandbox.restarted",
                        "app.scaled");
        assertThat(get(seen).stream().map(EventView::sequence)).isSorted().doesNotHaveDuplicates();
        assertThat(get(seen).get(3).details()).containsEntry("sandbox", sandbox).containsEntry("code", "7");
    }

    @Test
    void whatWasDoneAboutAStoppedMonitorIsTold() {
        town.tenant("acme");
        get(town.operations.deploy("acme", "shop", Specs.web(1), WAIT));
        String sandbox = town.supervisors.ids().get(0);
        CompletableFuture<List<EventView>> seen = town.follow(Optional.of("acme"), 5);
        town.supervisors.monitorStopped(sandbox, StoppedMonitors.Found.CONTINUED);
        town.supervisors.monitorStopped(sandbox, StoppedMonitors.Found.KILLED);

        assertThat(get(seen).subList(3, 5))
                .allMatch(e -> sandbox.equals(e.details().get("sandbox")))
                .extracting(EventView::kind)
                .containsExactly("sandbox.monitor.continued", "sandbox.monitor.killed");
        assertThat(town.supervisors.ids()).containsExactly(sandbox);
    }

    @Test
    void aTenantsFollowerSeesNothingOfOthers() {
        town.tenant("acme");
        town.tenant("next");
        CompletableFuture<List<EventView>> seen = town.follow(Optional.of("next"), 2);
        get(town.operations.deploy("acme", "shop", Specs.web(1), WAIT));
        get(town.operations.deploy("next", "blog", Specs.web(1), WAIT));

        assertThat(get(seen)).allMatch(e -> e.tenant().equals(Optional.of("next")));
    }

    @Test
    void anotherTenantOfTheSameNameSeesOnlyItsOwn() {
        town.tenant("acme");
        get(town.operations.deploy("acme", "secret", Specs.web(1), WAIT));
        get(town.operations.deleteTenant("acme", WAIT));
        town.tenant("acme");
        long created = town.state.events(Optional.of("acme"), 0, 100).stream()
                .filter(e -> e.kind().equals("tenant.created"))
                .reduce((a, b) -> b)
                .orElseThrow()
                .sequence();
        get(town.operations.deploy("acme", "shop", Specs.web(1), WAIT));

        CompletableFuture<List<EventView>> seen = town.follow(Optional.of("acme"), 2);

        assertThat(get(seen)).allMatch(e -> e.sequence() >= created);
    }

    @Test
    void manyFollowersWhileManyEventsHappenEachSeeThemAll() {
        town.tenant("acme");
        List<CompletableFuture<List<EventView>>> followers = java.util.stream.Stream.generate(
                        () -> town.follow(Optional.of("acme"), 1_001))
                .limit(5)
                .toList();
        for (int i = 0; i < 1_000; i++) {
            town.surroundings.events().note(Optional.of("acme"), "test.happened", Map.of("n", Integer.toString(i)));
        }

        followers.forEach(f -> assertThat(get(f)).hasSize(1_001));
    }

    @Test
    void aReaderIsToldThatEventsHaveBeenForgotten() {
        town.tenant("acme");
        for (int i = 0; i < 5; i++) {
            town.state.appendEvent(java.time.Instant.EPOCH, Optional.of("acme"), "test.happened", Map.of());
        }
        town.state.forgetEvents(4);

        List<EventView> all = get(town.read(Optional.of("acme"), 0));
        assertThat(all.get(0).kind()).isEqualTo("events.forgotten");
        assertThat(all.get(0).sequence()).isZero();
        assertThat(all.get(0).details()).isEqualTo(Map.of("after", "0", "to", "4"));
        assertThat(all.subList(1, all.size())).extracting(EventView::sequence).containsExactly(5L, 6L);
        assertThat(get(town.read(Optional.of("acme"), 4)))
                .extracting(EventView::kind)
                .containsExactly("test.happened", "test.happened");
    }
}
