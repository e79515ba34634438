package io.hostel.cli;

import com.fasterxml.jackson.databind.JsonNode;
import picocli.CommandLine.Command;

/** What the kernel holds against what the records say. */
@Command(
        name = "doctor",
        description = "Compares the kernel with the records; ends with 1 where they differ, a call does not return, or the disk is nearly full.")
final class DoctorCommand extends HostCommand {
    @Override
    int run() {
        JsonNode answer = host().get("/v1/doctor");
        show(answer, () -> {
            findings("leaked", answer);
            findings("missing", answer);
            findings("stuck", answer);
            findings("scarce", answer);
            findings("exposed", answer);
            out().println(healthy(answer) ? "Healthy" : "Not healthy");
            out().println("going " + answer.path("going").asInt() + ", repaired since the start "
                    + answer.path("repaired").asLong());
        });
        return healthy(answer) ? 0 : Hostel.FAILED;
    }

    private static boolean healthy(JsonNode answer) {
        return answer.path("leaked").isEmpty()
                && answer.path("missing").isEmpty()
                && answer.path("stuck").isEmpty()
                && answer.path("scarce").isEmpty()
                && answer.path("exposed").isEmpty();
    }

    private void findings(String list, JsonNode answer) {
        for (JsonNode one : answer.path(list)) {
            out().println(list + " " + one.path("kind").asText() + " "
                    + one.path("name").asText() + ": " + one.path("detail").asText());
        }
    }
}
