package io.hostel.tenant;

import akka.NotUsed;
import akka.actor.typed.ActorRef;
import akka.actor.typed.ActorSystem;
import akka.actor.typed.RecipientRef;
import akka.actor.typed.scaladsl.AskPattern;
import akka.stream.Attributes;
import akka.stream.javadsl.AsPublisher;
import akka.stream.javadsl.JavaFlowSupport;
import akka.stream.javadsl.Source;
import akka.util.Timeout;
import io.hostel.api.AppView;
import io.hostel.api.ArtifactFormat;
import io.hostel.api.ArtifactView;
import io.hostel.api.CapabilitiesView;
import io.hostel.api.DoctorView;
import io.hostel.api.EventView;
import io.hostel.api.ExecOutcome;
import io.hostel.api.ExecRequest;
import io.hostel.api.Gone;
import io.hostel.api.LinkView;
import io.hostel.api.LogLine;
import io.hostel.api.LogQuery;
import io.hostel.api.ProcessView;
import io.hostel.api.QuotaChange;
import io.hostel.api.Refusal;
import io.hostel.api.RefusedException;
import io.hostel.api.ReleaseSpec;
import io.hostel.api.ReleaseView;
import io.hostel.api.RestoreView;
import io.hostel.api.SandboxView;
import io.hostel.api.Settled;
import io.hostel.api.TenantCreated;
import io.hostel.api.TenantOperations;
import io.hostel.api.TenantView;
import io.hostel.api.TokenCreated;
import io.hostel.api.TokenView;
import io.hostel.config.Quota;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import scala.concurrent.ExecutionContext;

/** Operations by asking the actors. Waiting is the actors' business: a stage only gets as much more time as they take. */
public final class ActorTenantOperations implements TenantOperations {

    /** What an actor may take to answer what needs no waiting: a few writes to the disk. */
    private static final Duration PATIENCE = Duration.ofSeconds(15);

    /** How many apps are asked ahead of whoever reads of them. */
    private static final int APPS_AT_A_TIME = 4;

    private static final Duration UPLOAD = Duration.ofHours(2);

    private final ActorSystem<?> system;
    private final ActorRef<TenantDirectory.Message> directory;
    private final Surroundings around;
    private final Releases releases;
    private final Readiness readiness;
    private final Usages usages;
    private final Doctor doctor;
    private final Copies copies;
    private final Executor blocking;

    /** @param blocking for what looks at the machine */
    public ActorTenantOperations(
            ActorSystem<?> system,
            ActorRef<TenantDirectory.Message> directory,
            Surroundings around,
            Readiness readiness,
            Usages usages,
            Doctor doctor,
            Copies copies,
            Executor blocking) {
        this.system = system;
        this.directory = directory;
        this.around = around;
        this.releases = new Releases(around.records());
        this.readiness = readiness;
        this.usages = usages;
        this.doctor = doctor;
        this.copies = copies;
        this.blocking = blocking;
    }

    private <M, T> CompletionStage<T> ask(
            RecipientRef<M> actor, Duration time, Function<ActorRef<Reply<T>>, M> message) {
        CompletableFuture<T> answer = new CompletableFuture<>();
        // Not the Java way of asking, whose stages hand every step to a thread of its own.
        new AskPattern.Askable<>(actor)
                .<Reply<T>>ask(message::apply, Timeout.create(time), system.scheduler())
                .onComplete(
                        result -> {
                            if (result.isFailure()) {
                                answer.completeExceptionally(
                                        refusal(result.failed().get()));
                            } else if (result.get() instanceof Reply.Done<T> done) {
                                answer.complete(done.value());
                            } else if (result.get() instanceof Reply.Refused<T> refused) {
                                answer.completeExceptionally(new RefusedException(refused.refusal()));
                            }
                            return null;
                        },
                        ExecutionContext.parasitic$.MODULE$);
        return answer;
    }

    private static Throwable refusal(Throwable failure) {
        Throwable cause = Faults.cause(failure);
        return cause instanceof TimeoutException
                ? new RefusedException(new Refusal.Unavailable(
                        "The host did not answer in time; look whether it was done, and try again."))
                : cause;
    }

    private <T> CompletionStage<T> tenant(
            String tenant, Duration wait, Function<ActorRef<Reply<T>>, TenantMessage.TenantRequest> request) {
        return ask(
                directory,
                wait.plus(PATIENCE),
                replyTo -> new TenantDirectory.ToTenant(tenant, request.apply(replyTo)));
    }

    private <T> CompletionStage<T> app(
            String tenant, String app, Duration wait, Function<ActorRef<Reply<T>>, AppMessage.AppRequest<T>> request) {
        return tenant(tenant, wait, replyTo -> new TenantMessage.ToApp(app, request.apply(replyTo)));
    }

