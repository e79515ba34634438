package io.hostel.api.http;

import akka.actor.typed.ActorSystem;
import akka.http.javadsl.model.HttpRequest;
import akka.http.javadsl.model.HttpResponse;
import akka.http.javadsl.server.Directives;
import akka.http.javadsl.server.Route;
import io.hostel.api.Authenticator;
import io.hostel.api.Caller;
import io.hostel.api.IdempotencyStore;
import io.hostel.api.Refusal;
import io.hostel.api.RefusedException;
import io.hostel.api.TenantOperations;
import io.hostel.config.Quota;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The REST API. A request goes: which call is it; whose token does it carry; may they; is there room for one more of theirs;
 * read the body; was it done before; do it. Every way out is an answer, and every refusal problem+json.
 */
public final class HttpApi {
    private static final Logger LOG = LoggerFactory.getLogger(HttpApi.class);
    private static final int MOST_CALLS_EACH = 128;
    private static final int MOST_CALLS = 1_000;

    private final List<Call> calls;
    private final Gate gate;
    private final Idempotency idempotency;
    private final Bodies bodies;
    private final TenantOperations operations;
    private final Deadlines deadlines;
    private final Crowd crowd = new Crowd(MOST_CALLS_EACH, MOST_CALLS);

    /**
     * @param tenantQuota what a tenant gets of each thing that its creation does not name
     * @param metrics Prometheus' text; asked on a thread that must not be blocked
     * @param loopback whether only this machine reaches the API: then health, metrics and the API's description need no token
     */
    public HttpApi(
            TenantOperations operations,
            Authenticator authenticator,
            IdempotencyStore idempotencyStore,
            Quota tenantQuota,
            Supplier<CompletionStage<String>> metrics,
            boolean loopback,
            ActorSystem<?> system) {
        this(operations, authenticator, idempotencyStore, tenantQuota, metrics, loopback, system, Deadlines.STANDARD);
    }

    HttpApi(
            TenantOperations operations,
            Authenticator authenticator,
            IdempotencyStore idempotencyStore,
            Quota tenantQuota,
            Supplier<CompletionStage<String>> metrics,
            boolean loopback,
            ActorSystem<?> system,
            Deadlines deadlines) {
        this.operations = operations;
        this.deadlines = deadlines;
        gate = new Gate(authenticator, loopback);
        idempotency = new Idempotency(idempotencyStore);
        bodies = new Bodies(system, deadlines.body());
        Uploads uploads = new Uploads(deadlines, system);
        calls = Stream.of(
                        new HostRoutes(operations, metrics).calls(),
                        new TenantRoutes(operations, tenantQuota).calls(),
                        new ArtifactRoutes(operations, bodies, deadlines, uploads).calls(),
                        new BackupRoutes(operations, bodies, deadlines, uploads, system).calls(),
                        new AppRoutes(operations).calls(),
                        new SandboxRoutes(operations).calls(),
                        new StreamRoutes(operations, system).calls(),
                        new OperatorRoutes(operations).calls())
                .flatMap(List::stream)
                .toList();
    }

    /** The API as an akka-http route. */
    public Route route() {
        return Directives.handle(this::answer);
    }

    /** Never fails, and never rejects. */
    public CompletionStage<HttpResponse> answer(HttpRequest request) {
        return Stages.of(() -> dispatch(request))
                .exceptionally(failure -> problem(request, failure).answer())
                .thenApply(Answer::response);
    }

    Deadlines deadlines() {
        return deadlines;
    }

    List<Call> calls() {
        return calls;
    }

    private CompletionStage<Answer> dispatch(HttpRequest request) {
        List<String> path = PathTemplate.split(request.getUri().getPathString());
        List<Call> here = calls.stream()
                .filter(call -> call.path().match(path).isPresent())
                .toList();
        Optional<Call> found = here.stream()
                .filter(call -> call.method().equals(request.method().value()))
                .findFirst();
        if (found.isPresent() && !gate.needsToken(found.get().access())) {
            return admit(found.get(), new Caller.Operator(), request, "anybody");
        }
        if (found.isEmpty() && !path.get(0).equals("v1")) {
            bodies.drain(request);
            return CompletableFuture.completedFuture(noSuchCall(request, here));
        }
        return gate.caller(request).thenCompose(caller -> {
            Optional<Answer> refusal = caller.isEmpty()
                    ? Optional.of(Gate.unknown())
                    : found.isEmpty()
                            ? Optional.of(noSuchCall(request, here, path, caller.get()))
                            : gate.refusal(found.get().access(), caller.get(), variables(found.get(), path));
            if (refusal.isPresent()) {
                bodies.drain(request);
                return CompletableFuture.completedFuture(refusal.get());
            }
            Optional<String> closed = found.orElseThrow().changes() ? operations.notReady() : Optional.empty();
            if (closed.isPresent()) {
                // What is changed now would be lost with the state that another one is about to replace.
                bodies.drain(request);
                return CompletableFuture.completedFuture(
                        Problem.of(new Refusal.Unavailable(closed.get())).answer());
            }
            String who = caller.get() instanceof Caller.Tenant tenant ? "tenant:" + tenant.id() : "operator";
            return admit(found.orElseThrow(), caller.get(), request, who);
        });
    }

