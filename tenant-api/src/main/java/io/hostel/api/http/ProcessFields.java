package io.hostel.api.http;

import com.fasterxml.jackson.databind.JsonNode;
import io.hostel.api.ProcessSpec;
import io.hostel.api.ProcessSpec.Egress;
import io.hostel.api.ProcessSpec.Expose;
import io.hostel.api.ProcessSpec.Health;
import io.hostel.api.ProcessSpec.Limits;
import io.hostel.api.ProcessSpec.Network;
import io.hostel.api.ProcessSpec.RestartPolicy;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Reads one process of a release spec, with its defaults and bounds. */
final class ProcessFields {
    static final int MOST_SCALE = 1_000;
    private static final int MOST_WORDS = 1_000;
    private static final int MOST_COMMAND_BYTES = 128 * 1024; // of one word, too: MAX_ARG_STRLEN of execve(2)
    private static final Duration STOP = Duration.ofSeconds(10);

    private ProcessFields() {}

    static ProcessSpec read(String name, JsonNode json, String pointer, FieldProblems problems) {
        Fields fields = new Fields(
                json,
                pointer,
                problems,
                Set.of(
                        "command",
                        "port",
                        "scale",
                        "initialScale",
                        "expose",
                        "limits",
                        "health",
                        "restart",
                        "stopTimeout",
                        "network",
                        "egress",
                        "user"));
        Optional<Integer> port = fields.whole("port", 1, 65_535).map(Long::intValue);
        Network network = fields.word("network", Network.values()).orElse(Network.TENANT);
        return new ProcessSpec(
                command(fields),
                port,
                fields.whole("scale", 0, MOST_SCALE).map(Long::intValue),
                fields.whole("initialScale", 0, MOST_SCALE).orElse(1L).intValue(),
                expose(name, fields, port, network),
                limits(fields),
                health(fields),
                restart(fields),
                fields.duration("stopTimeout", Duration.ZERO, Duration.ofMinutes(10))
                        .orElse(STOP),
                network,
                fields.word("egress", Egress.values()).orElse(Egress.WORLD),
                user(fields).orElse("0"));
    }

    /** A command, which must be there. */
    static List<String> command(Fields fields) {
        List<String> command = fields.required("command", fields.texts("command", MOST_WORDS, MOST_COMMAND_BYTES))
                .orElse(List.of());
        long bytes = 0;
        for (String word : command) {
            bytes += word.getBytes(StandardCharsets.UTF_8).length + 1;
        }
        if (bytes > MOST_COMMAND_BYTES) {
            fields.problem("command", "takes " + bytes + " bytes; at most " + MOST_COMMAND_BYTES + " go");
        } else if (fields.has("command") && (command.isEmpty() || command.get(0).isEmpty())) {
            fields.problem("command", "must begin with a program");
        }
        return command;
    }

    static Optional<String> user(Fields fields) {
        Optional<String> user = fields.text("user", 20);
        if (user.isPresent() && !Names.isUser(user.get())) {
            fields.problem("user", "must be a uid or uid:gid, each within 0..65534");
        }
        return user;
    }

    private static Expose expose(String name, Fields fields, Optional<Integer> port, Network network) {
        boolean byDefault = name.equals("web") && port.isPresent();
        Expose natural = network == Network.NONE ? Expose.NONE : byDefault ? Expose.PUBLIC : Expose.TENANT;
        Expose expose = fields.word("expose", Expose.values()).orElse(natural);
        if (expose != Expose.NONE && network == Network.NONE) {
            fields.problem("expose", "nobody reaches a process whose network is none; say none or leave it out");
        } else if (expose == Expose.PUBLIC && port.isEmpty() && !fields.has("port")) {
            fields.problem("port", "is missing: a public process needs one");
        }
        return expose;
    }

    private static Limits limits(Fields fields) {
        Fields limits = fields.inner("limits", Set.of("memory", "cpus", "pids", "disk", "files"));
        Limits standard = Limits.DEFAULT;
        return new Limits(
                limits.size("memory", 4L << 20, 1L << 42).orElse(standard.memory()),
                limits.decimal("cpus", 0.01, 64).orElse(standard.cpus()),
                limits.whole("pids", 4, 1 << 20).map(Long::intValue).orElse(standard.pids()),
                limits.size("disk", 1L << 20, 1L << 42).orElse(standard.disk()),
                limits.whole("files", 16, 1 << 20).map(Long::intValue).orElse(standard.files()));
    }

    private static Health health(Fields fields) {
        Fields health = fields.inner("health", Set.of("http", "interval", "timeout", "startup"));
        Health standard = Health.DEFAULT;
        Optional<String> http = health.text("http", 1_000);
        if (http.isPresent() && !Names.isHttpPath(http.get())) {
            health.problem("http", "must be a path: '/' first, and no blanks, controls or characters beyond ASCII");
        } else if (http.isPresent() && !fields.has("port")) {
            health.problem("http", "needs a port to ask on; give the process one");
        }
        Duration least = Duration.ofMillis(100);
        return new Health(
                http,
                health.duration("interval", least, Duration.ofHours(1)).orElse(standard.interval()),
                health.duration("timeout", least, Duration.ofMinutes(1)).orElse(standard.timeout()),
                health.duration("startup", least, Duration.ofHours(1)).orElse(standard.startup()));
    }

    private static RestartPolicy restart(Fields fields) {
        return fields.inner("restart", Set.of("policy"))
                .word("policy", RestartPolicy.values())
                .orElse(RestartPolicy.ALWAYS);
    }
}