    @Override
    public CompletionStage<TenantCreated> createTenant(String tenant, Optional<Quota> quota) {
        return ask(directory, PATIENCE, replyTo -> new TenantDirectory.CreateTenant(tenant, quota, replyTo));
    }

    @Override
    public CompletionStage<List<TenantView>> tenants() {
        return actors().thenCompose(tenants -> all(tenants, t -> ask(t, PATIENCE, TenantMessage.Describe::new)));
    }

    private CompletionStage<List<ActorRef<TenantMessage>>> actors() {
        return ask(directory, PATIENCE, TenantDirectory.Tenants::new);
    }

    /** Completes when the directory's actor has answered. */
    public CompletionStage<Gone> answers() {
        return actors().thenApply(actors -> Gone.GONE);
    }

    @Override
    public CompletionStage<TenantView> tenant(String tenant) {
        return tenant(tenant, Duration.ZERO, TenantMessage.Describe::new);
    }

    @Override
    public CompletionStage<TenantView> changeQuota(String tenant, QuotaChange change) {
        return tenant(tenant, Duration.ZERO, replyTo -> new TenantMessage.ChangeQuota(change, replyTo));
    }

    @Override
    public CompletionStage<Settled<Gone>> deleteTenant(String tenant, Duration wait) {
        return tenant(tenant, wait, replyTo -> new TenantMessage.Delete(wait, replyTo));
    }

    @Override
    public CompletionStage<TokenCreated> createToken(String tenant, String label, Optional<Duration> expiresIn) {
        return tenant(tenant, Duration.ZERO, replyTo -> new TenantMessage.CreateToken(label, expiresIn, replyTo));
    }

    @Override
    public CompletionStage<List<TokenView>> tokens(String tenant) {
        return tenant(tenant, Duration.ZERO, TenantMessage.Tokens::new);
    }

    @Override
    public CompletionStage<Gone> deleteToken(String tenant, String token) {
        return tenant(tenant, Duration.ZERO, replyTo -> new TenantMessage.DeleteToken(token, replyTo));
    }

    @Override
    public CompletionStage<ArtifactView> putArtifact(String tenant, ArtifactFormat format, InputStream body) {
        return tenant(tenant, UPLOAD, replyTo -> new TenantMessage.PutArtifact(format, body, replyTo));
    }

    @Override
    public CompletionStage<Settled<ReleaseView>> deploy(String tenant, String app, ReleaseSpec spec, Duration wait) {
        return told(wait, tenant(tenant, wait, replyTo -> new TenantMessage.Deploy(app, spec, wait, replyTo)));
    }

    @Override
    public CompletionStage<Settled<ReleaseView>> rollback(String tenant, String app, int release, Duration wait) {
        return told(wait, app(tenant, app, wait, replyTo -> new AppMessage.Rollback(release, wait, replyTo)));
    }

    /** What was waited for has been told by events before the answer comes. */
    private <T> CompletionStage<T> told(Duration wait, CompletionStage<T> outcome) {
        return wait.isZero()
                ? outcome
                : outcome.thenCompose(
                        done -> around.events().settled().thenApply(settled -> done));
    }

    @Override
    public CompletionStage<Flow.Publisher<AppView>> apps(String tenant) {
        return appActors(tenant).thenApply(apps -> published(Source.from(apps)
                .mapAsync(APPS_AT_A_TIME, a -> this.<AppMessage, AppView>ask(a, PATIENCE, AppMessage.Describe::new)
                        .handle((view, gone) -> Optional.ofNullable(view)))
                .mapConcat(view -> view.stream().toList())));
    }

    private <T> Flow.Publisher<T> published(Source<T, NotUsed> source) {
        return source.withAttributes(Attributes.inputBuffer(1, 1)) // for a slow reader
                .runWith(JavaFlowSupport.Sink.asPublisher(AsPublisher.WITHOUT_FANOUT), system);
    }

    private CompletionStage<List<ActorRef<AppMessage>>> appActors(String tenant) {
        return tenant(tenant, Duration.ZERO, TenantMessage.Apps::new);
    }

    @Override
    public CompletionStage<AppView> app(String tenant, String app) {
        return app(tenant, app, Duration.ZERO, AppMessage.Describe::new);
    }

    @Override
    public CompletionStage<Settled<Gone>> deleteApp(String tenant, String app, Duration wait) {
        return told(wait, app(tenant, app, wait, replyTo -> new AppMessage.Delete(wait, replyTo)));
    }

    @Override
    public CompletionStage<Flow.Publisher<ReleaseView>> releases(String tenant, String app) {
        return app(tenant, app).thenApply(there -> published(releases.all(tenant, app)));
    }

    @Override
    public CompletionStage<ReleaseView> release(String tenant, String app, int release) {
        return app(tenant, app).thenCompose(there -> releases.one(tenant, app, release));
    }

