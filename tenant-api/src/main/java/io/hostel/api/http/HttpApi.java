package io.hostel.api.http;

import akka.actor.typed.ActorSystem;
import akka.http.javadsl.model.HttpProtocols;
import akka.http.javadsl.model.HttpRequest;
import akka.http.javadsl.model.HttpResponse;
import akka.http.javadsl.server.Directives;
import akka.http.javadsl.server.Route;
import com.fasterxml.jackson.databind.node.NullNode;
import io.hostel.api.Authenticator;
import io.hostel.api.Caller;
import io.hostel.api.IdempotencyStore;
import io.hostel.api.Refusal;
import io.hostel.api.RefusedException;
import io.hostel.api.TenantOperations;
import io.hostel.config.CallRates;
import io.hostel.config.Quota;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongSupplier;
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

    private final List<Call> calls;
    private final Gate gate;
    private final Idempotency idempotency;
    private final Bodies bodies;
    private final TenantOperations operations;
    private final Deadlines deadlines;
    private final Admission admission;
    private final Uploads uploads;
    private final HostNames names;

    /**
     * @param tenantQuota what a tenant gets of each thing that its creation does not name
     * @param metrics Prometheus' text; asked on a thread that must not be blocked
     * @param rates how many calls a second a tenant may make
     * @param host the interface that the API listens on, as it was configured
     * @param loopback whether only this machine reaches the API: then health, metrics and the API's description need no token
     */
    public HttpApi(
            TenantOperations operations,
            Authenticator authenticator,
            IdempotencyStore idempotencyStore,
            Quota tenantQuota,
            Supplier<CompletionStage<String>> metrics,
            CallRates rates,
            String host,
            boolean loopback,
            ActorSystem<?> system) {
        this(
                operations,
                authenticator,
                idempotencyStore,
                tenantQuota,
                metrics,
                rates,
                host,
                loopback,
                system,
                Deadlines.STANDARD,
                System::nanoTime);
    }

    HttpApi(
            TenantOperations operations,
            Authenticator authenticator,
            IdempotencyStore idempotencyStore,
            Quota tenantQuota,
            Supplier<CompletionStage<String>> metrics,
            CallRates rates,
            String host,
            boolean loopback,
            ActorSystem<?> system,
            Deadlines deadlines,
            LongSupplier nanos) {
        this.operations = operations;
        this.deadlines = deadlines;
        admission = new Admission(rates, system, nanos);
        names = new HostNames(host);
        gate = new Gate(authenticator, loopback);
        idempotency = new Idempotency(idempotencyStore);
        bodies = new Bodies(system, deadlines.body());
        uploads = new Uploads(deadlines, system);
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
                .exceptionally(failure -> problem(request, failure).answer().response());
    }

    Deadlines deadlines() {
        return deadlines;
    }

    List<Call> calls() {
        return calls;
    }

    /** How many are under way. */
    int uploads() {
        return uploads.underWay();
    }

    private CompletionStage<HttpResponse> dispatch(HttpRequest request) {
        if (!request.getUri().getPathString().startsWith("/")) {
            return refused(request, Problem.malformed("there is no path in the request's target").answer());
        }
        if (request.protocol().equals(HttpProtocols.HTTP_1_1) && request.getHeader("Host").isEmpty()) {
            return refused(request, Problem.malformed("HTTP/1.1 takes a Host header").answer());
        }
        List<String> path = PathTemplate.split(request.getUri().getPathString());
        List<Call> here = calls.stream()
                .filter(call -> call.path().match(path).isPresent())
                .toList();
        Optional<Call> found = here.stream()
                .filter(call -> call.method().equals(request.method().value()))
                .findFirst();
        if (found.isPresent() && !gate.needsToken(found.get().access())) {
            if (names.areOurs(request)) {
                return party(request).thenCompose(who -> admit(found.get(), new Caller.Operator(), request, who));
            } else if (Gate.token(request).isEmpty()) {
                return refused(request, Gate.misdirected());
            }
        }
        if (found.isEmpty() && !path.get(0).equals("v1")) {
            return refused(request, noSuchCall(request, here));
        }
        return gate.caller(request).thenCompose(caller -> {
            Optional<Answer> refusal = caller.isEmpty()
                    ? Optional.of(Gate.unknown())
                    : found.isEmpty()
                            ? Optional.of(noSuchCall(request, here, path, caller.get()))
                            : gate.refusal(found.get().access(), caller.get(), variables(found.get(), path));
            if (refusal.isPresent()) {
                return refused(request, refusal.get());
            }
            Optional<String> closed = found.orElseThrow().changes() ? operations.notReady() : Optional.empty();
            if (closed.isPresent()) {
                // What is changed now would be lost with the state that another one is about to replace.
                return refused(
                        request, Problem.of(new Refusal.Unavailable(closed.get())).answer());
            }
            return admit(found.orElseThrow(), caller.get(), request, Party.of(caller.get()));
        });
    }

    /** Among whom a call counts that needs no token: whose token it carries may be unknown, or not be found out. */
    private CompletionStage<Party> party(HttpRequest request) {
        return Stages.of(() -> gate.caller(request))
                .exceptionally(failure -> Optional.empty())
                .thenApply(caller -> caller.map(Party::of).orElse(Party.ANYBODY));
    }

    private CompletionStage<HttpResponse> refused(HttpRequest request, Answer answer) {
        bodies.drain(request);
        return CompletableFuture.completedFuture(answer.response());
    }

    private CompletionStage<HttpResponse> admit(Call call, Caller caller, HttpRequest request, Party who) {
        Map<String, String> query;
        Optional<String> key;
        Admission.Admitted admitted;
        try {
            query = Queries.of(request, call.query());
            key = call.changes() ? Idempotency.key(request) : Optional.empty();
            boolean waits = call.waits() || query.containsKey("wait");
            admitted = admission.admit(request, who, call.changes(), waits, Bodies.weight(request, call));
        } catch (RuntimeException e) {
            return refused(request, problem(request, e).answer());
        }
        return Stages.of(() -> serve(call, caller, request, query, key))
                .exceptionally(failure -> problem(request, failure).answer())
                .thenApply(admitted::send);
    }

    private CompletionStage<Answer> serve(
            Call call, Caller caller, HttpRequest request, Map<String, String> query, Optional<String> key) {
        Map<String, String> variables =
                variables(call, PathTemplate.split(request.getUri().getPathString()));
        CompletionStage<byte[]> body = call.body() == Call.Takes.STREAM
                ? CompletableFuture.completedFuture(new byte[0])
                : bodies.bytes(request, call.most());
        return body.thenCompose(bytes -> {
            Exchange bare = new Exchange(request, caller, variables, query, NullNode.getInstance());
            // A tree takes many times its body's bytes. There is one only while the handler reads it, not while the key
            // is looked up.
            Supplier<CompletionStage<Answer>> act = () -> Stages.of(
                            () -> call.handler().answer(bare.with(Bodies.json(request, call.body(), bytes))))
                    .exceptionally(failure -> problem(request, failure).answer());
            CompletableFuture<Answer> answer = (key.isPresent()
                            ? idempotency.once(call, caller, request, key.get(), bytes, act)
                            : act.get())
                    .toCompletableFuture();
            long millis = call.takes()
                    .plus(query.containsKey("wait") ? bare.waiting() : Duration.ZERO)
                    .toMillis();
            // The deadline is the answer's alone: what was begun goes on, and its outcome is still kept under its key.
            CompletableFuture<Answer> inTime = answer.copy().orTimeout(millis, TimeUnit.MILLISECONDS);
            answer.thenAccept(late -> {
                if (inTime.isCompletedExceptionally()) {
                    late.discard();
                }
            });
            return inTime;
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
