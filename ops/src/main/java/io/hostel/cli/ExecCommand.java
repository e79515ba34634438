package io.hostel.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
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
        description = "Runs a command in a running sandbox of an app and ends with its exit code, or with 125 where it could not be run or "
                + "its output was cut. A sandbox has 16 at a time.",
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

    @Option(
            names = {"-w", "--workdir"},
            paramLabel = "DIRECTORY",
            description = "where it is started inside (default: as the process)")
    @Nullable
    String workdir;

    @Option(names = "--timeout", paramLabel = "DURATION", description = "after which it is killed (default: 60s; at most 1h)")
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
            write(answer, "stdout", out(), System.out, 1);
            write(answer, "stderr", err(), System.err, 2);
        });
        boolean cut = answer.path("truncated").asBoolean();
        if (answer.path("timedOut").asBoolean()) {
            err().println("Killed: it ran for " + (timeout == null ? "60s, and --timeout gives it longer" : timeout + ", its --timeout"));
        } else if (answer.path("oom").asBoolean()) {
            err().println("Killed: the sandbox has no more memory");
        }
        if (cut) {
            err().println("Error: the output was cut after 1 MiB; let the command write less, or in pieces");
        }
        err().flush();
        return cut ? COULD_NOT_RUN : answer.path("exitCode").asInt();
    }

    /** Bytes that are no text go out as they are, but for a terminal, which they could command. */
    private void write(JsonNode answer, String name, PrintWriter text, PrintStream bytes, int descriptor) {
        JsonNode encoded = answer.path(name + "Base64");
        if (encoded.isMissingNode()) {
            text.print(answer.path(name).asText(""));
        } else if (TerminalText.at(descriptor) && !raw()) {
            text.print(new String(Base64.getDecoder().decode(encoded.asText()), StandardCharsets.UTF_8));
        } else {
            text.flush();
            bytes.writeBytes(Base64.getDecoder().decode(encoded.asText()));
            bytes.flush();
        }
        text.flush();
    }

    private ObjectNode body() throws IOException {
        ObjectNode body = object();
        command.forEach(body.putArray("command")::add);
        if (stdin) {
            body.put("stdinBase64", Base64.getEncoder().encodeToString(System.in.readAllBytes()));
        }
        if (!env.isEmpty()) {
            ObjectNode variables = body.putObject("env");
            env.forEach(variables::put);
        }
        if (workdir != null) {
            body.put("workdir", workdir);
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
