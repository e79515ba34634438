package io.hostel.api.http;

import io.hostel.api.Caller;
import io.hostel.api.TenantOperations;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

/** Health, metrics, the API's description, and who a caller is. */
final class HostRoutes {
    private static final String PROMETHEUS = "text/plain; version=0.0.4; charset=UTF-8";

    private final TenantOperations operations;
    private final Supplier<CompletionStage<String>> metrics;

    HostRoutes(TenantOperations operations, Supplier<CompletionStage<String>> metrics) {
        this.operations = operations;
        this.metrics = metrics;
    }

    List<Call> calls() {
        return List.of(
                Call.get("/healthz", Access.OPEN, exchange -> now(Answer.ok(Map.of("status", "alive")))),
                Call.get("/readyz", Access.OPEN, exchange -> now(ready())),
                Call.get(
                        "/metrics",
                        Access.OPEN_OR_OPERATOR,
                        exchange -> metrics.get().thenApply(text -> Answer.text(200, PROMETHEUS, text))),
                Call.get("/v1/whoami", Access.CALLER, exchange -> now(Answer.ok(Who.of(exchange.caller())))),
                Call.get("/openapi.json", Access.OPEN, exchange -> now(Answer.text(200, Answer.JSON, OpenApi.text()))));
    }

    private record Who(Optional<String> tenant, boolean operator, String label, Optional<Instant> expiresAt) {
        static Who of(Caller caller) {
            return new Who(
                    caller instanceof Caller.Tenant tenant ? Optional.of(tenant.id()) : Optional.empty(),
                    caller instanceof Caller.Operator,
                    caller.label(),
                    caller.expiresAt());
        }
    }

    private Answer ready() {
        return operations
                .notReady()
                .map(why -> Problem.unavailable(why).answer())
                .orElseGet(() -> Answer.ok(Map.of("status", "ready")));
    }

    private static CompletableFuture<Answer> now(Answer answer) {
        return CompletableFuture.completedFuture(answer);
    }
}
