package io.hostel.tenant;

import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.javadsl.AbstractBehavior;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.Behaviors;
import akka.actor.typed.javadsl.Receive;
import akka.actor.typed.javadsl.TimerScheduler;
import io.hostel.api.Gone;
import io.hostel.api.LinkView;
import io.hostel.api.Refusal;
import io.hostel.api.RefusedException;
import io.hostel.api.TenantCreated;
import io.hostel.config.Quota;
import io.hostel.sandbox.SandboxSupervisor;
import io.hostel.store.DesiredState.StoredTenant;
import io.hostel.store.DesiredState.StoredToken;
import io.hostel.store.Tokens;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * All tenants: makes their actors from what is known, creates and lets go of tenants, and keeps the links between them.
 *
 * <p>Contract with the guardian: {@link Ready} comes once, when every sandbox that was adopted has been heard of; new ones may
 * still be starting. Requests are served from the start. What the ledger holds and nobody wants is reaped meanwhile.
 */
public final class TenantDirectory extends AbstractBehavior<TenantDirectory.Message> {
    private static final Duration RETRY = Duration.ofSeconds(1);

    /** No tenant has this number. */
    private static final int NOBODY = 0;

    public sealed interface Message {}

    /** To the guardian: the host serves. */
    public record Ready(int sandboxes, int adopted) {}

    record CreateTenant(String id, Optional<Quota> quota, ActorRef<Reply<TenantCreated>> replyTo)
            implements Message, Request<TenantCreated> {}

    record Tenants(ActorRef<Reply<List<ActorRef<TenantMessage>>>> replyTo)
            implements Message, Request<List<ActorRef<TenantMessage>>> {}

    record ToTenant(String tenant, TenantMessage.TenantRequest request) implements Message {}

    record Link(String tenant, String other, boolean forBoth, ActorRef<Reply<LinkView>> replyTo)
            implements Message, Request<LinkView> {}

    record Unlink(String tenant, String other, boolean forBoth, ActorRef<Reply<Gone>> replyTo)
            implements Message, Request<Gone> {}

    record TenantReady(String tenant, int sandboxes, int adopted) implements Message {}

    record TenantGone(StoredTenant tenant) implements Message {}

    record TenantBroke(String tenant, ActorRef<TenantMessage> actor) implements Message {}

    record TenantWanted(String tenant) implements Message {}

    record TenantFound(
            String tenant,
            @Nullable KnownTenant known,
            @Nullable Throwable failure) implements Message {}

    /** @param stored whether the tenant is in the store; empty where that is unknown */
    record TenantStored(
            CreateTenant request,
            StoredTenant tenant,
            String secret,
            StoredToken token,
            Optional<Boolean> stored,
            @Nullable Throwable failure)
            implements Message {}

    record LinkNews(LinkDesk.News news) implements Message {}

    record Strayed(SandboxSupervisor.Event event) implements Message {}

    record StrayEnded(String sandbox) implements Message {}

    private final Surroundings around;
    private final Readiness readiness;
    private final ActorRef<Ready> guardian;
    private final Map<String, ActorRef<TenantMessage>> actors = new TreeMap<>();
    private final Map<String, Integer> numbers = new HashMap<>();
    private final Map<String, StoredTenant> unlinking = new HashMap<>();
    private final Set<String> creating = new HashSet<>();
    private final Set<String> unready = new HashSet<>();
    private final Orphans<Message> orphans;
    private final LinkDesk links;
    private int sandboxes;
    private int adopted;
    private long spawned;

    /** @param guardian told once when the host serves */
    public static Behavior<Message> create(
            Surroundings around, Known known, Readiness readiness, ActorRef<Ready> guardian) {
        return Behaviors.setup(context -> Behaviors.withTimers(
                timers -> new TenantDirectory(context, timers, around, known, readiness, guardian)));
    }

    private TenantDirectory(
            ActorContext<Message> context,
            TimerScheduler<Message> timers,
            Surroundings around,
            Known known,
            Readiness readiness,
            ActorRef<Ready> guardian) {
        super(context);
        this.around = around;
        this.readiness = readiness;
        this.guardian = guardian;
        for (KnownTenant tenant : known.tenants()) {
            around.numbers().retake(tenant.tenant().number());
            tenant.tenant().blocks().forEach(around.blocks()::retake);
            numbers.put(tenant.tenant().id(), tenant.tenant().number());
        }
        this.links = new LinkDesk(context, timers, around, numbers);
        Strays strays = new Strays(around.blocks(), around.numbers());
        this.orphans = new Orphans<>(
                context,
                around.supervisors(),
                context.messageAdapter(SandboxSupervisor.Event.class, Strayed::new),
                StrayEnded::new,
                new Standing(around.steady(), around.plans(), NOBODY, () -> {}),
                strays::reaped);
        strays.hold(known.strays());
        known.strays().forEach(orphans::reap);
        links.begin(known.links());
        around.artifacts().sweep();
        known.tenants().forEach(tenant -> unready.add(tenant.tenant().id()));
        known.tenants().forEach(this::spawn);
        tellReady();
    }

