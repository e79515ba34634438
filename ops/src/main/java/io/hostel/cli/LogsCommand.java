package io.hostel.cli;

import com.fasterxml.jackson.databind.JsonNode;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** What an app's processes wrote. */
@Command(name = "logs", description = "Shows what an app's processes wrote, and what the host has to say about them.")
final class LogsCommand extends AppTarget {
    @Option(
            names = {"-f", "--follow"},
            description = "goes on with what comes")
    boolean follow;

    @Option(
            names = {"-n", "--tail"},
            paramLabel = "N",
            description = "newest lines to begin with (default: ${DEFAULT-VALUE})")
    int tail = 100;

    @Option(
            names = {"-p", "--process"},
            paramLabel = "NAME",
            description = "only this process's")
    @Nullable
    String process;

    @Override
    int run() {
        String query = "?tail=" + tail + "&follow=" + follow
                + (process == null ? "" : "&process=" + Connection.encode(process));
        host().lines(app.path() + "/logs" + query, this::print);
        return 0;
    }

    private void print(JsonNode line) {
        if (json()) {
            out().println(line);
        } else {
            out().println(line.path("time").asText() + " "
                    + line.path("process").asText() + "/"
                    + line.path("sandbox").asText() + " " + line.path("stream").asText() + ": "
                    + line.path("line").asText());
        }
        out().flush();
    }
}
