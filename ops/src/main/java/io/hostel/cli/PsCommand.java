package io.hostel.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The sandboxes there are. */
@Command(name = "ps", description = "Lists sandboxes: an app's, a tenant's, or everyone's for the operator.")
final class PsCommand extends HostCommand {
    @Parameters(
            index = "0",
            arity = "0..1",
            paramLabel = "[TENANT/]APP",
            converter = AppName.Converter.class,
            description = "only this app's")
    @Nullable
    AppName app;

    @Option(
            names = {"-t", "--tenant"},
            paramLabel = "TENANT",
            description = "whose (default: HOSTEL_TENANT, or the token's own)")
    @Nullable
    String whose;

    @Override
    int run() {
        ObjectNode answer = object();
        ArrayNode items = answer.putArray("items");
        for (String path : paths()) {
            host().get(path).path("items").forEach(items::add);
        }
        return show(answer, () -> print(items));
    }

    private List<String> paths() {
        String tenant = whose == null && (app == null || app.tenant().isEmpty()) ? ownTenant() : whose == null ? "" : whose;
        if (app != null) {
            return List.of(app.of(tenant).path() + "/sandboxes");
        }
        if (tenant.isEmpty()) {
            return List.of("/v1/sandboxes");
        }
        List<String> paths = new ArrayList<>();
        String apps = "/v1/tenants/" + Connection.encode(tenant) + "/apps";
        for (JsonNode one : host().get(apps).path("items")) {
            paths.add(apps + "/" + Connection.encode(one.path("id").asText()) + "/sandboxes");
        }
        return paths;
    }

    private void print(ArrayNode items) {
        Table table = new Table(
                "SANDBOX", "APP", "PROCESS", "RELEASE", "STATE", "IP", "PID", "RESTARTS", "MEMORY", "UP", "LAST EXIT");
        Instant now = Instant.now();
        for (JsonNode one : items) {
            boolean up = one.hasNonNull("pid");
            table.row(
                    one.path("id").asText(),
                    one.path("tenant").asText() + "/" + one.path("app").asText(),
                    one.path("process").asText(),
                    one.path("release").asText(),
                    state(one, now),
                    one.path("ip").asText(""),
                    one.path("pid").asText(""),
                    one.path("restarts").asText(),
                    one.hasNonNull("usage")
                            ? Units.size(one.path("usage").path("memoryBytes").asLong())
                            : "",
                    up ? Units.since(one.path("startedAt").asText(""), now) : "",
                    exit(one.path("lastExit")));
        }
        table.print(out());
    }

    private static String state(JsonNode sandbox, Instant now) {
        String state = sandbox.path("state").asText();
        if (!sandbox.hasNonNull("nextRetryAt")) {
            return state;
        }
        Instant retry = Instant.parse(sandbox.path("nextRetryAt").asText());
        return state + " (" + Units.span(java.time.Duration.between(now, retry)) + ")";
    }

    private static String exit(JsonNode exit) {
        if (!exit.isObject()) {
            return "";
        }
        String how = exit.hasNonNull("signal")
                ? exit.path("signal").asText()
                : exit.hasNonNull("code") ? "code " + exit.path("code").asText() : "";
        if (exit.path("oom").asBoolean()) {
            how += ", out of memory";
        }
        String reason = exit.path("reason").asText("");
        return reason.isEmpty() ? how : how.isEmpty() ? reason : how + ", " + reason;
    }
}
