package io.hostel.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.StringJoiner;
import picocli.CommandLine.Command;

/** What the machine offers. */
@Command(name = "capabilities", description = "Shows what the machine offers, what it lacks and what would mend that.")
final class CapabilitiesCommand extends HostCommand {
    @Override
    int run() {
        JsonNode answer = host().get("/v1/capabilities");
        return show(answer, () -> {
            out().println("kernel      " + answer.path("kernel").asText());
            StringJoiner namespaces = new StringJoiner(" ");
            answer.path("namespaces").forEach(kind -> namespaces.add(kind.asText()));
            out().println("namespaces  " + namespaces);
            answer.path("features")
                    .fields()
                    .forEachRemaining(feature -> out().println(
                                    feature.getKey() + "  " + feature.getValue().asText()));
            for (JsonNode one : answer.path("degraded")) {
                out().println("degraded: " + one.path("feature").asText() + ": "
                        + one.path("why").asText() + "; " + one.path("mend").asText());
            }
        });
    }
}
