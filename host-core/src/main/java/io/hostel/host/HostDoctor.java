package io.hostel.host;

import io.hostel.api.DoctorView;
import io.hostel.kernel.Kernel;
import io.hostel.kernel.KernelException;
import io.hostel.resource.Ledger;
import io.hostel.sandbox.HostLayout;
import io.hostel.sandbox.LedgerEntry;
import io.hostel.sandbox.SandboxPlan;
import io.hostel.sandbox.SlotPlan;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Clock;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;

/**
 * Compares kernel and ledger. Sandboxes come and go meanwhile, so the ledger is read before and after the kernel is looked at:
 * what either reading allows is not leaked, and only what both require can be missing.
 */
final class HostDoctor {
    private final Kernel kernel;
    private final Ledger<LedgerEntry> ledger;
    private final Ledger<SlotPlan> slots;
    private final Inventory.Places places;
    private final Examination examination;
    private final AtomicInteger repaired = new AtomicInteger();

    HostDoctor(Kernel kernel, Ledger<LedgerEntry> ledger, Ledger<SlotPlan> slots, HostLayout layout, Clock clock) {
        this.kernel = kernel;
        this.ledger = ledger;
        this.slots = slots;
        this.places = new Inventory.Places(layout.bridge(), layout.linkPrefix(), layout.pins(), layout.layerPool());
        this.examination = new Examination(clock);
    }

    /** Something that was amiss has been put right. */
    void repaired() {
        repaired.incrementAndGet();
    }

    /** Blocks for as long as some dumps from the kernel take. */
    synchronized DoctorView examine() throws KernelException {
        // A slot leaves its ledger after the sandbox that claims it has come into the other, so slots are read first.
        List<SlotPlan> slotsBefore = slots();
        List<LedgerEntry> before = entries();
        Inventory present = Inventory.ofKernel(kernel, places);
        List<SlotPlan> slotsAfter = slots();
        List<LedgerEntry> after = entries();
        Set<SandboxPlan> allowed = plans(before, e -> true);
        allowed.addAll(plans(after, e -> true));
        Set<SandboxPlan> required = plans(before, HostDoctor::stands);
        required.retainAll(plans(after, HostDoctor::stands));
        Inventory all = Inventory.ofPlans(allowed)
                .with(Inventory.ofBackends(allowed))
                .with(Inventory.ofSlots(slotsBefore))
                .with(Inventory.ofSlots(slotsAfter));
        DoctorView found = examination.compare(present, all, Inventory.ofPlans(required));
        return new DoctorView(found.leaked(), found.missing(), found.going(), repaired.get());
    }

    private List<SlotPlan> slots() {
        try {
            return slots.entries().entries();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static boolean stands(LedgerEntry entry) {
        return entry.phase() == LedgerEntry.Phase.STANDING;
    }

    private static Set<SandboxPlan> plans(List<LedgerEntry> entries, Predicate<LedgerEntry> which) {
        Set<SandboxPlan> plans = new HashSet<>();
        entries.stream().filter(which).forEach(e -> plans.add(e.plan()));
        return plans;
    }

    private List<LedgerEntry> entries() {
        try {
            return ledger.entries().entries();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
