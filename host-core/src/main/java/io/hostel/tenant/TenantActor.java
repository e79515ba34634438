package io.hostel.tenant;

import akka.actor.typed.ActorRef;
import akka.actor.typed.ActorSystem;
import akka.actor.typed.Behavior;
import akka.actor.typed.javadsl.AbstractBehavior;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.Behaviors;
import akka.actor.typed.javadsl.Receive;
import akka.actor.typed.javadsl.TimerScheduler;
import io.hostel.api.Gone;
import io.hostel.api.ProcessSpec;
import io.hostel.api.Refusal;
import io.hostel.api.ReleaseView;
import io.hostel.api.TenantView;
import io.hostel.config.HostelConfig;
import io.hostel.config.Quota;
import io.hostel.config.QuotaField;
import io.hostel.sandbox.SandboxSupervisor;
import io.hostel.store.DesiredState.StoredTenant;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * One tenant: its quota, its addresses, its artifacts and its apps.
 *
 * <p>Contract with the parent:
 * <ol>
 *   <li>{@link TenantDirectory.TenantReady} comes once, when every adopted sandbox has been heard of.
 *   <li>Every request is answered or handed to an app, which answers.
 *   <li>Whatever would make the tenant use more is admitted here, whole, before it is recorded, and counts from then on.
 *   <li>After {@link TenantMessage.Delete} all that is the tenant's is reaped and forgotten;
 *       {@link TenantDirectory.TenantGone} comes when nothing is left. The actor then refuses what still comes, until
 *       {@link TenantMessage.Stop}.
 * </ol>
 */
final class TenantActor extends AbstractBehavior<TenantMessage> {
    private static final int MOST_RESOLVING = 32;

    private static final Duration BOUND_AFTER = Duration.ofSeconds(1);

    private final ActorSystem<?> system;
    private final ActorRef<TenantMessage> self;
    private final AtomicBoolean lessTold = new AtomicBoolean();
    private final Surroundings around;
    private final ActorRef<TenantDirectory.Message> parent;
    private final TenantChanges changes;
    private final TenantApps apps;
    private final TenantArtifacts artifacts;
    private final TenantTokens tokens;
    private final TenantAddresses addresses;
    private final ConnectionQuota connections;
    private final Claims claims = new Claims();
    private final Standing standing;
    private final Orphans<TenantMessage> orphans;
    private final Waiters waiters;
    private int resolving;
    private boolean forgetting;
    private boolean gone;

    static Behavior<TenantMessage> create(
            Surroundings around, KnownTenant known, ActorRef<TenantDirectory.Message> parent) {
        return Behaviors.setup(
                context -> Behaviors.withTimers(timers -> new TenantActor(context, timers, around, known, parent)));
    }

    private TenantActor(
            ActorContext<TenantMessage> context,
            TimerScheduler<TenantMessage> timers,
            Surroundings around,
            KnownTenant known,
            ActorRef<TenantDirectory.Message> parent) {
        super(context);
        this.system = context.getSystem();
        this.self = context.getSelf();
        this.around = around;
        this.parent = parent;
        this.changes = new TenantChanges(context, around, known.tenant());
        this.addresses = new TenantAddresses(context, around, changes, known.left());
        this.standing = new Standing(around.steady(), around.plans(), known.tenant().number(), this::sandboxGone);
        this.artifacts = new TenantArtifacts(context, around, changes, known.artifacts());
        this.tokens = new TenantTokens(around, known.tenant());
        this.connections = new ConnectionQuota(
                context, around, known.tenant().number(), known.tenant().quota().of(QuotaField.CONNECTIONS));
        this.waiters = new Waiters(new Waiters.Alarm() {
            @Override
            public void set(long waiter, Duration time) {
                timers.startSingleTimer(waiter, new TenantMessage.WaitOver(waiter), time);
            }

            @Override
            public void cancel(long waiter) {
                timers.cancel(waiter);
            }
        });
        this.orphans = new Orphans<>(
                context,
                around.supervisors(),
                context.messageAdapter(SandboxSupervisor.Event.class, TenantMessage.Orphaned::new),
                TenantMessage.OrphanEnded::new,
                standing,
                plan -> plan.address().ifPresent(addresses.pool()::giveBack));
        this.apps = new TenantApps(context, around, changes, addresses.pool(), claims, standing, this::ready);
        allowLogs();
        apps.begin(known, orphans);
        if (known.tenant().deleting()) {
            apps.deleteAll();
            finishDeleting();
        }
    }

