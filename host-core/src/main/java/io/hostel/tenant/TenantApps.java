package io.hostel.tenant;

import akka.actor.typed.ActorRef;
import akka.actor.typed.javadsl.ActorContext;
import io.hostel.api.Refusal;
import io.hostel.config.QuotaField;
import io.hostel.network.AddressPool;
import io.hostel.sandbox.LedgerEntry;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A tenant's apps, each with its actor and what is recorded of it. Confined to the tenant's actor. */
final class TenantApps {
    private static final Logger LOG = LoggerFactory.getLogger(TenantApps.class);
    private static final Duration BEFORE_ANOTHER_ACTOR = Duration.ofSeconds(1);

    private final ActorContext<TenantMessage> actor;
    private final Surroundings around;
    private final TenantChanges changes;
    private final AddressPool addresses;
    private final Claims claims;
    private final Standing standing;
    private final Consumer<Count> ready;
    private final Map<String, ActorRef<AppMessage>> actors = new HashMap<>();
    private final Map<String, AppRecord> records = new HashMap<>();
    private final Set<String> broken = new HashSet<>();
    private final Set<String> unready = new HashSet<>();
    private Count count = new Count(0, 0);
    private long spawned;

    /** How many sandboxes there are, and how many of them an earlier daemon had started. */
    record Count(int sandboxes, int adopted) {}

    /** @param ready told once, when every app has heard of the sandboxes it adopted */
    TenantApps(
            ActorContext<TenantMessage> actor,
            Surroundings around,
            TenantChanges changes,
            AddressPool addresses,
            Claims claims,
            Standing standing,
            Consumer<Count> ready) {
        this.actor = actor;
        this.around = around;
        this.changes = changes;
        this.addresses = addresses;
        this.claims = claims;
        this.standing = standing;
        this.ready = ready;
    }

    /** Starts the recorded apps with what is left of each; what is nobody's is reaped. */
    void begin(KnownTenant known, Orphans<TenantMessage> orphans) {
        known.left().forEach(entry -> standing.adopt(entry.plan())); // before anything else is started
        for (KnownApp knownApp : known.apps()) {
            AppRecord record = knownApp.record();
            record.app().ports().values().forEach(around.ports()::retake);
            remember(record);
            unready.add(record.app().app());
        }
        bound(); // before any of them starts anything
        Map<String, List<LedgerEntry>> left = known.left().stream()
                .filter(e -> e.plan().tenant().equals(changes.tenant().id()))
                .collect(Collectors.groupingBy(e -> e.plan().app()));
        for (KnownApp knownApp : known.apps()) {
            String app = knownApp.record().app().app();
            spawn(app, knownApp, left.getOrDefault(app, List.of()));
        }
        known.left().stream().filter(e -> !actors.containsKey(e.plan().app())).forEach(orphans::reap);
        if (unready.isEmpty()) {
            ready.accept(count);
        }
    }

    private List<LedgerEntry> of(String app, List<LedgerEntry> entries) {
        return entries.stream()
                .filter(e -> e.plan().tenant().equals(changes.tenant().id())
                        && e.plan().app().equals(app))
                .toList();
    }

    private ActorRef<AppMessage> spawn(String app, KnownApp known, List<LedgerEntry> left) {
        ActorRef<AppMessage> ref = actor.spawn(
                AppActor.create(around, changes.tenant(), addresses, standing, known, left, actor.getSelf()),
                app + "-" + ++spawned);
        actor.watchWith(ref, new TenantMessage.AppBroke(app, ref));
        actors.put(app, ref);
        return ref;
    }

    private void remember(AppRecord record) {
        records.put(record.app().app(), record);
        claims.hold(record.app().app(), record.exists() ? record.demand() : Demand.NONE, record.rollout());
    }

    /** So much may stand from now on, and the kernel holds the tenant to it; said after each change of claims or quota. */
    void bound() {
        Claim claimed = claims.total();
        Claim allowed = Claim.allowed(changes.tenant().quota()).max(claimed);
        Claim surge = claims.surge();
        standing.bound(allowed, surge);
        // What stands beyond that is on its way out, and is not killed for it.
        Claim kernels = allowed.plus(surge).max(standing.total());
        long sandboxes = Math.max(claimed.plus(surge).of(QuotaField.SANDBOXES), standing.sandboxes());
        around.groups()
                .bound(
                        changes.tenant().number(),
                        KernelBound.of(
                                TenantBound.of(kernels, Claim.NONE, KernelBound.counted(sandboxes)),
                                around.config().warmSlots()));
    }

    /** Why nothing can be asked of an app of that name just now; empty where it is there or may be made. */
    Optional<Refusal> unavailable(String app) {
        if (broken.contains(app)) {
            return Optional.of(new Refusal.Unavailable("App " + app + " is being taken up again; try again."));
        }
        long allowed = changes.tenant().quota().of(QuotaField.APPS);
        return actors.containsKey(app) || actors.size() < allowed
                ? Optional.empty()
                : Optional.of(new Refusal.OverQuota(
                        "Over the tenant's quota: apps: " + (actors.size() + 1) + " wanted in all, " + allowed
                                + " allowed.",
                        List.of()));
    }

