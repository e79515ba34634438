package io.hostel.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SlotSharesTest {
    private final SlotShares shares = new SlotShares(24);
    private final Map<String, Integer> there = new HashMap<>();
    private final Set<String> known = new HashSet<>();
    private Instant now = Instant.EPOCH;
    private int actions;

    /** Does all that is to be done. */
    private void settle(int tenants) {
        for (Optional<SlotShares.Action> next; (next = next(tenants)).isPresent(); actions++) {
            assertThat(actions).as("actions").isLessThan(1_000);
            if (next.get() instanceof SlotShares.Make make) {
                there.merge(make.owner(), 1, Integer::sum);
            } else if (next.get() instanceof SlotShares.Give give) {
                there.merge(SlotShares.NOBODY, -1, Integer::sum);
                there.merge(give.owner(), 1, Integer::sum);
            } else if (next.get() instanceof SlotShares.TakeBack back) {
                there.merge(back.owner(), -1, Integer::sum);
                there.merge(SlotShares.NOBODY, 1, Integer::sum);
            }
            there.values().removeIf(n -> n == 0);
        }
    }

    private Optional<SlotShares.Action> next(int tenants) {
        return shares.next(there, tenants, known::contains, now);
    }

    private void launch(String tenant) {
        known.add(tenant);
        shares.launched(tenant, now);
    }

    @Test
    void before_anybody_launches_all_are_nobodys() {
        settle(5);
        assertThat(there).isEqualTo(Map.of(SlotShares.NOBODY, 24));
    }

    @Test
    void the_only_tenant_has_all() {
        launch("t-1");
        settle(1);
        assertThat(there).isEqualTo(Map.of("t-1", 24));
    }

    @Test
    void where_there_are_others_a_third_is_nobodys_and_those_who_launch_share_the_rest() {
        launch("t-1");
        settle(2);
        assertThat(there).isEqualTo(Map.of("t-1", 16, SlotShares.NOBODY, 8));
        launch("t-2");
        launch("t-3");
        settle(3);
        assertThat(there).isEqualTo(Map.of("t-1", 5, "t-2", 5, "t-3", 5, SlotShares.NOBODY, 9));
    }

    @Test
    void what_was_taken_is_made_up_for_where_it_was() {
        launch("t-1");
        launch("t-2");
        settle(2);
        there.put("t-2", 3);
        assertThat(next(2)).contains(new SlotShares.Make("t-2"));
        there.put(SlotShares.NOBODY, 9);
        assertThat(next(2)).contains(new SlotShares.Give("t-2"));
    }

    @Test
    void where_there_are_more_than_slots_those_who_came_first_keep_theirs() {
        for (int i = 0; i < 40; i++) {
            now = now.plusSeconds(1);
            launch("t-" + i);
        }
        settle(40);
        assertThat(there).hasSize(17).containsEntry(SlotShares.NOBODY, 8).containsEntry("t-0", 1).containsEntry("t-15", 1);
        actions = 0;
        launch("t-30");
        launch("t-39");
        settle(40);
        assertThat(actions).isZero();
    }

    @Test
    void who_has_not_launched_for_long_and_who_is_gone_give_back() {
        launch("t-1");
        launch("t-2");
        settle(2);
        now = now.plus(SlotShares.ACTIVE);
        launch("t-2");
        now = now.plusSeconds(1);
        settle(2);
        assertThat(there).isEqualTo(Map.of("t-2", 16, SlotShares.NOBODY, 8));
        known.remove("t-2");
        settle(2);
        assertThat(there).isEqualTo(Map.of(SlotShares.NOBODY, 24));
    }

    @Test
    void no_slots_are_wanted_by_nobody_where_none_are_wanted() {
        SlotShares none = new SlotShares(0);
        none.launched("t-1", now);
        assertThat(none.next(Map.of(), 1, tenant -> true, now)).isEmpty();
    }
}