    private CompletionStage<Answer> admit(Call call, Caller caller, HttpRequest request, String who) {
        if (!crowd.enter(who)) {
            bodies.drain(request);
            return CompletableFuture.completedFuture(Problem.of(
                            429,
                            "too-many-calls",
                            "Too many at a time",
                            "at most " + MOST_CALLS_EACH + " calls at a time; wait for one to end")
                    .answer());
        }
        return Stages.of(() -> serve(call, caller, request)).whenComplete((answer, failure) -> crowd.leave(who));
    }

    private CompletionStage<Answer> serve(Call call, Caller caller, HttpRequest request) {
        Map<String, String> variables =
                variables(call, PathTemplate.split(request.getUri().getPathString()));
        Map<String, String> query;
        Optional<String> key;
        try {
            query = Queries.of(request, call.query());
            key = call.changes() ? Idempotency.key(request) : Optional.empty();
        } catch (RuntimeException e) {
            bodies.drain(request);
            throw e;
        }
        CompletionStage<byte[]> body = call.body() == Call.Takes.STREAM
                ? CompletableFuture.completedFuture(new byte[0])
                : bodies.bytes(request);
        return body.thenCompose(bytes -> {
            Exchange exchange =
                    new Exchange(request, caller, variables, query, Bodies.json(request, call.body(), bytes));
            Supplier<CompletionStage<Answer>> act =
                    () -> Stages.of(() -> call.handler().answer(exchange))
                            .exceptionally(failure -> problem(request, failure).answer());
            CompletionStage<Answer> answer =
                    key.isPresent() ? idempotency.once(call, caller, request, key.get(), bytes, act) : act.get();
            long millis = call.takes()
                    .plus(exchange.query().containsKey("wait") ? exchange.waiting() : java.time.Duration.ZERO)
                    .toMillis();
            // The deadline is the answer's alone: what was begun goes on, and its outcome is still kept under its key.
            return answer.toCompletableFuture().copy().orTimeout(millis, TimeUnit.MILLISECONDS);
        });
    }

    private static Map<String, String> variables(Call call, List<String> path) {
        return call.path().match(path).orElse(Map.of());
    }

    /** A tenant learns nothing of what lies below another's path, not even which methods there are. */
    private Answer noSuchCall(HttpRequest request, List<Call> here, List<String> path, Caller caller) {
        boolean tenants = path.size() > 2 && path.get(1).equals("tenants");
        return tenants && caller instanceof Caller.Tenant tenant && !tenant.id().equals(path.get(2))
                ? Exchange.noSuch("tenant", path.get(2)).answer()
                : noSuchCall(request, here);
    }

    private static Answer noSuchCall(HttpRequest request, List<Call> here) {
        if (here.isEmpty()) {
            return Problem.notFound("there is nothing at this path; GET /openapi.json lists all calls")
                    .answer();
        }
        String allowed =
                String.join(", ", here.stream().map(Call::method).sorted().toList());
        return Problem.of(405, "method", "Not this method", "this path takes " + allowed)
                .answer()
                .with("Allow", allowed);
    }

    private static Problem problem(HttpRequest request, Throwable failure) {
        Throwable cause = Stages.cause(failure);
        if (cause instanceof RefusedException refused) {
            return Problem.of(refused.refusal());
        } else if (cause instanceof Problem.Refused refused) {
            return refused.problem();
        } else if (cause instanceof TimeoutException) {
            return Problem.of(new Refusal.Unavailable("the host took too long; what was begun may still be done"));
        }
        LOG.error("{} {} failed", request.method().value(), request.getUri().getPathString(), cause);
        return Problem.internal();
    }
}
