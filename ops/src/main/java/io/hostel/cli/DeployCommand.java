package io.hostel.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Uploads, posts a release and watches it go live. */
@Command(
        name = "deploy",
        description = {
            "Deploys a directory or a tar archive as a new release of an app, and creates the app where there is none.",
            "The release comes from --spec, else from the options and the COMMAND, else from SOURCE/hostel.conf or"
                    + " hostel.json, else from the Procfile in SOURCE."
        },
        footer = "%nExample: hostel deploy alice/hello ./site --port 8080 -- python3 -m http.server 8080")
final class DeployCommand extends AppTarget {
    @Parameters(
            index = "1",
            paramLabel = "SOURCE",
            description = "a directory, a tar (plain, gzip or zstd), or 'none' for an empty /app")
    String source = "";

    @Parameters(index = "2..*", paramLabel = "COMMAND", description = "after '--': the program and its arguments")
    List<String> command = List.of();

    @Option(
            names = "--spec",
            paramLabel = "FILE",
            description = "a release spec in JSON or HOCON; no other options go with it")
    @Nullable
    Path spec;

    @Option(names = "--image", paramLabel = "NAME", description = "root file system (default: host)")
    @Nullable
    String image;

    @Option(
            names = {"-e", "--env"},
            paramLabel = "NAME=VALUE",
            description = "environment, repeatable")
    Map<String, String> env = new LinkedHashMap<>();

    @Option(names = "--no-wait", description = "returns once the release is recorded")
    boolean noWait;

    @Mixin
    ProcessFlags process = new ProcessFlags();

    @Override
    int run() throws Exception {
        ObjectNode body = body();
        if (!source.equals("none")) {
            JsonNode artifact = Artifact.upload(host(), app.tenant(), Path.of(source));
            err().println("Uploaded " + Units.size(artifact.path("size").asLong()) + " as "
                    + artifact.path("digest").asText());
            body.put("artifact", artifact.path("digest").asText());
        }
        JsonNode release = host().send("POST", app.path() + "/releases", body);
        if (noWait) {
            return show(release, "Release " + release.path("release").asInt() + " of " + app + " is under way");
        }
        return new Rollout(this, app).watch(release);
    }

    private ObjectNode body() throws Exception {
        ObjectNode flags = process.json();
        boolean bare = flags.isEmpty() && command.isEmpty();
        if (spec != null) {
            if (!bare || image != null) {
                throw new Trouble(2, "--spec says everything; leave out the process's options and the COMMAND");
            }
            return withEnvironment(SpecFile.read(spec));
        }
        if (bare && image == null) {
            for (String name : List.of("hostel.conf", "hostel.json")) {
                Path file = Path.of(source, name);
                if (Files.isRegularFile(file)) {
                    return withEnvironment(SpecFile.read(file));
                }
            }
        }
        ObjectNode body = object();
        if (image != null) {
            body.put("image", image);
        }
        if (!command.isEmpty()) {
            command.forEach(flags.putArray("command")::add);
            body.putObject("processes").set(process.process, flags);
        } else if (!flags.isEmpty()) {
            throw new Trouble(2, "options of a process need its COMMAND, after '--'");
        }
        return withEnvironment(body);
    }

    private ObjectNode withEnvironment(ObjectNode body) {
        if (!env.isEmpty()) {
            ObjectNode all = body.path("env") instanceof ObjectNode given ? given : body.putObject("env");
            env.forEach(all::put);
        }
        return body;
    }
}