    private void allowLogs() {
        StoredTenant tenant = changes.tenant();
        around.logs().allow(tenant.id(), tenant.quota().of(QuotaField.LOGS));
    }

    private void ready(TenantApps.Count count) {
        parent.tell(new TenantDirectory.TenantReady(changes.tenant().id(), count.sandboxes(), count.adopted()));
    }

    @Override
    public Receive<TenantMessage> createReceive() {
        return newReceiveBuilder()
                .onMessage(TenantMessage.Describe.class, this::onDescribe)
                .onMessage(TenantMessage.ChangeQuota.class, this::onChangeQuota)
                .onMessage(TenantMessage.Delete.class, this::onDelete)
                .onMessage(TenantMessage.CreateToken.class, m -> then(() -> unlessDeleting(m, () -> tokens.create(m))))
                .onMessage(TenantMessage.Tokens.class, m -> then(() -> tokens.list(m)))
                .onMessage(TenantMessage.DeleteToken.class, m -> then(() -> tokens.delete(m)))
                .onMessage(TenantMessage.PutArtifact.class, m -> then(() -> unlessDeleting(m, () -> artifacts.put(m))))
                .onMessage(TenantMessage.ArtifactUnpacked.class, m -> then(() -> artifacts.unpacked(m)))
                .onMessage(TenantMessage.ArtifactRecorded.class, m -> then(() -> artifacts.recorded(m)))
                .onMessage(TenantMessage.Deploy.class, m -> then(() -> unlessDeleting(m, () -> deploy(m))))
                .onMessage(TenantMessage.SpecResolved.class, m -> then(() -> resolved(m)))
                .onMessage(TenantMessage.Scale.class, m -> then(() -> unlessDeleting(m, () -> scale(m))))
                .onMessage(TenantMessage.Apps.class, m -> then(() -> m.done(apps.actors())))
                .onMessage(TenantMessage.ToApp.class, m -> then(() -> apps.route(m)))
                .onMessage(TenantMessage.AppChanged.class, m -> then(() -> apps.changed(m)))
                .onMessage(TenantMessage.AppReady.class, m -> then(() -> apps.ready(m)))
                .onMessage(TenantMessage.SandboxGone.class, m -> then(this::bound))
                .onMessage(TenantMessage.AppGone.class, m -> then(() -> apps.gone(m.app())))
                .onMessage(TenantMessage.AppBroke.class, m -> then(() -> apps.broke(m)))
                .onMessage(TenantMessage.AppWanted.class, m -> then(() -> apps.find(m.app())))
                .onMessage(TenantMessage.AppFound.class, m -> then(() -> apps.found(m)))
                .onMessage(TenantMessage.AddressesWanted.class, m -> then(() -> addresses.wanted(m.app())))
                .onMessage(TenantMessage.TenantRecorded.class, m -> then(() -> changes.recorded(m)))
                .onMessage(TenantMessage.Orphaned.class, m -> then(() -> orphans.on(m.event())))
                .onMessage(TenantMessage.OrphanEnded.class, m -> then(() -> orphans.ended(m.sandbox())))
                .onMessage(TenantMessage.ArtifactsGivenUp.class, m -> then(this::forget))
                .onMessage(TenantMessage.Forget.class, m -> then(this::forget))
                .onMessage(TenantMessage.TenantForgotten.class, this::onForgotten)
                .onMessage(TenantMessage.Bounded.class, m -> then(() -> connections.bounded(m.failure())))
                .onMessage(TenantMessage.BoundAgain.class, m -> then(connections::again))
                .onMessage(TenantMessage.WaitOver.class, m -> then(() -> waiters.over(m.waiter())))
                .onMessage(TenantMessage.Stop.class, m -> Behaviors.stopped())
                .build();
    }

    /** Told on any thread. Many may go at a time, and what they have left is added up once for all. */
    private void sandboxGone() {
        if (lessTold.compareAndSet(false, true)) {
            system.scheduler()
                    .scheduleOnce(
                            BOUND_AFTER, () -> self.tell(new TenantMessage.SandboxGone()), system.executionContext());
        }
    }

    private void bound() {
        lessTold.set(false);
        if (!gone) {
            apps.bound();
        }
    }

    private Behavior<TenantMessage> then(Runnable reaction) {
        reaction.run();
        finishDeleting();
        return this;
    }

