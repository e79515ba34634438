package io.hostel.tenant;

import akka.actor.typed.ActorRef;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.TimerScheduler;
import io.hostel.api.ProcessSpec;
import io.hostel.api.Refusal;
import io.hostel.api.RefusedException;
import io.hostel.api.ReleaseSpec;
import io.hostel.api.ReleaseView;
import io.hostel.api.ReleaseView.Status;
import io.hostel.api.SandboxView.State;
import io.hostel.kernel.KernelException;
import io.hostel.kernel.PacketFilter.Backend;
import io.hostel.sandbox.LedgerEntry;
import io.hostel.sandbox.SandboxStatus;
import io.hostel.sandbox.SandboxSupervisor;
import io.hostel.store.DesiredState.StoredEnded;
import java.lang.ref.SoftReference;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What an app does of its own accord: starts what is wanted, takes out of the balance and reaps what is not, decides on the
 * release that is being deployed, restarts one by one, and takes itself away. Part of {@link AppActor}, confined to it.
 */
final class AppLife {
    private static final Logger LOG = LoggerFactory.getLogger(AppLife.class);
    private static final Duration RETRY = Duration.ofSeconds(1);
    private static final Duration SOURCES_RETRY = Duration.ofSeconds(5);

    private static final Comparator<LedgerEntry> OLDEST_FIRST =
            Comparator.comparing(entry -> entry.startedAt().orElse(Instant.MAX));

    private final ActorContext<AppMessage> actor;
    private final TimerScheduler<AppMessage> timers;
    private final Surroundings around;
    private final ChangeQueue changes;
    private final Fleet fleet;
    private final Standing standing;
    private final Waiters waiters;
    private final ActorRef<TenantMessage> parent;
    private final PublishedPorts ports;
    private final PortOpener opener;
    private final Restarts restarts;
    private final Decision decision;
    private final Waiting waiting;

    /** What sandboxes are started from, for as long as the memory is not needed otherwise: it can be read again. */
    private final Map<Integer, SoftReference<Resolver.Resolved>> sources = new HashMap<>();

    private final Set<Integer> resolving = new HashSet<>();
    private final Set<String> unheard = new HashSet<>();
    private int adopted;
    private boolean readyTold;
    private boolean forgetting;
    private boolean gone;

    AppLife(
            ActorContext<AppMessage> actor,
            TimerScheduler<AppMessage> timers,
            Surroundings around,
            ChangeQueue changes,
            Fleet fleet,
            Standing standing,
            Waiters waiters,
            ActorRef<TenantMessage> parent) {
        this.actor = actor;
        this.timers = timers;
        this.around = around;
        this.changes = changes;
        this.fleet = fleet;
        this.standing = standing;
        this.waiting = new Waiting(standing);
        this.waiters = waiters;
        this.parent = parent;
        this.ports = new PublishedPorts(this::publish);
        this.opener = new PortOpener(around.filter(), around.ports());
        this.restarts = new Restarts(
                (sandbox, time) ->
                        timers.startSingleTimer("restart " + sandbox, new AppMessage.RestartOver(sandbox), time),
                this::restartAllowance);
        this.decision = new Decision(actor, timers, around, changes, fleet, waiting, this::recorded);
    }

    /** Takes over what was left and goes on with what is recorded. */
    void begin(List<StoredEnded> ended, List<LedgerEntry> left) {
        ended.forEach(fleet::restore);
        left.stream().sorted(OLDEST_FIRST).forEach(entry -> {
            fleet.adopt(entry);
            unheard.add(entry.plan().id());
        });
        record().rolling().ifPresent(decision::begin);
        // Of an app that is being deleted too, whose ports are yet to lead nowhere.
        ports.leave(record().app().ports().values());
        reconcile();
        unheard.removeIf(id -> {
            Placed sandbox = fleet.get(id);
            return sandbox == null || sandbox.leaving;
        });
        adopted = unheard.size();
        reconcile();
        tellReady();
    }

    AppRecord record() {
        return changes.record();
    }

