package io.hostel.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** How many sandboxes run a process. */
@Command(name = "scale", description = "Sets how many sandboxes run a process, e.g. hostel scale alice/shop web=3.")
final class ScaleCommand extends AppTarget {
    @Parameters(index = "1..*", arity = "1..*", paramLabel = "PROCESS=N", description = "0 stops it")
    Map<String, Integer> scales = new LinkedHashMap<>();

    @Option(names = "--wait", paramLabel = "DURATION", description = "for it to settle (default: ${DEFAULT-VALUE})")
    String wait = "120s";

    @Override
    int run() {
        ObjectNode answers = object();
        scales.forEach((process, scale) -> {
            String path = app.path() + "/processes/" + Connection.encode(process) + "?wait=" + Connection.encode(wait);
            JsonNode answer = host().send("PATCH", path, object().put("scale", scale));
            answers.set(process, answer);
            if (!json()) {
                out().println(process + ": " + answer.path("running").asInt() + " of "
                        + answer.path("scale").asInt() + " running");
            }
        });
        return show(answers, () -> {});
    }
}