    private void unlessDeleting(TenantMessage.TenantRequest request, Runnable reaction) {
        if (changes.tenant().deleting() || gone) {
            request.refuse(new Refusal.Conflict(
                    "deleting", "Tenant " + changes.tenant().id() + " is being deleted."));
        } else {
            reaction.run();
        }
    }

    private Behavior<TenantMessage> onDescribe(TenantMessage.Describe describe) {
        view(describe);
        return this;
    }

    /** Answers with what the store says of what is the tenant's in there. */
    private void view(Request<TenantView> request) {
        StoredTenant tenant = changes.tenant();
        Claim claimed = claims.total();
        Quota usage = Quota.of(claimed::of)
                .with(QuotaField.ARTIFACTS, artifacts.bytes())
                .with(QuotaField.LOGS, around.logs().taken(tenant.id()))
                .with(QuotaField.INODES, artifacts.inodes());
        around.records().submit(state -> state.holdings(tenant.id())).whenComplete((held, failure) -> {
            if (failure != null) {
                request.refuse(Faults.refusal(failure));
                return;
            }
            request.done(view(
                    around,
                    tenant,
                    usage.with(QuotaField.APPS, held.apps())
                            .with(QuotaField.RELEASES, held.mostReleases())
                            .with(QuotaField.TOKENS, held.tokens())
                            .with(QuotaField.STATE, held.bytes())));
        });
    }

    static TenantView view(Surroundings around, StoredTenant tenant, Quota usage) {
        return new TenantView(
                tenant.id(),
                around.blocks().block(tenant.blocks().get(0)).toString(),
                tenant.uidBase(),
                HostelConfig.UIDS_PER_TENANT,
                tenant.quota(),
                usage);
    }

    private Behavior<TenantMessage> onChangeQuota(TenantMessage.ChangeQuota request) {
        unlessDeleting(
                request,
                () -> changes.add(new TenantChanges.Change(
                        t -> new StoredTenant(
                                t.id(),
                                t.number(),
                                t.uidBase(),
                                t.blocks(),
                                request.change().of(t.quota()),
                                t.deleting()),
                        "tenant.quota-changed",
                        Map.of(),
                        (now, refusal) -> {
                            apps.bound();
                            allowLogs();
                            artifacts.boundFiles();
                            connections.want(changes.tenant().quota().of(QuotaField.CONNECTIONS));
                            refusal.ifPresentOrElse(request::refuse, () -> view(request));
                        })));
        return this;
    }

    private Behavior<TenantMessage> onDelete(TenantMessage.Delete delete) {
        if (changes.tenant().deleting()) {
            waiters.add(delete.replyTo(), delete.patience(), () -> gone, () -> Gone.GONE);
            return this;
        }
        changes.add(new TenantChanges.Change(
                t -> new StoredTenant(t.id(), t.number(), t.uidBase(), t.blocks(), t.quota(), true),
                "tenant.deleting",
                Map.of(),
                (now, refusal) -> refusal.ifPresentOrElse(delete::refuse, () -> {
                    apps.deleteAll();
                    finishDeleting();
                    waiters.add(delete.replyTo(), delete.patience(), () -> gone, () -> Gone.GONE);
                })));
        return this;
    }

    /** Once nothing stands any more, artifacts are given up, then the records go. */
    private void finishDeleting() {
        if (changes.tenant().deleting()
                && !forgetting
                && apps.isEmpty()
                && orphans.isEmpty()
                && artifacts.idle()
                && connections.idle()) {
            forgetting = true;
            getContext()
                    .pipeToSelf(
                            around.artifacts().giveUp(changes.tenant().id(), artifacts.digests()),
                            (done, failure) -> new TenantMessage.ArtifactsGivenUp());
        }
    }

    private void forget() {
        if (!forgetting) {
            return;
        }
        String id = changes.tenant().id();
        getContext()
                .pipeToSelf(
                        // Before its number can be another's.
                        connections.giveUp().thenCompose(done -> around.records().submit(state -> {
                            state.deleteTenant(id);
                            around.events().append(state, Optional.of(id), "tenant.deleted", Map.of("tenant", id));
                            return true;
                        })),
                        (done, failure) -> new TenantMessage.TenantForgotten(failure));
    }