    @Override
    public Receive<Message> createReceive() {
        return newReceiveBuilder()
                .onMessage(CreateTenant.class, this::onCreateTenant)
                .onMessage(TenantStored.class, this::onTenantStored)
                .onMessage(Tenants.class, this::onTenants)
                .onMessage(ToTenant.class, this::onToTenant)
                .onMessage(Link.class, this::onLink)
                .onMessage(Unlink.class, this::onUnlink)
                .onMessage(LinkNews.class, this::onLinkNews)
                .onMessage(TenantReady.class, this::onTenantReady)
                .onMessage(TenantGone.class, this::onTenantGone)
                .onMessage(TenantBroke.class, this::onTenantBroke)
                .onMessage(TenantWanted.class, this::onTenantWanted)
                .onMessage(TenantFound.class, this::onTenantFound)
                .onMessage(Strayed.class, this::onStrayed)
                .onMessage(StrayEnded.class, this::onStrayEnded)
                .build();
    }

    private ActorRef<TenantMessage> spawn(KnownTenant known) {
        String id = known.tenant().id();
        ActorRef<TenantMessage> ref = getContext()
                .spawn(TenantActor.create(around, known, getContext().getSelf()), id + "-" + ++spawned);
        getContext().watchWith(ref, new TenantBroke(id, ref));
        actors.put(id, ref);
        return ref;
    }

    private Behavior<Message> onCreateTenant(CreateTenant request) {
        String id = request.id();
        if (actors.containsKey(id) || !creating.add(id)) {
            request.refuse(new Refusal.Conflict("exists", "There is a tenant " + id + " already."));
            return this;
        }
        StoredTenant tenant;
        try {
            tenant = lease(id, request.quota().orElse(around.config().tenantQuota()));
        } catch (RefusedException e) {
            creating.remove(id);
            request.refuse(e.refusal());
            return this;
        }
        String secret = Tokens.newTenantSecret();
        StoredToken token = new StoredToken(
                Tokens.newId(), id, "first", Tokens.hash(secret), around.clock().instant(), Optional.empty());
        getContext()
                .pipeToSelf(
                        store(tenant, token),
                        (stored, failure) ->
                                new TenantStored(request, tenant, secret, token, Optional.ofNullable(stored), failure));
        return this;
    }

    private StoredTenant lease(String id, Quota quota) {
        int number = around.numbers().lease();
        try {
            int block = around.blocks().lease();
            return new StoredTenant(id, number, around.numbers().uidBase(number), List.of(block), quota, false);
        } catch (RefusedException e) {
            around.numbers().giveBack(number);
            throw e;
        }
    }

    /** True where the tenant is in the store; after a failed write the store is asked. */
    private CompletableFuture<Boolean> store(StoredTenant tenant, StoredToken token) {
        CompletableFuture<Boolean> stored = new CompletableFuture<>();
        around.records()
                .submit(state -> {
                    state.createTenant(tenant, token);
                    around.events()
                            .append(
                                    state,
                                    Optional.of(tenant.id()),
                                    EventLog.TENANT_CREATED,
                                    Map.of("tenant", tenant.id()));
                    return true;
                })
                .whenComplete((done, failure) -> {
                    if (failure == null) {
                        stored.complete(true);
                        return;
                    }
                    getContext().getSystem().log().warn("record tenant {}: {}", tenant.id(), failure.getMessage());
                    around.records()
                            .submit(state -> state.tenants().stream()
                                    .anyMatch(t -> t.id().equals(tenant.id()) && t.number() == tenant.number()))
                            .whenComplete((there, lost) -> {
                                if (there != null && there) {
                                    stored.complete(true);
                                } else {
                                    stored.completeExceptionally(new NotStored(failure, there != null));
                                }
                            });
                });
        return stored;
    }

    /** @see TenantStored */
    private static final class NotStored extends RuntimeException {
        private final boolean surely;

        NotStored(Throwable cause, boolean surely) {
            super(cause.getMessage(), cause);
            this.surely = surely;
        }
    }

    private Behavior<Message> onTenantStored(TenantStored m) {
        StoredTenant tenant = m.tenant();
        creating.remove(tenant.id());
        if (m.stored().isPresent()) {
            numbers.put(tenant.id(), tenant.number());
            around.tokens().created(m.token(), tenant.number());
            spawn(new KnownTenant(tenant, List.of(), List.of(), List.of()));
            around.slots().expect(tenant.number());
            m.request().done(new TenantCreated(TenantActor.view(around, tenant, Quota.NONE), m.secret()));
            return this;
        }
        Throwable failure = Faults.cause(java.util.Objects.requireNonNull(m.failure()));
        Throwable cause = failure;
        if (failure instanceof NotStored notStored) {
            cause = java.util.Objects.requireNonNull(notStored.getCause());
            if (notStored.surely) {
                giveBack(tenant);
            }
        }
        m.request().refuse(Faults.refusal(cause));
        return this;
    }

