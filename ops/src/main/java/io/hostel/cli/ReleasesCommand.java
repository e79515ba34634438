package io.hostel.cli;

import com.fasterxml.jackson.databind.JsonNode;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** An app's releases. */
@Command(name = "releases", description = "Lists an app's releases, or shows one of them whole.")
final class ReleasesCommand extends AppTarget {
    @Parameters(index = "1", arity = "0..1", paramLabel = "RELEASE", description = "one release's number")
    @Nullable
    Integer release;

    @Override
    int run() {
        if (release != null) {
            JsonNode one = host().get(app.path() + "/releases/" + release);
            return show(one, one.toPrettyString());
        }
        JsonNode answer = host().get(app.path() + "/releases");
        return show(answer, () -> {
            Table table = new Table("RELEASE", "STATUS", "CREATED", "REASON");
            for (JsonNode one : answer.path("items")) {
                String reason = one.path("reason").asText("");
                table.row(
                        one.path("release").asText(),
                        one.path("status").asText(),
                        one.path("createdAt").asText(),
                        reason.lines().findFirst().orElse(""));
            }
            table.print(out());
        });
    }
}
