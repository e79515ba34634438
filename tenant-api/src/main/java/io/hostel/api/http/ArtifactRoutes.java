package io.hostel.api.http;

import akka.http.javadsl.model.HttpRequest;
import io.hostel.api.ArtifactFormat;
import io.hostel.api.TenantOperations;
import java.util.List;
import java.util.concurrent.CompletionStage;

/** Uploads of artifacts. */
final class ArtifactRoutes {
    /** Threads that block are few: 16 by default (akka.actor.default-blocking-io-dispatcher). */
    private final Crowd crowd = new Crowd(3, 12);

    private final TenantOperations operations;
    private final Bodies bodies;
    private final Deadlines deadlines;
    private final Uploads uploads;

    ArtifactRoutes(TenantOperations operations, Bodies bodies, Deadlines deadlines, Uploads uploads) {
        this.deadlines = deadlines;
        this.operations = operations;
        this.bodies = bodies;
        this.uploads = uploads;
    }

    List<Call> calls() {
        return List.of(Call.post("/v1/tenants/{tenant}/artifacts", Access.TENANT, Call.Takes.STREAM, this::upload)
                .within(deadlines.upload().plusMinutes(1)));
    }

    private CompletionStage<Answer> upload(Exchange exchange) {
        HttpRequest request = exchange.request();
        String tenant;
        ArtifactFormat format;
        try {
            tenant = exchange.tenant();
            format = Uploads.format(request);
            if (!crowd.enter(tenant)) {
                throw new Problem.Refused(Problem.of(
                        429,
                        "too-many-calls",
                        "Too many at a time",
                        "too many uploads are under way; wait for one to end"));
            }
        } catch (Problem.Refused e) {
            bodies.drain(request);
            throw e;
        }
        return Stages.of(() -> uploads.receive(request, body -> operations.putArtifact(tenant, format, body)))
                .whenComplete((view, failure) -> crowd.leave(tenant))
                .thenApply(view -> Answer.json(201, view));
    }
}