    private void giveBack(StoredTenant tenant) {
        around.numbers().giveBack(tenant.number());
        tenant.blocks().forEach(around.blocks()::giveBack);
    }

    private Behavior<Message> onTenants(Tenants request) {
        request.done(List.copyOf(actors.values()));
        return this;
    }

    private Behavior<Message> onToTenant(ToTenant m) {
        ActorRef<TenantMessage> tenant = actors.get(m.tenant());
        if (tenant == null) {
            m.request().refuse(noTenant(m.tenant()));
        } else {
            tenant.tell(m.request());
        }
        return this;
    }

    private Behavior<Message> onLink(Link link) {
        if (!actors.containsKey(link.tenant())) {
            link.refuse(noTenant(link.tenant()));
        } else if (link.tenant().equals(link.other())) {
            link.refuse(new Refusal.Invalid("A tenant's own sandboxes reach each other without a link.", List.of()));
        } else if (link.forBoth() && !actors.containsKey(link.other())) {
            link.refuse(noTenant(link.other()));
        } else {
            links.link(link);
        }
        return this;
    }

    private Behavior<Message> onUnlink(Unlink unlink) {
        if (actors.containsKey(unlink.tenant())) {
            links.unlink(unlink);
        } else {
            unlink.refuse(noTenant(unlink.tenant()));
        }
        return this;
    }

    private Behavior<Message> onLinkNews(LinkNews m) {
        links.on(m.news());
        giveBackUnlinked();
        return this;
    }

    private Behavior<Message> onTenantReady(TenantReady m) {
        if (unready.remove(m.tenant())) {
            sandboxes += m.sandboxes();
            adopted += m.adopted();
            tellReady();
        }
        return this;
    }

    private void tellReady() {
        if (unready.isEmpty() && readiness.notReady().isPresent()) {
            readiness.ready();
            guardian.tell(new Ready(sandboxes, adopted));
        }
    }

    /** Its number and blocks are free once no rule of the packet filter names it. */
    private Behavior<Message> onTenantGone(TenantGone m) {
        String id = m.tenant().id();
        ActorRef<TenantMessage> ref = actors.remove(id);
        if (ref != null) {
            getContext().unwatch(ref);
            ref.tell(new TenantMessage.Stop());
            numbers.remove(id);
            links.forget(m.tenant());
            around.slots().forget(m.tenant().number());
            around.groups().gone(m.tenant().number());
            unlinking.put(id + "-" + m.tenant().number(), m.tenant());
            giveBackUnlinked();
        }
        return this;
    }

    private void giveBackUnlinked() {
        unlinking.values().removeIf(tenant -> {
            boolean free = links.none(tenant.number());
            if (free) {
                giveBack(tenant);
            }
            return free;
        });
    }

    /** A tenant's actor has failed: a new one takes up what is recorded and what stands. */
    private Behavior<Message> onTenantBroke(TenantBroke m) {
        if (m.actor().equals(actors.get(m.tenant()))) {
            getContext().getLog().error("the actor of tenant {} broke; another takes over", m.tenant());
            getContext().scheduleOnce(RETRY, getContext().getSelf(), new TenantWanted(m.tenant()));
        }
        return this;
    }

    private Behavior<Message> onTenantWanted(TenantWanted m) {
        getContext()
                .pipeToSelf(
                        around.supervisors()
                                .entries()
                                .thenCompose(entries -> around.records().submit(state -> Known.read(state, entries))),
                        (known, failure) -> new TenantFound(
                                m.tenant(),
                                known == null
                                        ? null
                                        : known.tenants().stream()
                                                .filter(t -> t.tenant().id().equals(m.tenant()))
                                                .findFirst()
                                                .orElse(null),
                                failure));
        return this;
    }

    private Behavior<Message> onTenantFound(TenantFound m) {
        if (m.known() != null) {
            spawn(m.known());
        } else {
            getContext().getLog().warn("take up tenant {}: {}", m.tenant(), String.valueOf(m.failure()));
            getContext().scheduleOnce(RETRY, getContext().getSelf(), new TenantWanted(m.tenant()));
        }
        return this;
    }

    private Behavior<Message> onStrayed(Strayed m) {
        orphans.on(m.event());
        return this;
    }

    private Behavior<Message> onStrayEnded(StrayEnded m) {
        orphans.ended(m.sandbox());
        return this;
    }

    static Refusal noTenant(String tenant) {
        return new Refusal.NotFound("There is no tenant " + tenant + ".");
    }
}
