package io.hostel.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import io.hostel.fake.FakeKernel;
import io.hostel.kernel.Cgroups;
import io.hostel.kernel.KernelException;
import io.hostel.resource.Ledger;
import io.hostel.resource.Step;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WarmSlotsTest {
    private static final AtomicInteger IDS = new AtomicInteger();

    /** Effects of making the host's network and the tenant's group, before any slot. */
    private static final int ENSURED = 2;

    @TempDir
    Path directory;

    private final AtomicLong seconds = new AtomicLong();
    private FakeKernel kernel = new FakeKernel();
    private Ledger<SlotPlan> ledger;
    private Bridges bridges;
    private TenantGroups groups;
    private WarmSlots slots;

    @BeforeEach
    void open() throws Exception {
        ledger = Ledger.open(directory.resolve("slots"), SlotPlan.class);
        kernel.hostNetwork().ensure(BridgesTest.PLAN);
        groups = Plans.groups(kernel.cgroups());
        begin(0, Set.of());
    }

    @AfterEach
    void close() throws InterruptedException {
        slots.close();
    }

    /** A daemon begins; what an earlier one left is in ledger and kernel. */
    private void begin(int wanted, Set<String> sandboxes) throws Exception {
        List<SlotPlan> left = ledger.entries().entries();
        Map<String, String> seats = new HashMap<>();
        left.forEach(slot -> seats.put(slot.id(), slot.veth().orElseThrow().bridge()));
        bridges = Bridges.open(kernel.hostNetwork(), BridgesTest.PLAN, seats);
        slots = new WarmSlots(
                kernel,
                Plans.layout(directory),
                ledger,
                bridges,
                () -> String.format("a7%010d", IDS.incrementAndGet()),
                wanted,
                (phase, took) -> {},
                effect -> kernel.effects().makeElsewhere(effect, () -> {}),
                groups,
                () -> Instant.EPOCH.plus(Duration.ofSeconds(seconds.get())));
        slots.adopt(left, sandboxes);
    }

    private void awaitWarm(int number) {
        Patience.await().until(() -> slots.warm() == number);
    }

    private Set<String> listed() throws IOException {
        Set<String> ids = new HashSet<>();
        ledger.entries().entries().forEach(slot -> ids.add(slot.id()));
        return ids;
    }

    private Set<String> namespaces() throws KernelException {
        return new HashSet<>(kernel.netns().pins(Plans.layout(directory).pins()));
    }

    @Test
    void as_many_as_wanted_are_made_and_what_is_taken_is_made_up_for() throws Exception {
        begin(3, Set.of());
        awaitWarm(3);
        assertThat(listed()).hasSize(3).isEqualTo(namespaces());

        Slots.Seat seat = slots.take(3, true);
        assertThat(seat.bridge()).isEqualTo("hostel0");
        assertThat(listed()).contains(seat.id());
        assertThat(slots.claim(seat.id())).isEqualTo(Slots.Made.PLACE);
        assertThat(slots.claim(seat.id())).isEqualTo(Slots.Made.NOTHING);

        awaitWarm(3);
        assertThat(listed()).hasSize(3).doesNotContain(seat.id());
        assertThat(namespaces()).hasSize(4).contains(seat.id());
        assertThat(slots.cold()).isZero();
    }

    @Test
    void a_tenant_that_launches_finds_slots_of_its_own_in_its_group_the_next_time() throws Exception {
        begin(3, Set.of());
        awaitWarm(3);
        assertThat(kernel.cgroups().groups()).containsExactly("t-3");
        Slots.Seat first = slots.take(3, true);
        assertThat(slots.holds(first.id())).isFalse();
        assertThat(slots.claim(first.id())).isEqualTo(Slots.Made.PLACE);

        Patience.await().until(() -> ofTheTenant() == 3);
        Slots.Seat second = slots.take(3, true);
        assertThat(kernel.cgroups().groups()).contains("t-3/hs-" + second.id());
        assertThat(slots.holds(second.id())).isTrue();
        assertThat(slots.claim(second.id())).isEqualTo(Slots.Made.ALL);
    }

    @Test
    void one_that_is_expected_has_slots_before_it_launches_and_one_that_is_gone_has_none() throws Exception {
        begin(3, Set.of());
        slots.expect(3);
        Patience.await().until(() -> ofTheTenant() == 3);
        slots.forget(3);
        Patience.await().until(() -> ofTheTenant() == 0 && slots.warm() == 3);
        assertThat(kernel.cgroups().groups()).containsExactly("t-3");
        assertThat(listed()).hasSize(3).isEqualTo(namespaces());
    }

    @Test
    void who_has_not_launched_for_long_gives_back_when_somebody_else_launches() throws Exception {
        begin(3, Set.of());
        slots.expect(3);
        Patience.await().until(() -> ofTheTenant() == 3);
        seconds.addAndGet(SlotShares.ACTIVE.toSeconds() + 1);
        slots.take(4, false);
        Patience.await().until(() -> ofTheTenant() == 0 && slots.warm() == 3);
    }

    @Test
    void a_slot_that_an_earlier_daemon_has_put_into_the_hosts_own_group_loses_it_and_serves_on() throws Exception {
        SlotPlan bare = SlotPlan.of("a7earlier001", Optional.of("hostel0"), Plans.layout(directory));
        SlotPlan former = new SlotPlan(
                bare.id(),
                bare.pin(),
                bare.veth(),
                Optional.of("hs-" + bare.id()),
                bare.layerPool(),
                bare.layer(),
                bare.records());
        for (Step step : SandboxSteps.ahead(former, 1, kernel)) {
            step.apply();
        }
        assertThat(kernel.cgroups().groups()).contains("hs-" + bare.id());
        ledger.record(former.id(), former);

        begin(1, Set.of());
        awaitWarm(1);
        assertThat(kernel.cgroups().groups()).containsExactly("t-3");
        assertThat(ledger.entries().entries()).containsExactly(bare);
        assertThat(slots.take(3, true).id()).isEqualTo(bare.id());
    }

    private long ofTheTenant() {
        return kernel.cgroups().groups().stream()
                .filter(group -> group.startsWith("t-3/"))
                .filter(group -> slots.ids().contains(group.substring("t-3/hs-".length())))
                .count();
    }

    @Test
    void a_slot_that_cannot_become_a_tenants_stays_nobodys() throws Exception {
        begin(3, Set.of());
        awaitWarm(3);
        List<SlotPlan> before = ledger.entries().entries();
        long records = slotRecords();
        kernel.effects().refuse("bound cgroup t-4");
        groups.bound(4, new Cgroups.Limits(1L << 30, 4, 1_000));

        slots.expect(4);

        Patience.await().until(() -> slotRecords() == records + 2 && slots.warm() == 3);
        assertThat(ledger.entries().entries()).isEqualTo(before);
    }

    private long slotRecords() {
        return kernel.effects().journal().stream().filter("record slot"::equals).count();
    }

    @Test
    void what_was_taken_in_vain_is_warm_again() throws Exception {
        begin(2, Set.of());
        awaitWarm(2);
        Slots.Seat seat = slots.take(3, true);
        slots.giveBack(seat.id());
        slots.giveBack(seat.id());
        assertThat(slots.take(3, true).id()).isEqualTo(seat.id());
    }

    @Test
    void who_finds_none_ready_gets_an_id_and_a_place_of_its_own() throws Exception {
        begin(0, Set.of());
        Set<String> ids = new HashSet<>();
        for (int i = 0; i < 50; i++) {
            ids.add(slots.take(3, true).id());
        }
        assertThat(ids).hasSize(50);
        assertThat(slots.cold()).isEqualTo(50);
        assertThat(slots.claim(ids.iterator().next())).isEqualTo(Slots.Made.NOTHING);
        assertThat(listed()).isEmpty();
        assertThat(namespaces()).isEmpty();
    }

    @Test
    void one_without_a_network_takes_no_slot() throws Exception {
        begin(1, Set.of());
        awaitWarm(1);
        assertThat(slots.take(3, false).id()).isNotIn(listed());
        assertThat(slots.warm()).isOne();
    }

    @Test
    void bridges_are_made_ahead_of_need_even_where_no_slots_are_wanted() throws Exception {
        begin(0, Set.of());
        for (int i = 0; i < Bridges.PORTS; i++) {
            slots.take(3, true);
        }
        Patience.await().until(() -> bridges.count() == 2);
        assertThat(slots.take(3, true).bridge()).isEqualTo("hostel0_1");
    }

    @Test
    void a_place_on_a_bridge_is_free_again_when_the_sandbox_is_gone() throws Exception {
        begin(0, Set.of());
        String first = slots.take(3, true).id();
        for (int i = 1; i < Bridges.PORTS; i++) {
            slots.take(3, true);
        }
        Patience.await().until(() -> bridges.count() == 2);
        slots.gone(first);
        assertThat(slots.take(3, true).bridge()).isEqualTo("hostel0");
        assertThat(slots.take(3, true).bridge()).isEqualTo("hostel0_1");
    }

    @Test
    void the_next_daemon_takes_over_what_is_whole_and_takes_back_the_rest() throws Exception {
        begin(4, Set.of());
        awaitWarm(4);
        List<SlotPlan> all = ledger.entries().entries();
        slots.close();
        SlotPlan broken = all.get(0);
        SlotPlan claimed = all.get(1);
        kernel.netns().remove(broken.pin());

        begin(4, Set.of(claimed.id()));
        awaitWarm(4);
        Patience.await().until(() -> namespaces().size() == 5);
        assertThat(listed())
                .hasSize(4)
                .contains(all.get(2).id(), all.get(3).id())
                .doesNotContain(broken.id(), claimed.id());
        assertThat(namespaces()).contains(claimed.id()).doesNotContain(broken.id());
    }

    @Test
    void more_than_are_wanted_now_are_taken_back() throws Exception {
        begin(3, Set.of());
        awaitWarm(3);
        slots.close();
        begin(1, Set.of());
        Patience.await().until(() -> slots.warm() == 1 && listed().size() == 1);
        assertThat(namespaces()).isEqualTo(listed());
    }

    @Test
    void one_of_a_tenants_that_is_not_whole_any_more_is_nobodys_again() throws Exception {
        begin(2, Set.of());
        slots.expect(3);
        Patience.await().until(() -> ofTheTenant() == 2);
        List<SlotPlan> all = ledger.entries().entries();
        slots.close();
        kernel.launcher().unready(all.get(0).records());
        int before = kernel.effects().journal().size();

        begin(2, Set.of());
        Patience.await().until(() -> ofTheTenant() == 2);
        assertThat(listed()).containsExactlyInAnyOrder(all.get(0).id(), all.get(1).id());
        List<String> since = kernel.effects().journal();
        assertThat(since.subList(before, since.size()))
                .contains("remove cgroup t-3/hs-" + all.get(0).id())
                .doesNotContain("remove cgroup t-3/hs-" + all.get(1).id());
    }

    @Test
    void whichever_effect_fails_nothing_of_that_slot_is_left() throws Exception {
        int effects = effectsOfOne();
        for (int k = 0; k < effects; k++) {
            afresh();
            kernel.effects().failAt(k);
            beginForTheTenant();
            int number = k;
            Patience.await()
                    .until(() -> slots.warm() == 1 || kernel.effects().journal().size() > number && listed().isEmpty());
            slots.close();
            assertThat(namespaces()).as("effect %d", k).isEqualTo(listed());
            if (slots.warm() == 0) {
                assertThat(kernel.holdings()).as("effect %d", k).isEmpty();
            }
        }
    }

    @Test
    void wherever_the_daemon_dies_the_next_one_has_what_is_wanted_and_nothing_else() throws Exception {
        int effects = effectsOfOne();
        List<String> whole = kinds();
        assertThat(effects).isGreaterThan(10);
        for (int k = 0; k < effects; k++) {
            afresh();
            kernel.effects().dieAfter(k);
            beginForTheTenant();
            // It takes fewer effects where the tenant is known in time: then it is ready.
            Patience.await().until(() -> kernel.effects().dead() || ofTheTenant() == 1);
            slots.close();
            kernel.effects().revive();

            beginForTheTenant();
            Patience.await().until(() -> ofTheTenant() == 1 && listed().size() == 1);
            slots.close();
            assertThat(namespaces()).as("effect %d", k).isEqualTo(listed());
            assertThat(kinds()).as("effect %d", k).isEqualTo(whole);
        }
    }

    /** How many it takes to have one ready for the tenant: it is nobody's first. */
    private int effectsOfOne() throws Exception {
        begin(1, Set.of());
        awaitWarm(1);
        slots.expect(3);
        Patience.await().until(() -> ofTheTenant() == 1 && slots.warm() == 1);
        slots.close();
        return kernel.effects().journal().size() - ENSURED;
    }

    private void beginForTheTenant() throws Exception {
        begin(1, Set.of());
        slots.expect(3);
    }

    /** Another machine, with nothing on it. */
    private void afresh() throws Exception {
        kernel = new FakeKernel();
        kernel.hostNetwork().ensure(BridgesTest.PLAN);
        groups = Plans.groups(kernel.cgroups());
        for (SlotPlan slot : ledger.entries().entries()) {
            ledger.forget(slot.id());
        }
        assertThat(Files.list(directory.resolve("slots"))).isEmpty();
    }

    private List<String> kinds() {
        return kernel.holdings().stream()
                .map(line -> line.replaceAll("a7[0-9]{10}", "ID").replaceAll("[0-9]+", "N"))
                .toList();
    }
}