    @Override
    public CompletionStage<Settled<ProcessView>> scale(
            String tenant, String app, String process, int scale, Duration wait) {
        return told(wait, tenant(tenant, wait, replyTo -> new TenantMessage.Scale(app, process, scale, wait, replyTo)));
    }

    @Override
    public CompletionStage<Settled<AppView>> restart(String tenant, String app, Duration wait) {
        return told(wait, app(tenant, app, wait, replyTo -> new AppMessage.Restart(wait, replyTo)));
    }

    @Override
    public CompletionStage<List<SandboxView>> sandboxes(String tenant, String app) {
        return seen(tenant, app).thenCompose(usages::fill);
    }

    private CompletionStage<List<AppMessage.Seen>> seen(String tenant, String app) {
        return app(tenant, app, Duration.ZERO, AppMessage.Sandboxes::new);
    }

    @Override
    public CompletionStage<SandboxView> sandbox(String tenant, String app, String sandbox) {
        return seen(tenant, app)
                .thenApply(seen -> one(
                        seen.stream().filter(s -> s.view().id().equals(sandbox)),
                        "App " + app + " has no sandbox " + sandbox + "."))
                .thenCompose(seen -> usages.fill(List.of(seen)))
                .thenApply(views -> views.get(0));
    }

    @Override
    public CompletionStage<List<SandboxView>> allSandboxes() {
        return actors().thenCompose(tenants -> all(tenants, t -> ask(t, PATIENCE, TenantMessage.Apps::new)))
                .thenCompose(apps -> all(flat(apps), a -> ask(a, PATIENCE, AppMessage.Sandboxes::new)))
                .thenCompose(seen -> usages.fill(flat(seen)));
    }

    @Override
    public CompletionStage<Settled<Gone>> stopSandbox(String tenant, String app, String sandbox, Duration wait) {
        return told(wait, app(tenant, app, wait, replyTo -> new AppMessage.StopSandbox(sandbox, wait, replyTo)));
    }

    @Override
    public CompletionStage<ExecOutcome> exec(String tenant, String app, String sandbox, ExecRequest request) {
        return app(
                tenant,
                app,
                request.timeout().plus(PATIENCE),
                replyTo -> new AppMessage.Exec(sandbox, request, replyTo));
    }

    @Override
    public CompletionStage<Flow.Publisher<LogLine>> logs(String tenant, String app, LogQuery query) {
        return app(tenant, app).thenApply(there -> around.logs().lines(tenant, app, query));
    }

    @Override
    public CompletionStage<Flow.Publisher<EventView>> events(Optional<String> tenant, long since, boolean follow) {
        CompletionStage<?> there =
                tenant.<CompletionStage<?>>map(this::tenant).orElse(CompletableFuture.completedStage(Gone.GONE));
        return there.thenApply(t -> published(around.events().after(tenant, since, follow)));
    }

    @Override
    public CompletionStage<LinkView> link(String tenant, String other, boolean forBoth) {
        return ask(directory, PATIENCE, replyTo -> new TenantDirectory.Link(tenant, other, forBoth, replyTo));
    }

    @Override
    public CompletionStage<Gone> unlink(String tenant, String other, boolean forBoth) {
        return ask(directory, PATIENCE, replyTo -> new TenantDirectory.Unlink(tenant, other, forBoth, replyTo));
    }

    @Override
    public CompletionStage<DoctorView> doctor() {
        return CompletableFuture.supplyAsync(doctor::examine, blocking);
    }

    @Override
    public CompletionStage<CapabilitiesView> capabilities() {
        return CompletableFuture.supplyAsync(doctor::capabilities, blocking);
    }

    @Override
    public CompletionStage<Flow.Publisher<ByteBuffer>> backup() {
        return copies.backup();
    }

    @Override
    public CompletionStage<RestoreView> restore(ArtifactFormat format, InputStream body) {
        return copies.restore(format, body);
    }

    @Override
    public Optional<String> notReady() {
        return readiness.notReady();
    }

    /** Asks all of them; one that goes away meanwhile is left out. */
    private static <A, T> CompletionStage<List<T>> all(List<A> actors, Function<A, CompletionStage<T>> question) {
        List<CompletableFuture<Optional<T>>> answers = actors.stream()
                .map(a -> question.apply(a)
                        .handle((value, failure) -> Optional.ofNullable(value))
                        .toCompletableFuture())
                .toList();
        return CompletableFuture.allOf(answers.toArray(CompletableFuture[]::new))
                .thenApply(
                        done -> answers.stream().flatMap(a -> a.join().stream()).toList());
    }

    private static <T> List<T> flat(List<List<T>> lists) {
        List<T> flat = new ArrayList<>();
        lists.forEach(flat::addAll);
        return flat;
    }

    private static <T> T one(java.util.stream.Stream<T> found, String otherwise) {
        return found.findFirst().orElseThrow(() -> new RefusedException(new Refusal.NotFound(otherwise)));
    }
}
