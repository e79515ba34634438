package io.hostel.sandbox;

import io.hostel.kernel.Kernel;
import io.hostel.kernel.KernelException;
import io.hostel.kernel.Links;
import io.hostel.resource.FaultPoint;
import io.hostel.resource.Ledger;
import io.hostel.resource.Leftover;
import io.hostel.resource.Step;
import io.hostel.resource.StepRunner;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A pool of slots, made one after the other by a thread of its own while no launches go on; so a burst empties it, and those who
 * come then make their own. Whose they are is decided by {@link SlotShares}. A slot is in the slots' ledger from before its first
 * step until a sandbox has claimed it, or its last revert. It outlives the daemon: the next one adopts it.
 */
public final class WarmSlots implements Slots, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(WarmSlots.class);
    /** Without a launch for so long, there is time for another slot. */
    private static final Duration QUIET = Duration.ofMillis(50);
    /** Between two slots where launches go on, and less than a quarter is left. */
    private static final Duration PACE = Duration.ofMillis(20);

    private static final Duration AFTER_FAILURE = Duration.ofSeconds(5);
    private static final Duration REGULARLY = Duration.ofMinutes(1);
    private static final int FIRST_LAUNCH = 1;

    private final Kernel kernel;
    private final HostLayout layout;
    private final Ledger<SlotPlan> ledger;
    private final Bridges bridges;
    private final Supplier<String> ids;
    private final int wanted;
    private final Phases phases;
    private final FaultPoint faults;
    private final StepRunner runner;
    private final SlotShares shares;
    private final TenantGroups groups;
    private final InstantSource steady;
    /** By the control group of the tenant whose they are; see {@link SlotPlan#tenant()}. */
    private final Map<String, Deque<SlotPlan>> warm = new ConcurrentHashMap<>();

    private final Map<String, SlotPlan> taken = new ConcurrentHashMap<>();
    private final AtomicBoolean filling = new AtomicBoolean();
    private final AtomicLong lastTaken = new AtomicLong(System.nanoTime() - QUIET.toNanos());
    private final AtomicLong cold = new AtomicLong();
    private final ScheduledThreadPoolExecutor keeper;
    private String lastFailure = "";

    /**
     * @param ids a new id at every call
     * @param wanted how many there should be; 0: none are made
     * @param groups of the tenants that there are
     * @param steady goes by what has passed, whatever the clock is set to
     */
    public WarmSlots(
            Kernel kernel,
            HostLayout layout,
            Ledger<SlotPlan> ledger,
            Bridges bridges,
            Supplier<String> ids,
            int wanted,
            Phases phases,
            FaultPoint faults,
            TenantGroups groups,
            InstantSource steady) {
        this.groups = groups;
        this.steady = steady;
        this.shares = new SlotShares(wanted);
        this.kernel = kernel;
        this.layout = layout;
        this.ledger = ledger;
        this.bridges = bridges;
        this.ids = ids;
        this.wanted = wanted;
        this.phases = phases;
        this.faults = faults;
        this.runner = new StepRunner(faults, phases::observe);
        this.keeper = new ScheduledThreadPoolExecutor(1, task -> {
            Thread thread = new Thread(task, "hostel-slots");
            thread.setDaemon(true);
            return thread;
        });
        keeper.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    }

    /**
     * Takes over what an earlier daemon left: slots that are whole are warm again, others are taken back, and those that
     * sandboxes have claimed are theirs. Then fills up.
     *
     * @param sandboxes ids in the ledger of sandboxes
     */
    public void adopt(List<SlotPlan> left, java.util.Set<String> sandboxes) {
        keeper.execute(() -> {
            for (SlotPlan slot : left) {
                if (sandboxes.contains(slot.id())) {
                    unlist(slot);
                } else if (warm() < wanted && whole(slot)) {
                    adopt(slot);
                } else {
                    takeBack(slot);
                }
            }
        });
        fill(Duration.ZERO);
        later(this::lookAgain, REGULARLY);
    }

    /** Who is parked in it is the last to be made: where that is not so, some of the rest may be missing too. */
    private void adopt(SlotPlan slot) {
        if (groups.has(slot.tenant()) && parked(slot)) {
            shares.launched(slot.tenant(), steady.instant());
            add(slot);
        } else if (runner.apply(SandboxSteps.placed(slot, FIRST_LAUNCH, kernel)) instanceof StepRunner.Applied) {
            disown(slot);
        } else {
            takeBack(slot);
        }
    }

    /** Those who have not launched for long give back. */
    private void lookAgain() {
        fill(Duration.ZERO);
        later(this::lookAgain, REGULARLY);
    }

    @Override
    public void expect(int tenant) {
        shares.launched(HostLayout.tenantGroup(tenant), steady.instant());
        fill(QUIET);
    }

    @Override
    public void forget(int tenant) {
        shares.forget(HostLayout.tenantGroup(tenant));
        fill(Duration.ZERO);
    }

    @Override
    public Seat take(int tenant, boolean networked) {
        lastTaken.set(System.nanoTime());
        String owner = HostLayout.tenantGroup(tenant);
        shares.launched(owner, steady.instant());
        SlotPlan slot = networked ? poll(owner) : null;
        if (slot == null && networked) {
            slot = poll(SlotShares.NOBODY);
        }
        fill(QUIET);
        if (slot == null) {
            cold.incrementAndGet();
            String id = ids.get();
            return new Seat(id, networked ? bridges.seat(id) : layout.bridge());
        }
        taken.put(slot.id(), slot);
        return new Seat(slot.id(), slot.veth().orElseThrow().bridge());
    }

    @Override
    public boolean holds(String id) {
        SlotPlan slot = taken.get(id);
        return slot != null && slot.cgroup().isPresent();
    }

    @Override
    public Made claim(String id) throws IOException {
        SlotPlan slot = taken.remove(id);
        if (slot == null) {
            return Made.NOTHING;
        }
        ledger.forget(id);
        return slot.cgroup().isPresent() ? Made.ALL : Made.PLACE;
    }

    @Override
    public void giveBack(String id) {
        SlotPlan slot = taken.remove(id);
        if (slot == null) {
            bridges.leave(id);
        } else {
            of(slot.tenant()).addFirst(slot);
        }
    }

    private Deque<SlotPlan> of(String owner) {
        return warm.computeIfAbsent(owner, o -> new ConcurrentLinkedDeque<>());
    }

    private @Nullable SlotPlan poll(String owner) {
        Deque<SlotPlan> own = warm.get(owner);
        return own == null ? null : own.poll();
    }

    private void add(SlotPlan slot) {
        of(slot.tenant()).add(slot);
    }

    private Stream<SlotPlan> all() {
        return warm.values().stream().flatMap(Deque::stream);
    }

    @Override
    public void gone(String id) {
        bridges.leave(id);
    }

    /** Of those that are ready. */
    public List<String> ids() {
        return all().map(SlotPlan::id).toList();
    }

    /** Links of those that are ready. */
    public List<Links.Veth> veths() {
        return all().flatMap(slot -> slot.veth().stream()).toList();
    }

    /** Something of it seems to have been taken away: puts its link right, or another slot in its place. */
    public void suspect(String id) {
        later(
                () -> all().filter(slot -> slot.id().equals(id))
                        .findFirst()
                        .filter(slot -> of(slot.tenant()).remove(slot))
                        .ifPresent(this::mend),
                Duration.ZERO);
    }

    private void mend(SlotPlan slot) {
        try {
            boolean stands = whole(slot)
                    && (slot.cgroup().isEmpty()
                            || parked(slot) && kernel.cgroups().present(slot.cgroup().get()))
                    && kernel.layers().present(slot.layerPool(), slot.layer());
            if (stands && slot.veth().isPresent()) {
                kernel.links().attach(slot.veth().get());
            }
            if (stands) {
                add(slot);
                return;
            }
        } catch (KernelException e) {
            LOG.warn("slot {} cannot be put right: {}", slot.id(), e.getMessage());
        }
        takeBack(slot);
        fill(Duration.ZERO);
    }

    /** How many are ready. */
    public int warm() {
        return warm.values().stream().mapToInt(Deque::size).sum();
    }

    /** How many sandboxes found none ready. */
    public long cold() {
        return cold.get();
    }

    private Optional<SlotShares.Action> next() {
        Map<String, Integer> there = new HashMap<>();
        warm.forEach((owner, slots) -> there.put(owner, slots.size()));
        return shares.next(there, groups.count(), groups::has, steady.instant());
    }

    private void fill(Duration delay) {
        if (missing() && filling.compareAndSet(false, true)) {
            later(this::fillOne, bridges.scarce() ? Duration.ZERO : delay);
        }
    }

    private boolean missing() {
        return next().isPresent() || bridges.scarce();
    }

    private void later(Runnable task, Duration delay) {
        try {
            keeper.schedule(task, delay.toNanos(), TimeUnit.NANOSECONDS);
        } catch (RejectedExecutionException closed) {
            LOG.debug("the slots are left as they are: {}", closed.getMessage());
        }
    }

    private void fillOne() {
        Duration next = AFTER_FAILURE;
        try {
            bridges.widen();
            next = makeOne();
        } catch (KernelException | IOException | RuntimeException | OutOfMemoryError e) {
            failed(e.toString(), ""); // with this thread's end nobody would make any more
        }
        if (missing()) {
            later(this::fillOne, next);
            return;
        }
        filling.set(false);
        fill(QUIET); // one may have been taken in between, when it looked as if this went on
    }

    /** @return how long to wait before the next one */
    private Duration makeOne() throws KernelException, IOException {
        Optional<SlotShares.Action> next = next();
        if (next.isEmpty()) {
            return Duration.ZERO;
        }
        boolean busy = System.nanoTime() - lastTaken.get() < QUIET.toNanos();
        if (busy && 4 * warm() >= wanted) {
            return QUIET;
        }
        return !done(next.get()) ? AFTER_FAILURE : busy ? PACE : Duration.ZERO;
    }

    private boolean done(SlotShares.Action action) throws KernelException, IOException {
        if (action instanceof SlotShares.Make make) {
            return make(make.owner());
        } else if (action instanceof SlotShares.Give give) {
            return give(give.owner());
        } else if (action instanceof SlotShares.TakeBack back) {
            SlotPlan slot = poll(back.owner());
            return slot == null || disown(slot);
        }
        throw new IllegalStateException("what is to be done: " + action);
    }

    /** A control group in the tenant's for one that is nobody's, and all that belongs into it. */
    private boolean give(String owner) throws KernelException, IOException {
        SlotPlan bare = poll(SlotShares.NOBODY);
        if (bare == null) {
            return true; // taken meanwhile
        }
        SlotPlan slot = bare.below(owner);
        try {
            faults.reached("record slot");
            ledger.record(slot.id(), slot);
        } catch (KernelException | IOException | RuntimeException e) {
            add(bare);
            throw e;
        }
        Optional<String> failure = applied(slot, SandboxSteps.grouped(slot, FIRST_LAUNCH, kernel));
        if (failure.isPresent()) {
            disown(slot);
            return failed(failure.get(), slot.id());
        }
        lastFailure = "";
        add(slot);
        return true;
    }

    /** Ends what makes it a tenant's. */
    private boolean disown(SlotPlan slot) {
        List<Leftover> leftovers = runner.revert(SandboxSteps.grouped(slot, FIRST_LAUNCH, kernel));
        SlotPlan bare = slot.nobodys();
        try {
            if (leftovers.isEmpty()) {
                faults.reached("record slot");
                ledger.record(bare.id(), bare);
                add(bare);
                return true;
            }
        } catch (KernelException | IOException e) {
            LOG.warn("slot {} cannot be given to somebody else: {}", slot.id(), e.toString());
        }
        takeBack(slot);
        return true;
    }

    /** @return what failed, if anything */
    private Optional<String> applied(SlotPlan slot, List<Step> steps) {
        try {
            if (slot.cgroup().isPresent()) {
                groups.stand(slot.cgroup().get());
            }
        } catch (KernelException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
        return runner.apply(steps) instanceof StepRunner.Failed failed ? Optional.of(failed.why()) : Optional.empty();
    }

    private boolean make(String owner) throws KernelException, IOException {
        String id = ids.get();
        SlotPlan bare = SlotPlan.of(id, Optional.of(bridges.seat(id)), layout);
        SlotPlan slot = owner.equals(SlotShares.NOBODY) ? bare : bare.below(owner);
        long began = System.nanoTime();
        try {
            faults.reached("record slot");
            ledger.record(id, slot);
        } catch (KernelException | IOException | RuntimeException e) {
            bridges.leave(id);
            throw e;
        }
        Optional<String> failure = applied(slot, steps(slot));
        if (failure.isPresent()) {
            takeBack(slot);
            return failed(failure.get(), id);
        }
        phases.observe("slot", Duration.ofNanos(System.nanoTime() - began));
        lastFailure = "";
        add(slot);
        return true;
    }

    /** Told once, though every attempt is another slot's. */
    private boolean failed(String why, String id) {
        String failure = why.replace(id, "");
        if (!failure.equals(lastFailure)) {
            LOG.warn("No sandbox can be readied ahead of need, launches take longer so long: {}", why);
        }
        lastFailure = failure;
        return false;
    }

    private boolean whole(SlotPlan slot) {
        try {
            return kernel.netns().inode(slot.pin()) != 0;
        } catch (KernelException e) {
            LOG.warn("look at slot {}: {}", slot.id(), e.getMessage());
            return false;
        }
    }

    private boolean parked(SlotPlan slot) {
        try {
            return kernel.launcher().parked(slot.recordDir(FIRST_LAUNCH)).isPresent();
        } catch (KernelException e) {
            LOG.warn("look at who is parked in slot {}: {}", slot.id(), e.getMessage());
            return false;
        }
    }

    private void takeBack(SlotPlan slot) {
        List<Leftover> leftovers = runner.revert(steps(slot));
        if (leftovers.isEmpty()) {
            forget(slot);
        } else {
            LOG.warn("slot {} cannot be taken back yet: {}", slot.id(), leftovers);
            later(() -> takeBack(slot), AFTER_FAILURE);
        }
    }

    private void forget(SlotPlan slot) {
        bridges.leave(slot.id());
        unlist(slot);
    }

    private void unlist(SlotPlan slot) {
        try {
            ledger.forget(slot.id());
        } catch (IOException e) {
            LOG.warn("take slot {} out of the ledger: {}", slot.id(), e.toString());
        }
    }

    private List<Step> steps(SlotPlan slot) {
        return SandboxSteps.ahead(slot, FIRST_LAUNCH, kernel);
    }

    /** Ends the making; what is ready stays for the next daemon. */
    @Override
    public void close() throws InterruptedException {
        keeper.shutdown();
        if (!keeper.awaitTermination(10, TimeUnit.SECONDS)) {
            LOG.warn("a slot is still being made");
        }
    }
}