    void onNews(AppMessage.AppNews news) {
        if (news instanceof AppMessage.Supervised s) {
            supervised(s.event());
        } else if (news instanceof AppMessage.Ended e) {
            fleet.ended(e.sandbox(), e.supervisor());
        } else if (news instanceof AppMessage.TakeOver t) {
            fleet.takeOver(t.sandbox());
            unheard.remove(t.sandbox());
        } else if (news instanceof AppMessage.EntriesFound f) {
            fleet.found(f);
        } else if (news instanceof AppMessage.Recorded r) {
            changes.recorded(r);
        } else if (news instanceof AppMessage.PortPublished p) {
            published(p);
        } else if (news instanceof AppMessage.SourcesFound f) {
            sourcesFound(f);
        } else if (news instanceof AppMessage.LastLines l) {
            decision.lastLines(l);
        } else if (news instanceof AppMessage.AllowanceOver a) {
            decision.allowanceOver(a.release());
        } else if (news instanceof AppMessage.WaitOver w) {
            waiters.over(w.waiter());
        } else if (news instanceof AppMessage.DrainOver d) {
            Optional.ofNullable(fleet.get(d.sandbox())).ifPresent(p -> p.drainOver = true);
        } else if (news instanceof AppMessage.RestartOver r) {
            restarts.over(r.sandbox(), fleet);
        } else if (news instanceof AppMessage.RetryPorts) {
            ports.retry();
        } else if (news instanceof AppMessage.Reload) {
            changes.reload();
        } else if (news instanceof AppMessage.Judge) {
            decision.again();
        } else if (news instanceof AppMessage.NoAddresses n) {
            decision.shortage(n.detail());
        } else if (news instanceof AppMessage.LogsForgotten) {
            forget();
        }
        reconcile();
        tellReady();
    }

    private void supervised(SandboxSupervisor.Event event) {
        unheard.remove(event.sandbox());
        if (event instanceof SandboxSupervisor.Changed changed) {
            Optional<SandboxStatus> before = fleet.changed(changed.status());
            SandboxEvents.between(before, changed.status())
                    .forEach((kind, details) ->
                            around.events().note(Optional.of(record().app().tenant()), kind, details));
        } else if (event instanceof SandboxSupervisor.MonitorStopped stopped) {
            around.events()
                    .note(
                            Optional.of(record().app().tenant()),
                            SandboxEvents.kind(stopped.found()),
                            SandboxEvents.details(stopped.plan()));
        } else {
            fleet.reaped(event.sandbox());
        }
    }

    /** Compares what is recorded with what is there, and acts on the difference. */
    void reconcile() {
        place();
        restarts.choose(fleet);
        balance();
        fleet.reapDrained(ports::mayLeadTo);
        restarts.go(fleet, ports::mayLeadTo);
        decision.judge();
        finishDeleting();
        waiters.settle();
    }

    private void place() {
        Placement placement = Placement.of(wanted(), fleet.present());
        placement.surplus().stream().filter(id -> !tellsOfItsEnd(id)).forEach(this::drain);
        Unplaced unplaced = start(placement.starts());
        List<Slot> without = unplaced.roomless();
        // The turn at the surge is kept until all of a rollout stands, whatever the rest waits for.
        if (without.isEmpty() && !(unplaced.others() && record().rollout())) {
            standing.settled(record().app().app());
        }
        if (waiting.are(without)) {
            decision.roomCame();
        }
    }

    /**
     * What was not started.
     *
     * @param roomless has to wait until others of the tenant are gone
     * @param others whether others wait for their sources or for an address
     */
    private record Unplaced(List<Slot> roomless, boolean others) {}

    /** Starts what it can. */
    private Unplaced start(List<Slot> starts) {
        boolean beside = record().rollout();
        boolean unread = false;
        for (int i = 0; i < starts.size(); i++) {
            Slot slot = starts.get(i);
            ReleaseView release = record().release(slot.release()).orElse(null);
            if (release == null) {
                continue;
            }
            Resolver.Resolved from =
                    Optional.ofNullable(sources.get(slot.release())).map(SoftReference::get).orElse(null);
            if (from == null) {
                resolve(release.release());
                unread = true;
                continue;
            }
            boolean rollout = beside && slot.release() != record().app().live();
            Fleet.Start start = fleet.start(slot, record().app().app(), from, rollout);
            if (start == Fleet.Start.NO_ADDRESS) {
                parent.tell(new TenantMessage.AddressesWanted(actor.getSelf()));
                timers.startSingleTimer("place", new AppMessage.RetryPlacement(), RETRY);
                return new Unplaced(List.of(), true);
            } else if (start == Fleet.Start.NO_ROOM) {
                return new Unplaced(starts.subList(i, starts.size()), unread);
            }
        }
        return new Unplaced(List.of(), unread);
    }

