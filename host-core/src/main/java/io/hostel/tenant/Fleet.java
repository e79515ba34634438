package io.hostel.tenant;

import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.javadsl.ActorContext;
import io.hostel.api.ProcessSpec;
import io.hostel.api.SandboxView.State;
import io.hostel.network.AddressPool;
import io.hostel.sandbox.HostLayout;
import io.hostel.sandbox.LedgerEntry;
import io.hostel.sandbox.SandboxPlan;
import io.hostel.sandbox.SandboxRequest;
import io.hostel.sandbox.SandboxStatus;
import io.hostel.sandbox.SandboxSupervisor;
import io.hostel.sandbox.Slots;
import io.hostel.store.DesiredState.StoredEnded;
import io.hostel.store.DesiredState.StoredTenant;
import java.net.Inet4Address;
import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** An app's sandboxes, each with the actor that owns it. Confined to the app's actor. */
final class Fleet {
    private static final Logger LOG = LoggerFactory.getLogger(Fleet.class);
    private static final Duration BEFORE_ANOTHER_SUPERVISOR = Duration.ofSeconds(1);

    /** A sandbox is reaped when new connections are led elsewhere, or the packet filter has not answered for so long. */
    private static final Duration DRAIN = Duration.ofSeconds(5);

    private final ActorContext<AppMessage> actor;
    private final Surroundings around;
    private final StoredTenant tenant;
    private final AddressPool addresses;
    private final Standing standing;
    private final EndedRecords ended;
    private final ActorRef<SandboxSupervisor.Event> events;
    private final Runnable retry;
    private final Map<String, Placed> placed = new LinkedHashMap<>();
    private long supervisors;

    Fleet(
            ActorContext<AppMessage> actor,
            Surroundings around,
            StoredTenant tenant,
            AddressPool addresses,
            Standing standing,
            EndedRecords ended) {
        this.actor = actor;
        this.around = around;
        this.tenant = tenant;
        this.addresses = addresses;
        this.standing = standing;
        this.ended = ended;
        this.events = actor.messageAdapter(SandboxSupervisor.Event.class, AppMessage.Supervised::new);
        ActorRef<AppMessage> self = actor.getSelf();
        this.retry = () -> self.tell(new AppMessage.RetryPlacement());
    }

    /** Whether a sandbox was started, or what it waits for. */
    enum Start {
        STARTED,
        NO_ADDRESS,
        NO_ROOM
    }

    /** @param rollout whether it is started beside what it is to replace */
    Start start(Slot slot, String app, Resolver.Resolved from, boolean rollout) {
        ProcessSpec process = Objects.requireNonNull(from.spec().processes().get(slot.process()));
        long plan = PlanRoom.weight(from.spec().env(), process.command());
        Standing.Place place = standing.start(app, Claim.standing(process), plan, rollout, retry)
                .orElse(null);
        if (place == null) {
            return Start.NO_ROOM;
        }
        Optional<Inet4Address> address = Optional.empty();
        if (process.network() == ProcessSpec.Network.TENANT) {
            address = addresses.lease();
            if (address.isEmpty()) {
                place.gone();
                return Start.NO_ADDRESS;
            }
        }
        Slots.Seat seat = around.slots().take(tenant.number(), address.isPresent());
        SandboxRequest request = new SandboxRequest(
                seat.id(),
                tenant.id(),
                tenant.number(),
                tenant.uidBase(),
                app,
                slot.process(),
                slot.release(),
                process,
                from.spec().env(),
                from.sources().layers(),
                from.sources().binds(),
                seat.bridge(),
                address);
        Placed sandbox = new Placed(request.id(), slot, ++supervisors, address);
        sandbox.place = place;
        placed.put(sandbox.id, sandbox);
        spawn(sandbox, around.supervisors().start(request, events));
        return Start.STARTED;
    }

    /** Takes over what an earlier daemon left; its address has been taken from the pool already. */
    void adopt(LedgerEntry left) {
        LedgerEntry entry = left.below(HostLayout.tenantGroup(tenant.number()));
        SandboxPlan plan = entry.plan();
        Placed sandbox = new Placed(plan.id(), new Slot(plan.release(), plan.process()), ++supervisors, plan.address());
        Standing.Place place = standing.adopt(plan);
        sandbox.place = place;
        if (entry.phase() == LedgerEntry.Phase.REAPING) {
            sandbox.leaving = true; // one that was on its way out goes on going
            place.leaving(plan.spec().stopTimeout());
        }
        placed.put(sandbox.id, sandbox);
        spawn(sandbox, around.supervisors().adopt(entry, events));
    }

    /** Lists what an earlier daemon's time left of a sandbox that had ended. */
    void restore(StoredEnded stored) {
        placed.put(stored.sandbox(), new Placed(stored, ++supervisors));
    }

