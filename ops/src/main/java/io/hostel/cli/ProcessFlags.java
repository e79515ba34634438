package io.hostel.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** One process of a release as options; what is left out is the host's default. */
final class ProcessFlags {
    @Option(names = "--process", paramLabel = "NAME", description = "the process's name (default: ${DEFAULT-VALUE})")
    String process = "web";

    @Option(names = "--port", paramLabel = "PORT", description = "TCP port that it serves; it finds it in $PORT")
    @Nullable
    Integer port;

    @Option(names = "--scale", paramLabel = "N", description = "how many sandboxes (default: 1)")
    @Nullable
    Integer scale;

    @Option(names = "--expose", paramLabel = "WHO", description = "public, tenant or none")
    @Nullable
    String expose;

    @Option(names = "--memory", paramLabel = "SIZE", description = "e.g. 128MiB")
    @Nullable
    String memory;

    @Option(names = "--cpus", paramLabel = "N", description = "cores, e.g. 0.5")
    @Nullable
    Double cpus;

    @Option(names = "--pids", paramLabel = "N", description = "processes and threads")
    @Nullable
    Integer pids;

    @Option(names = "--disk", paramLabel = "SIZE", description = "writable layer, e.g. 256MiB")
    @Nullable
    String disk;

    @Option(names = "--files", paramLabel = "N", description = "open files of one process")
    @Nullable
    Integer files;

    @Option(names = "--health", paramLabel = "PATH", description = "path to GET; else a TCP connection is enough")
    @Nullable
    String health;

    @Option(names = "--startup", paramLabel = "DURATION", description = "a release not ready within this has failed")
    @Nullable
    String startup;

    @Option(names = "--restart", paramLabel = "POLICY", description = "always, on-failure or never")
    @Nullable
    String restart;

    @Option(names = "--stop-timeout", paramLabel = "DURATION", description = "from SIGTERM to SIGKILL")
    @Nullable
    String stopTimeout;

    @Option(names = "--network", paramLabel = "KIND", description = "tenant or none")
    @Nullable
    String network;

    @Option(names = "--egress", paramLabel = "KIND", description = "world or none")
    @Nullable
    String egress;

    @Option(names = "--user", paramLabel = "UID[:GID]", description = "who it runs as inside (default: 0)")
    @Nullable
    String user;

    /** The fields that were given, in the API's words. */
    ObjectNode json() {
        ObjectNode spec = HostCommand.object();
        put(spec, "port", port);
        put(spec, "scale", scale);
        put(spec, "expose", expose);
        ObjectNode limits = HostCommand.object();
        put(limits, "memory", memory);
        put(limits, "cpus", cpus);
        put(limits, "pids", pids);
        put(limits, "disk", disk);
        put(limits, "files", files);
        nest(spec, "limits", limits);
        ObjectNode check = HostCommand.object();
        put(check, "http", health);
        put(check, "startup", startup);
        nest(spec, "health", check);
        ObjectNode again = HostCommand.object();
        put(again, "policy", restart);
        nest(spec, "restart", again);
        put(spec, "stopTimeout", stopTimeout);
        put(spec, "network", network);
        put(spec, "egress", egress);
        put(spec, "user", user);
        return spec;
    }

    private static void nest(ObjectNode spec, String field, ObjectNode value) {
        if (!value.isEmpty()) {
            spec.set(field, value);
        }
    }

    private static void put(ObjectNode spec, String field, @Nullable Object value) {
        if (value != null) {
            spec.putPOJO(field, value);
        }
    }
}
