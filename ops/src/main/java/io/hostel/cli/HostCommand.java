package io.hostel.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** What all commands share: the connection, and two ways of showing an answer. */
abstract class HostCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before call()
    private CommandSpec spec;

    /** What is to be known before. */
    void begin() {}

    /** @return the exit code */
    abstract int run() throws Exception;

    @Override
    public final Integer call() throws Exception {
        begin();
        int code = run();
        out().flush();
        return code;
    }

    final Connection host() {
        return root().connection();
    }

    final boolean raw() {
        return root().raw;
    }

    /** HOSTEL_TENANT, or whose the token is; empty for the operator. */
    final String ownTenant() {
        String named = Hostel.variable("HOSTEL_TENANT", "");
        return named.isEmpty() ? host().get("/v1/whoami").path("tenant").asText("") : named;
    }

    final boolean json() {
        return root().output == Hostel.Format.json;
    }

    /** What others have written in what goes there commands no terminal. */
    final PrintWriter out() {
        return root().out(spec.commandLine().getOut());
    }

    final PrintWriter err() {
        return root().err(spec.commandLine().getErr());
    }

    /** A line that the next one takes the place of; on a terminal, nowhere else. */
    final void progress(String text) {
        if (System.console() != null && !json()) {
            spec.commandLine().getErr().printf("\r%-12s\r%s", "", text);
            spec.commandLine().getErr().flush();
        }
    }

    /** Shows the answer as JSON, or what the text says of it. */
    final int show(JsonNode answer, Runnable text) {
        if (json()) {
            out().println(answer.isMissingNode() ? "{}" : answer.toPrettyString());
        } else {
            text.run();
        }
        return 0;
    }

    final int show(JsonNode answer, String text) {
        return show(answer, () -> out().println(text));
    }

    static ObjectNode object() {
        return Connection.JSON.createObjectNode();
    }

    private Hostel root() {
        return (Hostel) spec.root().userObject();
    }
}
