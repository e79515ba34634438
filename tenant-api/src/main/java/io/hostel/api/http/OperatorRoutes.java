package io.hostel.api.http;

import io.hostel.api.TenantOperations;
import java.util.List;

/** What concerns the whole host. */
final class OperatorRoutes {
    private final TenantOperations operations;

    OperatorRoutes(TenantOperations operations) {
        this.operations = operations;
    }

    List<Call> calls() {
        return List.of(
                Call.get(
                        "/v1/sandboxes",
                        Access.OPERATOR,
                        x -> operations.allSandboxes().thenApply(Answer::items)),
                Call.get("/v1/doctor", Access.OPERATOR, x -> operations.doctor().thenApply(Answer::ok)),
                Call.get(
                        "/v1/capabilities",
                        Access.OPERATOR,
                        x -> operations.capabilities().thenApply(Answer::ok)));
    }
}
