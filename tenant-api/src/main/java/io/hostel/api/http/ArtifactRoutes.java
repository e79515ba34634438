package io.hostel.api.http;

import akka.http.javadsl.model.HttpRequest;
import io.hostel.api.ArtifactFormat;
import io.hostel.api.TenantOperations;
import java.util.List;
import java.util.concurrent.CompletionStage;

/** Uploads of artifacts. */
final class ArtifactRoutes {
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
        try {
            String tenant = exchange.tenant();
            ArtifactFormat format = Uploads.format(request);
            return uploads.receive(
                            request, exchange.party(), body -> operations.putArtifact(tenant, format, body))
                    .thenApply(view -> Answer.json(201, view));
        } catch (Problem.Refused e) {
            bodies.drain(request);
            throw e;
        }
    }
}
