package io.hostel.host;

import io.hostel.api.DoctorView;
import io.hostel.kernel.Kernel;
import io.hostel.kernel.KernelException;
import io.hostel.resource.Ledger;
import io.hostel.sandbox.HostLayout;
import io.hostel.sandbox.LedgerEntry;
import io.hostel.sandbox.SandboxPlan;
import io.hostel.sandbox.SlotPlan;
import io.hostel.sandbox.TenantGroups;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Clock;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * Compares kernel and ledger. Sandboxes come and go meanwhile, so the ledger is read before and after the kernel is looked at:
 * what either reading allows is not leaked, and only what both require can be missing.
 *
 * <p>Calls that the kernel does not return from are told of, and do not keep the doctor: where it would have to wait for one
 * itself, it says so.
 */
final class HostDoctor {
    /** Less than a client of the API waits. */
    private static final Duration PATIENCE = Duration.ofSeconds(15);

    private static final String STUCK = "stuck-call";

    private final Kernel kernel;
    private final KernelCalls calls;
    private final Semaphore turn = new Semaphore(1);
    private final Ledger<LedgerEntry> ledger;
    private final Ledger<SlotPlan> slots;
    private final TenantGroups groups;
    private final Inventory.Places places;
    private final Supplier<List<DoctorView.Finding>> exposed;
    private final Examination examination;
    private final AtomicInteger repaired = new AtomicInteger();

    /** @param exposed what of the host's own is open to other users of the machine */
    HostDoctor(
            Kernel kernel,
            KernelCalls calls,
            Ledger<LedgerEntry> ledger,
            Ledger<SlotPlan> slots,
            TenantGroups groups,
            HostLayout layout,
            Supplier<List<DoctorView.Finding>> exposed,
            Clock clock,
            InstantSource steady) {
        this.kernel = kernel;
        this.calls = calls;
        this.ledger = ledger;
        this.slots = slots;
        this.groups = groups;
        this.places = new Inventory.Places(layout.bridge(), layout.linkPrefix(), layout.pins(), layout.layerPool());
        this.exposed = exposed;
        this.examination = new Examination(clock, steady);
    }

    /** Something that was amiss has been put right. */
    void repaired() {
        repaired.incrementAndGet();
    }

    /** Blocks for as long as some dumps from the kernel take, and for {@link #PATIENCE} at most. */
    DoctorView examine() throws KernelException {
        long began = System.nanoTime();
        try {
            if (!turn.tryAcquire(PATIENCE.toNanos(), TimeUnit.NANOSECONDS)) {
                return uncompared();
            }
            long left = PATIENCE.toNanos() - (System.nanoTime() - began);
            return comparing().get(Math.max(0, left), TimeUnit.NANOSECONDS);
        } catch (TimeoutException | RejectedExecutionException e) {
            return uncompared();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof KernelException refused) {
                throw refused;
            }
            throw new IllegalStateException("compare kernel and records: " + e.getCause(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("compare kernel and records: interrupted", e);
        }
    }

    /** Gives the turn back when it ends, which may be after whoever asked has gone. */
    private Future<DoctorView> comparing() {
        try {
            return calls.submit(() -> {
                try {
                    return compared();
                } finally {
                    turn.release();
                }
            });
        } catch (RejectedExecutionException e) {
            turn.release();
            throw e;
        }
    }

    private DoctorView uncompared() {
        List<DoctorView.Finding> stuck = new ArrayList<>(stuck());
        stuck.add(new DoctorView.Finding(
                STUCK,
                "comparison",
                "kernel and records were not compared within " + PATIENCE.toSeconds()
                        + " s: nothing is known of what is leaked or missing"));
        return new DoctorView(List.of(), List.of(), 0, repaired.get(), stuck);
    }

    private List<DoctorView.Finding> stuck() {
        return calls.overdue().stream()
                .map(call -> new DoctorView.Finding(
                        STUCK, call.thread(), "has not returned since " + call.since() + ": " + call.where()))
                .toList();
    }

    private DoctorView compared() throws KernelException {
        // A slot leaves its ledger after the sandbox that claims it has come into the other, so slots are read first.
        Inventory tenantsBefore = Inventory.ofTenants(groups.names());
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
                .with(Inventory.ofSlots(slotsAfter))
                .with(tenantsBefore)
                .with(Inventory.ofTenants(groups.names()));
        DoctorView found = examination.compare(present, all, Inventory.ofPlans(required));
        return new DoctorView(
                found.leaked(), found.missing(), found.going(), repaired.get(), stuck(), scarce(), exposed.get());
    }

    private List<DoctorView.Finding> scarce() throws KernelException {
        return LayerPool.scarcity(kernel.layers().room(places.layers()))
                .map(text -> List.of(new DoctorView.Finding("layers", "disk", text)))
                .orElse(List.of());
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