    private Behavior<TenantMessage> onForgotten(TenantMessage.TenantForgotten forgotten) {
        if (!forgetting || gone) {
            return this;
        }
        if (forgotten.failure() != null) {
            getContext()
                    .getLog()
                    .warn(
                            "forget tenant {}: {}",
                            changes.tenant().id(),
                            forgotten.failure().getMessage());
            getContext().scheduleOnce(Duration.ofSeconds(1), getContext().getSelf(), new TenantMessage.Forget());
            return this;
        }
        gone = true;
        around.tokens().tenantDeleted(changes.tenant().id());
        around.logs().forget(changes.tenant().id());
        parent.tell(new TenantDirectory.TenantGone(changes.tenant()));
        waiters.settle();
        return this;
    }

    private void deploy(TenantMessage.Deploy deploy) {
        Optional<String> missing = deploy.spec().artifact().filter(d -> !artifacts.has(d));
        if (missing.isPresent()) {
            deploy.refuse(Resolver.noArtifact(missing.get()).refusal());
        } else if (resolving >= MOST_RESOLVING) {
            deploy.refuse(new Refusal.Unavailable(MOST_RESOLVING + " deploys are being looked at; try again shortly."));
        } else {
            resolving++;
            getContext()
                    .pipeToSelf(
                            around.resolver()
                                    .resolve(
                                            deploy.spec(),
                                            apps.record(deploy.app())
                                                    .app()
                                                    .ports()
                                                    .keySet()),
                            (found, failure) -> new TenantMessage.SpecResolved(deploy, found, failure));
        }
    }

    private void resolved(TenantMessage.SpecResolved m) {
        resolving--;
        Resolver.Resolved found = m.resolved();
        if (found == null) {
            m.deploy().refuse(Faults.refusal(java.util.Objects.requireNonNull(m.failure())));
            return;
        }
        unlessDeleting(m.deploy(), () -> admit(m.deploy(), found));
    }

    private void admit(TenantMessage.Deploy deploy, Resolver.Resolved found) {
        Map<String, Integer> scales = apps.record(deploy.app()).scales(found.spec());
        Demand demand = Demand.of(found.spec(), scales);
        Optional<Refusal> refusal = apps.unavailable(deploy.app())
                .or(() -> Resolver.tooMany(found.spec(), scales))
                .or(() -> claims.refusal(changes.tenant().quota(), deploy.app(), demand, "/processes"))
                .or(() -> roomless(deploy.app(), demand))
                .or(() -> PlanRoom.refusal(found.spec(), scales));
        refusal.ifPresentOrElse(deploy::refuse, () -> {
            boolean rollout = apps.record(deploy.app()).live().isPresent();
            long ticket = claims.admit(deploy.app(), demand, rollout);
            apps.bound();
            apps.named(deploy.app()).tell(new AppMessage.Deploy(ticket, found, scales, deploy.patience(), deploy.replyTo()));
        });
    }

    private Optional<Refusal> roomless(String app, Demand demand) {
        Demand before = claims.of(app);
        return around.layers().admit(before.total(), before.max(demand).total());
    }

    private void scale(TenantMessage.Scale scale) {
        AppRecord record = apps.record(scale.app());
        Optional<ReleaseView> current = record.current();
        if (!record.exists()) {
            scale.refuse(TenantApps.notFound(scale.app()));
            return;
        }
        if (current.isEmpty()) {
            scale.refuse(new Refusal.Conflict(
                    "not-live", "App " + scale.app() + " has no live release; deploy one that becomes ready."));
            return;
        }
        ProcessSpec process = current.get().spec().processes().get(scale.process());
        if (process == null) {
            scale.refuse(new Refusal.NotFound("Release " + current.get().release() + " of app " + scale.app()
                    + " has no process " + scale.process() + "."));
            return;
        }
        Demand demand = new Demand(Map.of(scale.process(), Claim.of(process, scale.scale())));
        Resolver.tooMany(process, scale.scale(), "/scale")
                .or(() -> apps.unavailable(scale.app()))
                .or(() -> claims.refusal(changes.tenant().quota(), scale.app(), demand, "/scale"))
                .or(() -> roomless(scale.app(), demand))
                .ifPresentOrElse(scale::refuse, () -> {
                    long ticket = claims.admit(scale.app(), demand, false);
                    apps.bound();
                    apps.named(scale.app())
                            .tell(new AppMessage.Scale(
                                    ticket,
                                    current.get().release(),
                                    scale.process(),
                                    scale.scale(),
                                    scale.patience(),
                                    scale.replyTo()));
                });
    }
}
