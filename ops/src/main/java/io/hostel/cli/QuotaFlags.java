package io.hostel.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** A tenant's quota as options; what is left out stays as it is, or the host's default. */
final class QuotaFlags {
    @Option(names = "--memory", paramLabel = "SIZE", description = "of all sandboxes together, e.g. 4GiB")
    @Nullable
    String memory;

    @Option(names = "--cpus", paramLabel = "N", description = "cores, e.g. 2.5")
    @Nullable
    Double cpus;

    @Option(names = "--pids", paramLabel = "N", description = "processes and threads")
    @Nullable
    Integer pids;

    @Option(names = "--disk", paramLabel = "SIZE", description = "writable layers, e.g. 8GiB")
    @Nullable
    String disk;

    @Option(names = "--sandboxes", paramLabel = "N", description = "sandboxes")
    @Nullable
    Integer sandboxes;

    @Option(names = "--published-ports", paramLabel = "N", description = "published ports")
    @Nullable
    Integer publishedPorts;

    @Option(names = "--artifacts", paramLabel = "SIZE", description = "artifacts, unpacked")
    @Nullable
    String artifacts;

    @Option(names = "--apps", paramLabel = "N", description = "apps")
    @Nullable
    Integer apps;

    @Option(names = "--releases", paramLabel = "N", description = "releases kept of each app")
    @Nullable
    Integer releases;

    @Option(names = "--state", paramLabel = "SIZE", description = "in the database: releases, answers, events")
    @Nullable
    String state;

    @Option(names = "--logs", paramLabel = "SIZE", description = "logs, those of ended sandboxes included")
    @Nullable
    String logs;

    @Option(names = "--tokens", paramLabel = "N", description = "tokens")
    @Nullable
    Integer tokens;

    @Option(names = "--files", paramLabel = "N", description = "open files")
    @Nullable
    Long files;

    @Option(names = "--inodes", paramLabel = "N", description = "files of artifacts and writable layers")
    @Nullable
    Long inodes;

    @Option(names = "--connections", paramLabel = "N", description = "tracked connections")
    @Nullable
    Integer connections;

    ObjectNode json() {
        ObjectNode quota = HostCommand.object();
        text(quota, "memory", memory);
        if (cpus != null) {
            quota.put("cpus", cpus);
        }
        number(quota, "pids", pids);
        text(quota, "disk", disk);
        number(quota, "sandboxes", sandboxes);
        number(quota, "publishedPorts", publishedPorts);
        text(quota, "artifacts", artifacts);
        number(quota, "apps", apps);
        number(quota, "releases", releases);
        text(quota, "state", state);
        text(quota, "logs", logs);
        number(quota, "tokens", tokens);
        number(quota, "files", files);
        number(quota, "inodes", inodes);
        number(quota, "connections", connections);
        return quota;
    }

    private static void text(ObjectNode quota, String field, @Nullable String value) {
        if (value != null) {
            quota.put(field, value);
        }
    }

    private static void number(ObjectNode quota, String field, @Nullable Number value) {
        if (value != null) {
            quota.put(field, value.longValue());
        }
    }
}