    /** A sandbox is not wanted any more. */
    void drain(String id) {
        Placed sandbox = fleet.get(id);
        if (sandbox != null) {
            fleet.drain(
                    id, record().process(sandbox.slot).map(ProcessSpec::stopTimeout).orElse(Duration.ZERO));
        }
    }

    Waiting waiting() {
        return waiting;
    }

    /** What has ended stays listed until the app's next release, though its own has failed with it. */
    private boolean tellsOfItsEnd(String id) {
        Placed sandbox = fleet.get(id);
        return sandbox != null
                && sandbox.state() == State.ENDED
                && !record().app().deleting()
                && sandbox.slot.release() == record().app().latest()
                && record().release(sandbox.slot.release())
                        .map(ReleaseView::status)
                        .equals(Optional.of(Status.FAILED));
    }

    /** What is wanted more of is started while the disk is still writing that down; were it to refuse, it is surplus again. */
    private Map<Slot, Integer> wanted() {
        Map<Slot, Integer> wanted = new LinkedHashMap<>(record().wanted());
        changes.next()
                .filter(next -> !next.app().deleting())
                .ifPresent(next -> next.wanted()
                        .forEach((slot, count) -> wanted.computeIfPresent(slot, (same, now) -> Math.max(now, count))));
        return wanted;
    }

    private void resolve(int release) {
        if (resolving.add(release)) {
            actor.pipeToSelf(
                    new Releases(around.records())
                            .one(record().app().tenant(), record().app().app(), release)
                            .thenCompose(whole -> around.resolver().resolve(whole.spec())),
                    (found, failure) -> new AppMessage.SourcesFound(release, found, failure));
        }
    }

    private void sourcesFound(AppMessage.SourcesFound f) {
        if (f.found() != null) {
            resolving.remove(f.release());
            sources.put(f.release(), new SoftReference<>(f.found()));
        } else if (f.failure() != null) {
            String why = Faults.cause(f.failure()).getMessage();
            LOG.warn(
                    "release {} of {}/{}: {}",
                    f.release(),
                    record().app().tenant(),
                    record().app().app(),
                    why);
            decision.shortage(String.valueOf(why));
            timers.startSingleTimer("sources " + f.release(), new AppMessage.RetryPlacement(), SOURCES_RETRY);
            resolving.remove(f.release());
        }
    }

    private void balance() {
        Map<Integer, List<Backend>> backends = new HashMap<>();
        if (!record().app().deleting()) {
            record().app().ports().forEach((process, port) -> backends.put(port, backends(process)));
        }
        if (!unheard.isEmpty()) {
            return; // where ports lead stays as it was left until every adopted sandbox has been heard of
        }
        ports.want(backends);
        ports.released(backends.keySet()).forEach(around.ports()::giveBack);
    }

    private List<Backend> backends(String process) {
        // Where no release is live, there is nothing to be kept: the first answer is led to.
        return record().current()
                .flatMap(release -> Optional.ofNullable(release.spec().processes().get(process))
                        .flatMap(ProcessSpec::port)
                        .map(port -> fleet.of(new Slot(release.release(), process)).stream()
                                .filter(Placed::serving)
                                .flatMap(s -> s.address.stream())
                                .limit(io.hostel.kernel.PacketFilter.MAX_BACKENDS)
                                .map(address -> new Backend(address, port))
                                .toList()))
                .orElse(List.of());
    }

    private void publish(int port, List<Backend> backends) {
        CompletableFuture<Boolean> done = new CompletableFuture<>();
        actor.pipeToSelf(done, (ok, failure) -> new AppMessage.PortPublished(port, failure));
        try {
            around.kernel().execute(() -> {
                try {
                    opener.lead(port, backends);
                    done.complete(true);
                } catch (KernelException | RuntimeException e) {
                    done.completeExceptionally(e);
                }
            });
        } catch (RuntimeException full) {
            done.completeExceptionally(full);
        }
    }

    private void published(AppMessage.PortPublished p) {
        if (p.failure() != null) {
            LOG.warn("publish port {}: {}", p.port(), Faults.cause(p.failure()).getMessage());
            timers.startSingleTimer("ports", new AppMessage.RetryPorts(), RETRY);
        }
        ports.published(p.port(), p.failure() == null);
    }

    private void finishDeleting() {
        if (record().exists() && record().app().deleting() && fleet.isEmpty() && ports.isEmpty() && !forgetting) {
            forgetting = true;
            actor.pipeToSelf(
                    around.logs().forget(record().app().tenant(), record().app().app()),
                    (done, failure) -> new AppMessage.LogsForgotten());
        }
    }

