package io.hostel.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import io.hostel.api.LastExit;
import io.hostel.kernel.Cgroups;
import io.hostel.kernel.Launcher;
import io.hostel.kernel.ProcessIdentity;
import io.hostel.resource.Ledger;
import io.hostel.sandbox.LedgerEntry.Phase;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LedgerEntryTest {
    private static final Instant NOW = Instant.parse("2026-11-23T12:00:00.123456789Z");

    @TempDir
    Path directory;

    @Test
    void what_is_recorded_is_read_again_to_the_last_number() throws Exception {
        Ledger<LedgerEntry> ledger = Ledger.open(directory, LedgerEntry.class);
        LedgerEntry entry = full();
        ledger.record(entry.plan().id(), entry);
        assertThat(Ledger.open(directory, LedgerEntry.class).entries())
                .isEqualTo(new Ledger.Contents<>(List.of(entry), List.of()));
    }

    @Test
    void the_newest_record_replaces_the_one_before_and_forgetting_twice_is_harmless() throws Exception {
        Ledger<LedgerEntry> ledger = Ledger.open(directory, LedgerEntry.class);
        LedgerEntry entry = full();
        ledger.record("x", entry);
        ledger.record("x", entry.in(Phase.REAPING));
        assertThat(ledger.entries().entries()).containsExactly(entry.in(Phase.REAPING));
        ledger.forget("x");
        ledger.forget("x");
        assertThat(ledger.entries().entries()).isEmpty();
    }

    @Test
    void torn_and_foreign_files_are_reported_and_hide_nothing_else() throws Exception {
        Ledger<LedgerEntry> ledger = Ledger.open(directory, LedgerEntry.class);
        ledger.record("good", full());
        byte[] whole = Files.readAllBytes(directory.resolve("good.json"));
        for (int length = 0; length < whole.length; length += 97) {
            Files.write(directory.resolve("torn.json"), Arrays.copyOf(whole, length));
            Ledger.Contents<LedgerEntry> contents = ledger.entries();
            assertThat(contents.entries()).hasSize(1);
            assertThat(contents.unreadable()).hasSize(1).allMatch(u -> u.id().equals("torn"));
        }
        Files.writeString(directory.resolve("torn.json"), "null");
        assertThat(ledger.entries().unreadable()).hasSize(1);
    }

    @Test
    void an_unfinished_write_is_no_entry_and_goes_at_the_next_start() throws Exception {
        Files.writeString(directory.resolve("x.new"), "{");
        assertThat(Ledger.open(directory, LedgerEntry.class).entries().entries())
                .isEmpty();
        assertThat(directory).isEmptyDirectory();
    }

    @Test
    void fields_of_a_later_version_are_passed_over() throws Exception {
        Ledger<LedgerEntry> ledger = Ledger.open(directory, LedgerEntry.class);
        ledger.record("x", full());
        String json = Files.readString(directory.resolve("x.json"));
        Files.writeString(directory.resolve("x.json"), "{\"later\":1," + json.substring(1));
        assertThat(ledger.entries().entries()).containsExactly(full());
    }

    @Test
    void what_many_entries_say_alike_is_in_memory_once() throws Exception {
        Ledger<LedgerEntry> ledger = Ledger.open(directory, LedgerEntry.class);
        LastExit exit = new LastExit(
                Optional.of(1), Optional.empty(), false, NOW, Optional.of("as large as you like ".repeat(99)), 1, 1, 1);
        LedgerEntry entry =
                LedgerEntry.of(Plans.web(Path.of("/h"))).in(Phase.STANDING).launching().exited(exit);
        ledger.record("a", entry);
        ledger.record("b", entry);

        List<String> reasons = ledger.entries().entries().stream()
                .map(e -> e.lastExit().flatMap(LastExit::reason).orElseThrow())
                .toList();

        assertThat(reasons).hasSize(2);
        assertThat(reasons.get(0)).isSameAs(reasons.get(1));
    }

    @Test
    void the_entry_of_a_daemon_that_knew_no_groups_for_tenants_is_read_and_moves_into_the_tenants() throws Exception {
        Ledger<LedgerEntry> ledger = Ledger.open(directory, LedgerEntry.class);
        LedgerEntry full = full();
        ledger.record("x", full);
        String json = Files.readString(directory.resolve("x.json"));
        assertThat(json).contains("\"t-3/hs-a7h3k9m2p4qx\"");
        Files.writeString(directory.resolve("x.json"), json.replace("t-3/hs-", "hs-"));
        LedgerEntry left = ledger.entries().entries().get(0);
        assertThat(left.plan().cgroup()).isEqualTo("hs-a7h3k9m2p4qx");
        assertThat(left.plan().launch().cgroup()).isEqualTo("hs-a7h3k9m2p4qx");

        LedgerEntry moved = left.below("t-3");
        assertThat(moved.plan()).isEqualTo(full.plan());
        assertThat(moved.launched()).isEqualTo(full.launched());
        assertThat(moved.baseline()).isEqualTo(Cgroups.Usage.NONE);
        assertThat(full.below("t-3")).isSameAs(full);
    }

    @Test
    void the_slot_of_a_daemon_that_knew_no_groups_for_tenants_is_read() throws Exception {
        Ledger<SlotPlan> slots = Ledger.open(directory, SlotPlan.class);
        SlotPlan slot = SlotPlan.of("a7h3k9m2p4qx", Optional.of("hostel0"), Plans.layout(Path.of("/h")));
        slots.record("x", slot.below("t-3"));
        String json = Files.readString(directory.resolve("x.json"));
        Files.writeString(directory.resolve("x.json"), json.replace("t-3/hs-", "hs-"));
        SlotPlan left = slots.entries().entries().get(0);
        assertThat(left.cgroup()).contains("hs-a7h3k9m2p4qx");
        assertThat(left.tenant()).isEmpty();
        assertThat(left.nobodys()).isEqualTo(slot);
    }

    private static LedgerEntry full() {
        Launcher.Launched launched = new Launcher.Launched(
                new ProcessIdentity("boot", 10, 100),
                new ProcessIdentity("boot", 11, 101),
                NOW,
                Map.of("net", "net:[4026532000]"));
        LastExit exit = new LastExit(
                Optional.empty(), Optional.of("SIGKILL"), true, NOW, Optional.of("a reason"), 1.5, 0.25, 1L << 40);
        return LedgerEntry.of(Plans.web(Path.of("/h")))
                .in(Phase.STANDING)
                .launching()
                .exited(exit)
                .restarting(2)
                .launching()
                .launched(launched, new Cgroups.Usage(1, 2, 0.5, 3, 4), NOW, Instant.EPOCH.plusSeconds(7))
                .ready(NOW);
    }
}
