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
        return quota;
    }

    private static void text(ObjectNode quota, String field, @Nullable String value) {
        if (value != null) {
            quota.put(field, value);
        }
    }

    private static void number(ObjectNode quota, String field, @Nullable Integer value) {
        if (value != null) {
            quota.put(field, value);
        }
    }
}
