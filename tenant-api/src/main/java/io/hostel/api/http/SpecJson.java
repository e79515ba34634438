package io.hostel.api.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.hostel.api.ProcessSpec;
import io.hostel.api.Refusal;
import io.hostel.api.RefusedException;
import io.hostel.api.ReleaseSpec;
import io.hostel.api.TimeSpan;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** A release spec as JSON and back: {@code read(write(spec))} equals {@code spec}. */
public final class SpecJson {
    private static final int MOST_VARIABLES = 500;
    private static final int MOST_VARIABLE_CHARS = 32 * 1024;
    /** Well below what execve(2) takes (a quarter of an 8 MiB stack); the command has as much. */
    private static final int MOST_ENV_BYTES = 128 * 1024;

    private SpecJson() {}

    /** @throws RefusedException with every field that is bad */
    public static ReleaseSpec read(JsonNode json) {
        FieldProblems problems = new FieldProblems();
        Fields fields = new Fields(json, "", problems, Set.of("artifact", "image", "env", "processes"));
        Optional<String> artifact = fields.text("artifact", 100).filter(digest -> {
            if (!Names.isDigest(digest)) {
                fields.problem("artifact", "must be sha256: and 64 lower-case hex digits, as the upload answered");
            }
            return Names.isDigest(digest);
        });
        String image = fields.text("image", 64).orElse("host");
        if (!Names.isImage(image)) {
            fields.problem("image", "must be 1 to 64 of a-z, 0-9, '.', '_' and '-', a letter or digit first");
        }
        Map<String, String> env = env(fields);
        Map<String, ProcessSpec> processes = new LinkedHashMap<>();
        fields.each("processes", ReleaseSpec.MOST_PROCESSES, (name, node) -> {
            String pointer = new Fields(json, "/processes", new FieldProblems(), Set.of()).pointer(name);
            if (!Names.isLabel(name)) {
                problems.add(pointer, "the name " + Names.LABEL_RULE);
            }
            processes.put(name, ProcessFields.read(name, node, pointer, problems));
        });
        if (artifact.isEmpty() && processes.isEmpty() && problems.all().isEmpty()) {
            fields.problem("processes", "is missing, and without an artifact there is no Procfile to give them");
        }
        problems.refuse();
        ReleaseSpec spec = new ReleaseSpec(artifact, image, env, processes);
        int bytes = Json.write(json).getBytes(StandardCharsets.UTF_8).length;
        if (bytes > ReleaseSpec.MOST_BYTES) {
            throw new RefusedException(new Refusal.TooLarge(
                    "the spec has " + bytes + " bytes; at most " + ReleaseSpec.MOST_BYTES + " go"));
        }
        return spec;
    }

    /** As {@link #read(JsonNode)}, from what {@link #write} gave. */
    public static ReleaseSpec read(String json) throws Json.MalformedException {
        return read(Json.read(json));
    }

    /** With every default spelt out; sizes in bytes. */
    public static ObjectNode tree(ReleaseSpec spec) {
        ObjectNode json = (ObjectNode) Json.tree(Map.of());
        spec.artifact().ifPresent(artifact -> json.put("artifact", artifact));
        json.put("image", spec.image());
        json.set("env", Json.tree(spec.env()));
        ObjectNode processes = json.putObject("processes");
        new TreeMap<>(spec.processes()).forEach((name, process) -> processes.set(name, tree(process)));
        return json;
    }

    public static String write(ReleaseSpec spec) {
        return Json.write(tree(spec));
    }

    private static ObjectNode tree(ProcessSpec process) {
        ObjectNode json = (ObjectNode) Json.tree(process);
        json.putObject("restart").put("policy", Json.word(process.restart()));
        json.put("stopTimeout", TimeSpan.format(process.stopTimeout()));
        return json;
    }

    /** Environment variables of a release or a command run by exec. */
    static Map<String, String> env(Fields fields) {
        Map<String, String> env = fields.textMap("env", MOST_VARIABLES, MOST_VARIABLE_CHARS);
        long bytes = 0;
        for (Map.Entry<String, String> variable : env.entrySet()) {
            bytes += variable.getKey().length() + 2 + variable.getValue().getBytes(StandardCharsets.UTF_8).length;
            if (!Names.isVariable(variable.getKey())) {
                fields.problem(
                        "env",
                        "\"" + shown(variable.getKey())
                                + "\" is no name of a variable: letters, digits and '_', no digit first");
            }
        }
        if (bytes > MOST_ENV_BYTES) {
            fields.problem("env", "takes " + bytes + " bytes; at most " + MOST_ENV_BYTES + " go");
        }
        return env;
    }

    private static String shown(String text) {
        return text.length() <= 40 ? text : text.substring(0, 40) + "…";
    }
}