    /** The app's actor, which is made where there is none. */
    ActorRef<AppMessage> named(String app) {
        ActorRef<AppMessage> there = actors.get(app);
        return there != null ? there : spawn(app, KnownApp.none(changes.tenant().id(), app), List.of());
    }

    AppRecord record(String app) {
        return records.getOrDefault(app, AppRecord.none(changes.tenant().id(), app));
    }

    /** Those that exist by the records. */
    List<ActorRef<AppMessage>> actors() {
        return actors.entrySet().stream()
                .filter(e -> record(e.getKey()).exists())
                .sorted(Map.Entry.comparingByKey())
                .map(Map.Entry::getValue)
                .toList();
    }

    void route(TenantMessage.ToApp message) {
        ActorRef<AppMessage> app = actors.get(message.app());
        if (app == null) {
            message.refuse(notFound(message.app()));
        } else {
            unavailable(message.app()).ifPresentOrElse(message::refuse, () -> app.tell(message.request()));
        }
    }

    void changed(TenantMessage.AppChanged changed) {
        claims.settle(changed.ticket());
        AppRecord record = changed.record();
        ActorRef<AppMessage> app = actors.get(record.app().app());
        if (app != null) {
            remember(record);
        }
        bound();
        if (app != null) {
            if (!record.exists() && !claims.admitting(record.app().app())) {
                gone(record.app().app()); // its first release came to nothing
                return;
            }
            if (changes.tenant().deleting() && record.exists() && !record.app().deleting()) {
                app.tell(new AppMessage.Delete(Duration.ZERO, actor.getSystem().ignoreRef()));
            }
        }
    }

    void ready(TenantMessage.AppReady app) {
        if (unready.remove(app.app())) {
            count = new Count(count.sandboxes() + app.sandboxes(), count.adopted() + app.adopted());
            if (unready.isEmpty()) {
                ready.accept(count);
            }
        }
    }

    void gone(String app) {
        ActorRef<AppMessage> ref = actors.remove(app);
        records.remove(app);
        claims.hold(app, Demand.NONE, false);
        standing.left(app, List.of());
        bound();
        if (ref != null) {
            actor.unwatch(ref);
            ref.tell(new AppMessage.Stop());
        }
    }

    /** Everything is to go. */
    void deleteAll() {
        actors.forEach((app, ref) -> {
            if (record(app).exists()) {
                ref.tell(new AppMessage.Delete(Duration.ZERO, actor.getSystem().ignoreRef()));
            }
        });
    }

    /** No app is there by the records, and none is on its way to be. */
    boolean isEmpty() {
        return records.values().stream().noneMatch(AppRecord::exists) && !claims.admitting();
    }

    /** An app's actor has failed: a new one takes up what is recorded and what stands. */
    void broke(TenantMessage.AppBroke broke) {
        if (broke.actor().equals(actors.get(broke.app()))) {
            LOG.error(
                    "the actor of app {}/{} broke; another takes over",
                    changes.tenant().id(),
                    broke.app());
            broken.add(broke.app());
            claims.settleAll(broke.app());
            actor.scheduleOnce(BEFORE_ANOTHER_ACTOR, actor.getSelf(), new TenantMessage.AppWanted(broke.app()));
        }
    }

    void find(String app) {
        String tenant = changes.tenant().id();
        CompletionStage<KnownApp> recorded = around.records().submit(state -> KnownApp.read(state, tenant, app));
        actor.pipeToSelf(
                around.supervisors()
                        .entries()
                        .thenCombine(
                                recorded,
                                (entries, record) -> new TenantMessage.AppFound(app, record, of(app, entries), null)),
                (found, failure) -> found != null ? found : new TenantMessage.AppFound(app, null, List.of(), failure));
    }

    void found(TenantMessage.AppFound found) {
        KnownApp known = found.known();
        if (known == null) {
            LOG.warn("take up app {}/{}: {}", changes.tenant().id(), found.app(), String.valueOf(found.failure()));
            actor.scheduleOnce(BEFORE_ANOTHER_ACTOR, actor.getSelf(), new TenantMessage.AppWanted(found.app()));
            return;
        }
        broken.remove(found.app());
        AppRecord record = known.record();
        remember(record);
        bound();
        standing.left(found.app(), found.entries());
        ActorRef<AppMessage> ref = spawn(found.app(), known, found.entries());
        if (changes.tenant().deleting() && record.exists()) {
            ref.tell(new AppMessage.Delete(Duration.ZERO, actor.getSystem().ignoreRef()));
        }
    }

    static Refusal notFound(String app) {
        return new Refusal.NotFound("There is no app " + app + ".");
    }
}