    private void spawn(Placed sandbox, Behavior<SandboxSupervisor.Command> behavior) {
        ActorRef<SandboxSupervisor.Command> ref = actor.spawn(behavior, sandbox.id + "-" + ++supervisors);
        sandbox.supervisor = ref;
        sandbox.reapTold = false;
        actor.watchWith(ref, new AppMessage.Ended(sandbox.id, ref));
    }

    /** Keeps the news; gives back what was known before. */
    Optional<SandboxStatus> changed(SandboxStatus status) {
        Placed sandbox = placed.get(status.plan().id());
        if (sandbox == null) {
            return Optional.empty();
        }
        Optional<SandboxStatus> before = sandbox.said();
        sandbox.status = status;
        boolean ends = status.state() == State.ENDED
                && !before.map(SandboxStatus::state).equals(Optional.of(State.ENDED));
        if (ends && !sandbox.leaving) {
            ended.save(sandbox);
        }
        return before;
    }

    /** Nothing of the sandbox is left: its address rests from now on; one that ended by itself stays listed. */
    void reaped(String id) {
        Placed sandbox = placed.get(id);
        if (sandbox == null || sandbox.reaped) {
            return;
        }
        sandbox.reaped = true;
        sandbox.address.ifPresent(addresses::giveBack);
        sandbox.supervisor = null;
        if (sandbox.place != null) {
            sandbox.place.gone();
            sandbox.place = null;
        }
        if (sandbox.leaving || !sandbox.over()) {
            placed.remove(id);
        }
    }

    /** A supervisor that ends before its sandbox is gone has broken: another one takes over from the plan. */
    void ended(String id, ActorRef<?> supervisor) {
        Placed sandbox = placed.get(id);
        if (sandbox == null || !supervisor.equals(sandbox.supervisor)) {
            return;
        }
        sandbox.supervisor = null;
        LOG.warn("the supervisor of sandbox {} broke; another takes over", id);
        actor.scheduleOnce(BEFORE_ANOTHER_SUPERVISOR, actor.getSelf(), new AppMessage.TakeOver(id));
    }

    /** Looks up in the ledger what is to be taken over. */
    void takeOver(String id) {
        Placed sandbox = placed.get(id);
        if (sandbox != null && sandbox.supervisor == null && !sandbox.reaped) {
            actor.pipeToSelf(
                    around.supervisors().entries(),
                    (entries, failure) -> new AppMessage.EntriesFound(id, entries, failure));
        }
    }

    void found(AppMessage.EntriesFound found) {
        Placed sandbox = placed.get(found.sandbox());
        List<LedgerEntry> entries = found.entries();
        if (sandbox == null || sandbox.supervisor != null || sandbox.reaped) {
            return;
        }
        if (entries == null) {
            LOG.warn("read the ledger for sandbox {}: {}", sandbox.id, String.valueOf(found.failure()));
            actor.scheduleOnce(BEFORE_ANOTHER_SUPERVISOR, actor.getSelf(), new AppMessage.TakeOver(sandbox.id));
            return;
        }
        entries.stream()
                .filter(e -> e.plan().id().equals(sandbox.id))
                .findFirst()
                .map(e -> e.below(HostLayout.tenantGroup(tenant.number())))
                .ifPresentOrElse(e -> spawn(sandbox, around.supervisors().adopt(e, events)), () -> reaped(sandbox.id));
    }

    /** The sandbox is not wanted any more. */
    void drain(String id, Duration stopTimeout) {
        Placed sandbox = placed.get(id);
        if (sandbox == null || sandbox.leaving) {
            return;
        }
        sandbox.leaving = true;
        if (sandbox.place != null) {
            sandbox.place.leaving(DRAIN.plus(stopTimeout));
        }
        if (sandbox.state() == State.ENDED) {
            ended.forget(id);
        }
        if (sandbox.over()) {
            placed.remove(id);
        } else if (sandbox.address.isPresent()) {
            actor.scheduleOnce(DRAIN, actor.getSelf(), new AppMessage.DrainOver(id));
        }
    }

    /** Reaps those that nobody is led to any more. */
    void reapDrained(Predicate<Inet4Address> ledTo) {
        for (Placed sandbox : placed.values()) {
            ActorRef<SandboxSupervisor.Command> supervisor = sandbox.supervisor;
            if (sandbox.leaving && !sandbox.reapTold && supervisor != null && drained(sandbox, ledTo)) {
                sandbox.reapTold = true;
                supervisor.tell(new SandboxSupervisor.Reap());
            }
        }
    }

    static boolean drained(Placed sandbox, Predicate<Inet4Address> ledTo) {
        return sandbox.drainOver || sandbox.address.filter(ledTo).isEmpty();
    }

    @Nullable
    Placed get(String id) {
        return placed.get(id);
    }

    Collection<Placed> all() {
        return placed.values();
    }

    List<Placed> of(Slot slot) {
        return placed.values().stream().filter(p -> p.slot.equals(slot)).toList();
    }

    List<Placement.Present> present() {
        return placed.values().stream().map(Placed::present).toList();
    }

    boolean isEmpty() {
        return placed.isEmpty();
    }
}
