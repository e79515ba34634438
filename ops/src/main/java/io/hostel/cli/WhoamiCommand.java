package io.hostel.cli;

import com.fasterxml.jackson.databind.JsonNode;
import picocli.CommandLine.Command;

/** Whose the token is. */
@Command(name = "whoami", description = "Says whose the token is, its label, and when it expires.")
final class WhoamiCommand extends HostCommand {
    @Override
    int run() {
        JsonNode answer = host().get("/v1/whoami");
        return show(answer, () -> {
            String who = answer.path("operator").asBoolean()
                    ? "the operator"
                    : "tenant " + answer.path("tenant").asText();
            String label = answer.path("label").asText("");
            String expires = answer.path("expiresAt").asText("");
            out().println(who + (label.isEmpty() ? "" : ", by the token \"" + label + "\"")
                    + (expires.isEmpty() ? "" : ", until " + expires));
        });
    }
}
