package io.hostel.api.http;

import io.hostel.api.ExecRequest;
import io.hostel.api.TenantOperations;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;

/** Sandboxes, and commands run in them. */
final class SandboxRoutes {
    private static final String SANDBOXES = "/v1/tenants/{tenant}/apps/{app}/sandboxes";
    private static final String SANDBOX = SANDBOXES + "/{sandbox}";
    private static final Duration EXEC_STANDARD = Duration.ofSeconds(60);
    /** Of what the command reads. */
    private static final int MOST_STDIN = 1 << 20;

    /** Most of it is that, in Base64. */
    private static final long MOST_EXEC_BYTES = (MOST_STDIN / 3 + 1) * 4L + (256 << 10);

    private static final int MOST_PATH = 4_095; // PATH_MAX without its end

    private static final Duration EXEC_LONGEST = Duration.ofHours(1);

    private final TenantOperations operations;

    SandboxRoutes(TenantOperations operations) {
        this.operations = operations;
    }

    List<Call> calls() {
        return List.of(
                Call.get(
                        SANDBOXES,
                        Access.TENANT,
                        x -> operations.sandboxes(x.tenant(), x.app()).thenApply(Answer::items)),
                Call.get(
                        SANDBOX,
                        Access.TENANT,
                        x -> operations
                                .sandbox(x.tenant(), x.app(), x.sandbox())
                                .thenApply(Answer::ok)),
                Call.delete(
                                SANDBOX,
                                Access.TENANT,
                                x -> operations
                                        .stopSandbox(x.tenant(), x.app(), x.sandbox(), x.waiting())
                                        .thenApply(settled -> settled.settled()
                                                ? Answer.nothing()
                                                : Answer.json(202, Map.of("status", "stopping"))))
                        .withWait(),
                Call.post(SANDBOX + "/exec", Access.TENANT, Call.Takes.JSON, this::exec)
                        .within(EXEC_LONGEST.plusSeconds(30))
                        .upTo(MOST_EXEC_BYTES)
                        .thatWaits());
    }

    private CompletionStage<Answer> exec(Exchange exchange) {
        FieldProblems problems = new FieldProblems();
        Fields fields = exchange.fields(problems, Set.of("command", "stdin", "stdinBase64", "env", "workdir", "user", "timeout"));
        List<String> command = ProcessFields.command(fields);
        byte[] stdin = stdin(fields);
        Map<String, String> env = SpecJson.env(fields);
        Optional<String> workdir = fields.text("workdir", MOST_PATH);
        if (workdir.isPresent() && !workdir.get().startsWith("/")) {
            fields.problem("workdir", "must be an absolute path");
        }
        Optional<String> user = ProcessFields.user(fields);
        Duration timeout =
                fields.duration("timeout", Duration.ofMillis(1), EXEC_LONGEST).orElse(EXEC_STANDARD);
        problems.refuse();
        return operations
                .exec(
                        exchange.tenant(),
                        exchange.app(),
                        exchange.sandbox(),
                        new ExecRequest(command, stdin, env, workdir, user, timeout))
                .thenApply(ExecAnswer::of);
    }

    private static byte[] stdin(Fields fields) {
        Optional<byte[]> text = fields.bytes("stdin");
        Optional<byte[]> encoded = fields.base64("stdinBase64");
        if (text.isPresent() && encoded.isPresent()) {
            fields.problem("stdinBase64", "is a second stdin; one of the two goes");
        }
        byte[] stdin = encoded.or(() -> text).orElse(new byte[0]);
        if (stdin.length > MOST_STDIN) {
            fields.problem(
                    encoded.isPresent() ? "stdinBase64" : "stdin",
                    "has " + stdin.length + " bytes; at most " + MOST_STDIN + " go");
        }
        return stdin;
    }
}
