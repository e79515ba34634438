package io.hostel.api.http;

import io.hostel.api.Settled;
import io.hostel.api.TenantOperations;
import io.hostel.api.TenantView;
import io.hostel.config.Quota;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;

/** Tenants, their tokens, and the links between them. */
final class TenantRoutes {
    private static final String TENANT = "/v1/tenants/{tenant}";

    private final TenantOperations operations;
    private final Quota standard;

    TenantRoutes(TenantOperations operations, Quota standard) {
        this.operations = operations;
        this.standard = standard;
    }

    List<Call> calls() {
        return List.of(
                Call.post("/v1/tenants", Access.OPERATOR, Call.Takes.JSON, this::create)
                        .showingSecret(),
                Call.get(
                        "/v1/tenants",
                        Access.OPERATOR,
                        x -> operations.tenants().thenApply(Answer::items)),
                Call.get(
                        TENANT,
                        Access.TENANT,
                        x -> operations.tenant(x.tenant()).thenApply(Answer::ok)),
                Call.patch(TENANT, Access.TENANT_BY_OPERATOR, this::changeQuota),
                Call.delete(
                                TENANT,
                                Access.TENANT_BY_OPERATOR,
                                x -> operations
                                        .deleteTenant(x.tenant(), x.waiting())
                                        .thenApply(TenantRoutes::gone))
                        .withWait(),
                Call.post(TENANT + "/tokens", Access.TENANT, Call.Takes.JSON, this::createToken)
                        .showingSecret(),
                Call.get(
                        TENANT + "/tokens",
                        Access.TENANT,
                        x -> operations.tokens(x.tenant()).thenApply(Answer::items)),
                Call.delete(
                        TENANT + "/tokens/{token}",
                        Access.TENANT,
                        x -> operations.deleteToken(x.tenant(), x.token()).thenApply(gone -> Answer.nothing())),
                Call.put(
                        TENANT + "/links/{other}",
                        Access.TENANT,
                        x -> operations
                                .link(x.tenant(), x.other(), x.byOperator())
                                .thenApply(Answer::ok)),
                Call.delete(
                        TENANT + "/links/{other}",
                        Access.TENANT,
                        x -> operations
                                .unlink(x.tenant(), x.other(), x.byOperator())
                                .thenApply(gone -> Answer.nothing())));
    }

    static Answer gone(Settled<?> settled) {
        return settled.settled() ? Answer.nothing() : Answer.json(202, Map.of("status", "deleting"));
    }

    private record CreatedBody(
            String id, String token, String subnet, int uidBase, int uidCount, Quota quota, Quota usage) {}

    private CompletionStage<Answer> create(Exchange exchange) {
        FieldProblems problems = new FieldProblems();
        Fields fields = exchange.fields(problems, Set.of("id", "quota"));
        Optional<String> id = fields.required("id", fields.text("id", 100));
        if (id.isPresent() && !Names.isLabel(id.get())) {
            fields.problem("id", Names.LABEL_RULE);
        }
        Optional<Quota> quota = fields.has("quota")
                ? Optional.of(QuotaFields.read(fields).of(standard))
                : Optional.empty();
        problems.refuse();
        return operations.createTenant(id.orElseThrow(), quota).thenApply(created -> {
            TenantView view = created.tenant();
            CreatedBody body = new CreatedBody(
                    view.id(),
                    created.token(),
                    view.subnet(),
                    view.uidBase(),
                    view.uidCount(),
                    view.quota(),
                    view.usage());
            return Answer.json(201, body).with("Location", "/v1/tenants/" + view.id());
        });
    }

    private CompletionStage<Answer> changeQuota(Exchange exchange) {
        FieldProblems problems = new FieldProblems();
        Fields fields = exchange.fields(problems, Set.of("quota"));
        if (!fields.has("quota")) {
            fields.problem("quota", "is missing");
        }
        var change = QuotaFields.read(fields);
        problems.refuse();
        return operations.changeQuota(exchange.tenant(), change).thenApply(Answer::ok);
    }

    private CompletionStage<Answer> createToken(Exchange exchange) {
        FieldProblems problems = new FieldProblems();
        Fields fields = exchange.fields(problems, Set.of("label", "expiresIn"));
        Optional<String> label = fields.required("label", fields.text("label", 100));
        if (label.isPresent() && (label.get().isBlank() || !label.get().matches("\\P{Cntrl}*"))) {
            fields.problem("label", "must say something, without control characters");
        }
        Optional<Duration> expiresIn = fields.duration("expiresIn", Duration.ofSeconds(1), Duration.ofDays(3_650));
        problems.refuse();
        return operations
                .createToken(exchange.tenant(), label.orElseThrow(), expiresIn)
                .thenApply(created -> Answer.json(201, created)
                        .with("Location", "/v1/tenants/" + exchange.tenant() + "/tokens/" + created.id()));
    }
}
