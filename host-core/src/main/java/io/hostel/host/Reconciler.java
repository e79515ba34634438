package io.hostel.host;

import io.hostel.api.DoctorView;
import io.hostel.api.DoctorView.Finding;
import io.hostel.kernel.HostNetwork;
import io.hostel.kernel.Kernel;
import io.hostel.kernel.KernelException;
import io.hostel.kernel.Links;
import io.hostel.kernel.Listening;
import io.hostel.resource.Ledger;
import io.hostel.sandbox.Bridges;
import io.hostel.sandbox.LedgerEntry;
import io.hostel.sandbox.Roll;
import io.hostel.sandbox.SandboxPlan;
import io.hostel.sandbox.SandboxSupervisor;
import io.hostel.sandbox.WarmSlots;
import io.hostel.tenant.EventLog;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Puts right what somebody else has taken from the host: as soon as the kernel tells of it, and otherwise at the regular
 * comparison of kernel and ledger. What belongs to one sandbox is put right by its supervisor; bridges and filter are put right
 * here. What bears the host's names and is nobody's is taken away once it has been found twice.
 *
 * <p>All on one thread; what is heard meanwhile is looked at next.
 */
final class Reconciler implements HostNetwork.Ears, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Reconciler.class);
    /** Whatever takes one thing away often takes more: they are looked at together. */
    private static final Duration TOGETHER = Duration.ofMillis(20);

    private static final Duration AFTER_FAILURE = Duration.ofSeconds(1);

    private final Kernel kernel;
    private final KernelCalls calls;
    private final HostNetwork.Plan network;
    private final Ledger<LedgerEntry> ledger;
    private final Bridges bridges;
    private final WarmSlots slots;
    private final Roll roll;
    private final HostDoctor doctor;
    private final Leaks leaks;
    private final Map<String, Supplier<Optional<String>>> shortages;
    private final EventLog events;
    private final ScheduledThreadPoolExecutor worker;
    private final List<Listening> watches = new ArrayList<>();
    private final Set<String> suspects = ConcurrentHashMap.newKeySet();
    private final AtomicBoolean networkSuspect = new AtomicBoolean();
    private final AtomicBoolean soon = new AtomicBoolean();

    /** @param shortages by the event that tells of one: what there is to tell now */
    Reconciler(
            Machine machine,
            Ledger<LedgerEntry> ledger,
            Bridges bridges,
            WarmSlots slots,
            Roll roll,
            HostDoctor doctor,
            Map<String, Supplier<Optional<String>>> shortages,
            EventLog events) {
        this.kernel = machine.kernel();
        this.calls = machine.kernelExecutor();
        this.network = machine.ground().network();
        this.ledger = ledger;
        this.bridges = bridges;
        this.slots = slots;
        this.roll = roll;
        this.doctor = doctor;
        this.leaks = new Leaks(machine.kernel(), machine.layout(), network);
        this.shortages = shortages;
        this.events = events;
        this.worker = new ScheduledThreadPoolExecutor(1, task -> {
            Thread thread = new Thread(task, "hostel-reconciler");
            thread.setDaemon(true);
            return thread;
        });
        worker.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    }

    /** @param regularly between two comparisons of everything, which read all records and dump what the kernel holds */
    void begin(Duration regularly) {
        try {
            watches.add(kernel.hostNetwork().watch(network, this));
            watches.add(kernel.cgroups().watch(this::cgroup));
        } catch (KernelException e) {
            LOG.warn("Changes by others are found at the regular comparison only: {}", e.getMessage());
        }
        worker.scheduleWithFixedDelay(
                calls.watched(this::compare), regularly.toMillis(), regularly.toMillis(), TimeUnit.MILLISECONDS);
    }

    @Override
    public void bridges() {
        networkSuspect.set(true);
        lookSoon(TOGETHER);
    }

    @Override
    public void filter() {
        networkSuspect.set(true);
        lookSoon(TOGETHER);
    }

    @Override
    public void link(String name) {
        suspect(name);
    }

    private void cgroup(String name) {
        suspect(name);
    }

    /** @param name of a link or a control group, which end with the id of their sandbox */
    private void suspect(String name) {
        suspects.add(name.substring(name.indexOf('-') + 1));
        lookSoon(TOGETHER);
    }

    private void lookSoon(Duration delay) {
        if (soon.compareAndSet(false, true)) {
            try {
                worker.schedule(calls.watched(this::look), delay.toMillis(), TimeUnit.MILLISECONDS);
            } catch (RejectedExecutionException e) {
                LOG.debug("what was heard of is left to the next host");
            }
        }
    }

    private void look() {
        soon.set(false);
        // In this order: what was suspected because of its bridge is not looked at before the bridge has been.
        Set<String> ids = new HashSet<>(suspects);
        boolean ofNetwork = networkSuspect.getAndSet(false);
        try {
            if (ofNetwork) {
                ids.addAll(mendNetwork());
            }
        } catch (KernelException | IOException | RuntimeException e) {
            LOG.warn("The network cannot be put right yet: {}", e.toString());
            networkSuspect.set(true);
            lookSoon(AFTER_FAILURE);
            return; // what hangs on it would find it missing, and be put up anew: it is looked at afterwards
        }
        suspects.removeAll(ids);
        ids.forEach(this::mend);
    }

    /** @return ids of those that are to be looked at for it */
    private Set<String> mendNetwork() throws KernelException, IOException {
        Set<String> made = new HashSet<>(kernel.hostNetwork().ensure(network));
        bridges.restore().forEach(name -> made.add("bridge " + name));
        Set<String> affected = rejoin(made);
        int elements = kernel.filter().mend();
        made.forEach(what -> repaired(Optional.empty(), "host.repaired", Map.of("what", what)));
        if (elements > 0) {
            repaired(Optional.empty(), "host.repaired", Map.of("what", elements + " elements of the filter"));
        }
        return affected;
    }

    /**
     * The ports of bridges that have been made again hang in the air, and what led to them went along: all of it is put right
     * at once, before each sandbox looks for itself.
     *
     * @param made names of such bridges among others
     */
    private Set<String> rejoin(Set<String> made) throws KernelException, IOException {
        if (made.stream().noneMatch(what -> what.startsWith("bridge "))) {
            return Set.of();
        }
        Predicate<Links.Veth> affected = veth -> made.contains("bridge " + veth.bridge());
        Set<String> ids = new HashSet<>(slots.ids());
        List<Links.Veth> veths =
                new ArrayList<>(slots.veths().stream().filter(affected).toList());
        List<Links.Lease> leases = new ArrayList<>();
        for (LedgerEntry entry : ledger.entries().entries()) {
            SandboxPlan plan = entry.plan();
            if (plan.veth().filter(affected).isEmpty()) {
                continue;
            }
            ids.add(plan.id());
            if (entry.phase() == LedgerEntry.Phase.STANDING) {
                plan.veth().ifPresent(veths::add);
                plan.lease().ifPresent(leases::add);
            }
        }
        int refused = kernel.links().rejoin(veths, leases);
        LOG.info("{} links are to be ports again, {} requests were refused", veths.size(), refused);
        return ids;
    }

    private void mend(String id) {
        if (!roll.tell(id, new SandboxSupervisor.Mend(this::mended))) {
            slots.suspect(id);
        }
    }

    private void mended(SandboxPlan plan, List<String> amiss) {
        repaired(
                Optional.of(plan.tenant()),
                "sandbox.repaired",
                Map.of(
                        "sandbox", plan.id(),
                        "app", plan.app(),
                        "process", plan.process(),
                        "what", String.join(", ", amiss)));
    }

    private void repaired(Optional<String> tenant, String kind, Map<String, String> details) {
        LOG.warn("Put right: {}", details);
        doctor.repaired();
        events.note(tenant, kind, details);
    }

    /** Everything against everything. */
    private void compare() {
        try {
            shortages.forEach((event, look) -> look.get().ifPresent(what -> {
                LOG.warn("{}", what);
                events.note(Optional.empty(), event, Map.of("what", what));
            }));
            DoctorView found = doctor.examine();
            if (!found.missing().isEmpty()) {
                networkSuspect.set(true);
                suspects.addAll(owners(found.missing()));
                look();
            }
            if (ledger.entries().unreadable().isEmpty()) {
                leaks.takeAway(found.leaked())
                        .forEach(what -> repaired(Optional.empty(), "host.repaired", Map.of("what", "leaked " + what)));
            }
        } catch (KernelException | IOException | RuntimeException e) {
            LOG.warn("Kernel and ledger cannot be compared: {}", e.toString());
        }
    }

    private Set<String> owners(List<Finding> missing) throws IOException {
        Set<Inventory.Thing> things = new HashSet<>();
        missing.forEach(finding -> things.add(new Inventory.Thing(finding.kind(), finding.name())));
        Set<String> ids = new HashSet<>();
        for (LedgerEntry entry : ledger.entries().entries()) {
            if (Inventory.ofPlans(List.of(entry.plan())).things().stream().anyMatch(things::contains)) {
                ids.add(entry.plan().id());
            }
        }
        return ids;
    }

    @Override
    public void close() throws InterruptedException {
        watches.forEach(Listening::close);
        worker.shutdown();
        if (!worker.awaitTermination(10, TimeUnit.SECONDS)) {
            LOG.warn("something is still being put right");
        }
    }
}