    private void forget() {
        if (!forgetting) {
            return;
        }
        changes.add(
                () -> Optional.of(new ChangeQueue.Pending(
                        AppChange.forget(record()),
                        () -> {
                            gone = true;
                            parent.tell(new TenantMessage.AppGone(record().app().app()));
                        },
                        refusal -> forgetLater())),
                refusal -> forgetLater());
    }

    private void forgetLater() {
        timers.startSingleTimer("forget", new AppMessage.LogsForgotten(), RETRY);
    }

    /** Queues a change that somebody asked for; an app on its way out, or whatever else refuses, settles the ticket. */
    void change(Request<?> request, long ticket, Supplier<Optional<ChangeQueue.Pending>> change) {
        changes.add(
                () -> {
                    Optional<ChangeQueue.Pending> pending = Optional.empty();
                    if (record().app().deleting() || gone) {
                        request.refuse(deleting(record().app().app()));
                    } else {
                        try {
                            pending = change.get();
                        } catch (RefusedException e) {
                            request.refuse(e.refusal());
                        }
                    }
                    if (pending.isEmpty()) {
                        recorded(ticket);
                    }
                    return pending;
                },
                refusal -> {
                    recorded(ticket);
                    request.refuse(refusal);
                });
        place();
    }

    Optional<ChangeQueue.Pending> pending(
            Request<?> request, long ticket, AppChange change, Runnable recorded, Runnable failed) {
        return Optional.of(new ChangeQueue.Pending(
                change,
                () -> {
                    recorded(ticket);
                    recorded.run();
                },
                refusal -> {
                    failed.run();
                    recorded(ticket);
                    request.refuse(refusal);
                }));
    }

    private void recorded(long ticket) {
        parent.tell(new TenantMessage.AppChanged(record(), ticket));
    }

    void deployed(int number, Resolver.Resolved from) {
        sources.put(number, new SoftReference<>(from));
        sources.keySet().removeIf(n -> n != number && n != record().app().live());
        record().release(number).ifPresent(decision::begin);
        reconcile();
    }

    /** @throws RefusedException NoCapacity; then none is leased */
    Map<String, Integer> leasePorts(ReleaseSpec spec) {
        Map<String, Integer> leased = new HashMap<>();
        try {
            spec.processes().forEach((name, process) -> {
                if (Published.is(process) && !record().app().ports().containsKey(name)) {
                    leased.put(name, around.ports().lease());
                }
            });
        } catch (RefusedException e) {
            leased.values().forEach(around.ports()::giveBack);
            throw e;
        }
        return leased;
    }

    /** Of the live release and of one that is being deployed, which may be waiting to be started once more. */
    void restart() {
        restarts.begin(Stream.of(record().live(), record().rolling())
                .flatMap(Optional::stream)
                .flatMap(r -> fleet.all().stream().filter(p -> p.slot.release() == r.release()))
                .map(p -> p.id)
                .toList());
        reconcile();
    }

    private Duration restartAllowance(Placed sandbox) {
        return record().process(sandbox.slot)
                .map(p -> p.stopTimeout().plus(p.health().startup()))
                .orElse(Duration.ZERO)
                .plusSeconds(5);
    }

    boolean restarted() {
        return restarts.done() && ports.settled();
    }

    boolean gone() {
        return gone;
    }

    /** Whether a release is where it will be, and the ports lead there. */
    boolean settled(int release) {
        Optional<Status> status = record().release(release).map(ReleaseView::status);
        return record().app().deleting()
                || !status.equals(Optional.of(Status.DEPLOYING))
                        && (!status.equals(Optional.of(Status.LIVE)) || ports.settled());
    }

    /** Whether all wanted sandboxes of a slot run, or have ended for good, and no other is left. */
    boolean settled(Slot slot) {
        List<Placed> there = fleet.of(slot);
        int wanted = record().wanted().getOrDefault(slot, 0);
        return there.size() == wanted && there.stream().allMatch(p -> p.running() || p.over()) && ports.settled();
    }

    private void tellReady() {
        if (!readyTold && unheard.isEmpty()) {
            readyTold = true;
            parent.tell(new TenantMessage.AppReady(
                    record().app().app(), fleet.present().size(), adopted));
        }
    }

    static Refusal deleting(String app) {
        return new Refusal.Conflict("deleting", "App " + app + " is being deleted.");
    }
}
