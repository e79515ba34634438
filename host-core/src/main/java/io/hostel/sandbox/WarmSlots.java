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
import java.util.Deque;
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
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A pool of slots, made one after the other by a thread of its own while no launches go on; so a burst empties it, and those who
 * come then make their own. A slot is in the slots' ledger from before its first step until a sandbox has claimed it, or its
 * last revert. It outlives the daemon: the next one adopts it.
 */
public final class WarmSlots implements Slots, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(WarmSlots.class);
    /** Without a launch for so long, there is time for another slot. */
    private static final Duration QUIET = Duration.ofMillis(50);
    /** Between two slots where launches go on, and less than a quarter is left. */
    private static final Duration PACE = Duration.ofMillis(20);

    private static final Duration AFTER_FAILURE = Duration.ofSeconds(5);
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
    private final Deque<SlotPlan> warm = new ConcurrentLinkedDeque<>();
    private final Map<String, SlotPlan> taken = new ConcurrentHashMap<>();
    private final AtomicBoolean filling = new AtomicBoolean();
    private final AtomicLong lastTaken = new AtomicLong(System.nanoTime() - QUIET.toNanos());
    private final AtomicLong cold = new AtomicLong();
    private final ScheduledThreadPoolExecutor keeper;
    private String lastFailure = "";

    /**
     * @param ids a new id at every call
     * @param wanted how many there should be; 0: none are made
     */
    public WarmSlots(
            Kernel kernel,
            HostLayout layout,
            Ledger<SlotPlan> ledger,
            Bridges bridges,
            Supplier<String> ids,
            int wanted,
            Phases phases,
            FaultPoint faults) {
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
                } else if (warm.size() < wanted && whole(slot)) {
                    warm.add(slot);
                } else {
                    takeBack(slot);
                }
            }
        });
        fill(Duration.ZERO);
    }

    @Override
    public Seat take(boolean networked) {
        lastTaken.set(System.nanoTime());
        SlotPlan slot = networked ? warm.poll() : null;
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
        return taken.containsKey(id);
    }

    @Override
    public boolean claim(String id) throws IOException {
        if (taken.remove(id) == null) {
            return false;
        }
        ledger.forget(id);
        return true;
    }

    @Override
    public void giveBack(String id) {
        SlotPlan slot = taken.remove(id);
        if (slot == null) {
            bridges.leave(id);
        } else {
            warm.addFirst(slot);
        }
    }

    @Override
    public void gone(String id) {
        bridges.leave(id);
    }

    /** Of those that are ready. */
    public List<String> ids() {
        return warm.stream().map(SlotPlan::id).toList();
    }

    /** Links of those that are ready. */
    public List<Links.Veth> veths() {
        return warm.stream().flatMap(slot -> slot.veth().stream()).toList();
    }

    /** Something of it seems to have been taken away: puts its link right, or another slot in its place. */
    public void suspect(String id) {
        later(
                () -> warm.stream()
                        .filter(slot -> slot.id().equals(id))
                        .findFirst()
                        .filter(warm::remove)
                        .ifPresent(this::mend),
                Duration.ZERO);
    }

    private void mend(SlotPlan slot) {
        try {
            boolean stands = whole(slot)
                    && kernel.cgroups().present(slot.cgroup())
                    && kernel.layers().present(slot.layerPool(), slot.layer());
            if (stands && slot.veth().isPresent()) {
                kernel.links().attach(slot.veth().get());
            }
            if (stands) {
                warm.add(slot);
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
        return warm.size();
    }

    /** How many sandboxes found none ready. */
    public long cold() {
        return cold.get();
    }

    private void fill(Duration delay) {
        if (missing() && filling.compareAndSet(false, true)) {
            later(this::fillOne, bridges.scarce() ? Duration.ZERO : delay);
        }
    }

    private boolean missing() {
        return warm.size() < wanted || bridges.scarce();
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
        if (warm.size() >= wanted) {
            return Duration.ZERO;
        }
        boolean busy = System.nanoTime() - lastTaken.get() < QUIET.toNanos();
        if (busy && 4 * warm.size() >= wanted) {
            return QUIET;
        }
        return !make() ? AFTER_FAILURE : busy ? PACE : Duration.ZERO;
    }

    private boolean make() throws KernelException, IOException {
        String id = ids.get();
        SlotPlan slot = SlotPlan.of(id, Optional.of(bridges.seat(id)), layout);
        long began = System.nanoTime();
        try {
            faults.reached("record slot");
            ledger.record(id, slot);
        } catch (KernelException | IOException | RuntimeException e) {
            bridges.leave(id);
            throw e;
        }
        if (runner.apply(steps(slot)) instanceof StepRunner.Failed failed) {
            if (failed.leftovers().isEmpty()) {
                forget(slot);
            } else {
                takeBack(slot);
            }
            return failed(failed.why(), id);
        }
        phases.observe("slot", Duration.ofNanos(System.nanoTime() - began));
        lastFailure = "";
        warm.add(slot);
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
            return kernel.netns().inode(slot.pin()) != 0
                    && kernel.launcher().parked(slot.recordDir(FIRST_LAUNCH)).isPresent();
        } catch (KernelException e) {
            LOG.warn("look at slot {}: {}", slot.id(), e.getMessage());
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
