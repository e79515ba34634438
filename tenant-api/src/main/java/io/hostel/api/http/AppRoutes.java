package io.hostel.api.http;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.hostel.api.ReleaseSpec;
import io.hostel.api.ReleaseView;
import io.hostel.api.Settled;
import io.hostel.api.TenantOperations;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;

/** Apps, their releases and processes. */
final class AppRoutes {
    private static final String APPS = "/v1/tenants/{tenant}/apps";
    private static final String APP = APPS + "/{app}";

    /** A spec as it was stored, its objects, and its JSON. */
    private static final long RELEASE_HELD = 4L * ReleaseSpec.MOST_BYTES;

    private static final long APP_HELD = 64 << 10;

    private final TenantOperations operations;

    AppRoutes(TenantOperations operations) {
        this.operations = operations;
    }

    List<Call> calls() {
        return List.of(
                Call.post(APP + "/releases", Access.TENANT, Call.Takes.JSON, this::deploy)
                        .withWait(),
                Call.get(
                        APP + "/releases",
                        Access.TENANT,
                        x -> operations
                                .releases(x.tenant(), x.app())
                                .thenApply(releases -> ItemStream.answer(releases, AppRoutes::whole, RELEASE_HELD))),
                Call.get(
                        APP + "/releases/{release}",
                        Access.TENANT,
                        x -> operations
                                .release(x.tenant(), x.app(), x.release())
                                .thenApply(release -> Answer.ok(whole(release)))),
                Call.get(
                        APPS,
                        Access.TENANT,
                        x -> operations.apps(x.tenant()).thenApply(apps -> ItemStream.answer(apps, app -> app, APP_HELD))),
                Call.get(
                        APP,
                        Access.TENANT,
                        x -> operations.app(x.tenant(), x.app()).thenApply(Answer::ok)),
                Call.delete(
                                APP,
                                Access.TENANT,
                                x -> operations
                                        .deleteApp(x.tenant(), x.app(), x.waiting())
                                        .thenApply(TenantRoutes::gone))
                        .withWait(),
                Call.post(APP + "/rollback", Access.TENANT, Call.Takes.JSON, this::rollback)
                        .withWait(),
                Call.patch(APP + "/processes/{process}", Access.TENANT, this::scale)
                        .withWait(),
                Call.post(
                                APP + "/restart",
                                Access.TENANT,
                                Call.Takes.NOTHING,
                                x -> operations
                                        .restart(x.tenant(), x.app(), x.waiting())
                                        .thenApply(AppRoutes::changed))
                        .withWait());
    }

    /** Done, or under way. */
    static Answer changed(Settled<?> settled) {
        return Answer.json(settled.settled() ? 200 : 202, settled.view());
    }

    private CompletionStage<Answer> deploy(Exchange exchange) {
        String app = exchange.raw("app");
        if (!Names.isLabel(app)) { // the call makes the app, so a bad name is told rather than not found
            FieldProblems problems = new FieldProblems();
            problems.add("", "the app's name in the path " + Names.LABEL_RULE);
            problems.refuse();
        }
        ReleaseSpec spec = SpecJson.read(exchange.body());
        String tenant = exchange.tenant();
        return operations
                .deploy(tenant, app, spec, exchange.waiting())
                .thenApply(settled -> released(tenant, app, settled));
    }

    private CompletionStage<Answer> rollback(Exchange exchange) {
        FieldProblems problems = new FieldProblems();
        Fields fields = exchange.fields(problems, Set.of("release"));
        int release = fields.required("release", fields.whole("release", 1, Integer.MAX_VALUE))
                .orElse(1L)
                .intValue();
        problems.refuse();
        String tenant = exchange.tenant();
        String app = exchange.app();
        return operations
                .rollback(tenant, app, release, exchange.waiting())
                .thenApply(settled -> released(tenant, app, settled));
    }

    private CompletionStage<Answer> scale(Exchange exchange) {
        FieldProblems problems = new FieldProblems();
        Fields fields = exchange.fields(problems, Set.of("scale"));
        int scale = fields.required("scale", fields.whole("scale", 0, ProcessFields.MOST_SCALE))
                .orElse(0L)
                .intValue();
        problems.refuse();
        return operations
                .scale(exchange.tenant(), exchange.app(), exchange.process(), scale, exchange.waiting())
                .thenApply(AppRoutes::changed);
    }

    private static Answer released(String tenant, String app, Settled<ReleaseView> settled) {
        ReleaseView view = settled.view();
        return Answer.json(settled.settled() ? 201 : 202, Brief.of(view))
                .with("Location", "/v1/tenants/" + tenant + "/apps/" + app + "/releases/" + view.release());
    }

    private record Brief(int release, ReleaseView.Status status, Optional<String> reason) {
        static Brief of(ReleaseView view) {
            return new Brief(view.release(), view.status(), view.reason());
        }
    }

    private static ObjectNode whole(ReleaseView view) {
        ObjectNode body = (ObjectNode) Json.tree(Brief.of(view));
        body.put("createdAt", view.createdAt().toString());
        body.set("spec", SpecJson.tree(view.spec()));
        return body;
    }
}
