package io.hostel.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** A command inside a sandbox, under the same walls as its process. */
@Command(
        name = "exec",
        description = "Runs a command in a running sandbox of an app and ends with its exit code.",
        footer = "%nExample: hostel exec alice/shop -- ps aux")
final class ExecCommand extends AppTarget {
    private static final int COULD_NOT_RUN = 125;

    @Parameters(index = "1..*", arity = "1..*", paramLabel = "COMMAND", description = "the program and its arguments")
    List<String> command = List.of();

    @Option(
            names = {"-s", "--sandbox"},
            paramLabel = "ID",
            description = "which sandbox (default: the first that runs)")
    @Nullable
    String sandbox;

    @Option(
            names = {"-p", "--process"},
            paramLabel = "NAME",
            description = "a sandbox of this process")
    @Nullable
    String process;

    @Option(
            names = {"-i", "--stdin"},
            description = "sends standard input, read to its end")
    boolean stdin;

    @Option(
            names = {"-e", "--env"},
            paramLabel = "NAME=VALUE",
            description = "environment, repeatable")
    Map<String, String> env = new LinkedHashMap<>();

    @Option(
            names = {"-u", "--user"},
            paramLabel = "UID[:GID]",
            description = "who it runs as inside")
    @Nullable
    String user;

    @Option(names = "--timeout", paramLabel = "DURATION", description = "after which it is killed")
    @Nullable
    String timeout;

    @Override
    int run() throws IOException {
        JsonNode answer;
        try {
            answer = host().send("POST", app.path() + "/sandboxes/" + Connection.encode(chosen()) + "/exec", body());
        } catch (Trouble e) {
            throw e.status() == 0 ? e : new Trouble(COULD_NOT_RUN, String.valueOf(e.getMessage()), e.status());
        }
        show(answer, () -> {
            out().print(answer.path("stdout").asText(""));
            out().flush();
            err().print(answer.path("stderr").asText(""));
            if (answer.path("truncated").asBoolean()) {
                err().println("(output cut)");
            }
            err().flush();
        });
        return answer.path("exitCode").asInt();
    }

    private ObjectNode body() throws IOException {
        ObjectNode body = object();
        command.forEach(body.putArray("command")::add);
        if (stdin) {
            body.put("stdin", new String(System.in.readAllBytes(), StandardCharsets.UTF_8));
        }
        if (!env.isEmpty()) {
            ObjectNode variables = body.putObject("env");
            env.forEach(variables::put);
        }
        if (user != null) {
            body.put("user", user);
        }
        if (timeout != null) {
            body.put("timeout", timeout);
        }
        return body;
    }

    private String chosen() {
        if (sandbox != null) {
            return sandbox;
        }
        for (JsonNode one : host().get(app.path() + "/sandboxes").path("items")) {
            boolean wanted = process == null || one.path("process").asText().equals(process);
            if (wanted && one.path("state").asText().matches("running|unhealthy")) {
                return one.path("id").asText();
            }
        }
        throw new Trouble(
                COULD_NOT_RUN, "no sandbox of " + app + (process == null ? "" : " " + process) + " runs right now");
    }
}
