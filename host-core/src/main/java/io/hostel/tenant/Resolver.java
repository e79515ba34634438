package io.hostel.tenant;

import io.hostel.api.ProcessSpec;
import io.hostel.api.ProcessSpec.Egress;
import io.hostel.api.ProcessSpec.Expose;
import io.hostel.api.ProcessSpec.Health;
import io.hostel.api.ProcessSpec.Limits;
import io.hostel.api.ProcessSpec.Network;
import io.hostel.api.ProcessSpec.RestartPolicy;
import io.hostel.api.Refusal;
import io.hostel.api.RefusedException;
import io.hostel.api.ReleaseSpec;
import io.hostel.kernel.PacketFilter;
import io.hostel.network.PortPool;
import io.hostel.store.ArtifactStore;
import io.hostel.store.Image;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;

/** Finds what a release runs on: its artifact's tree, its image, and the processes that the artifact's Procfile names. */
public final class Resolver {
    private static final int WEB_PORT = 8080;

    /** What a Procfile has for people to run now and then. */
    private static final Set<String> WAITS_TO_BE_ASKED = Set.of("console", "rake", "task");

    /** What a Procfile has for the moment before a release is live; it is no service. */
    private static final String RELEASE_COMMAND = "release";

    private static final String NAME = "[a-z0-9]([a-z0-9-]{0,28}[a-z0-9])?";

    private final ArtifactStore artifacts;
    private final Images images;
    private final PortPool ports;
    private final Executor blocking;

    public Resolver(ArtifactStore artifacts, Images images, PortPool ports, Executor blocking) {
        this.artifacts = artifacts;
        this.images = images;
        this.ports = ports;
        this.blocking = blocking;
    }

    /** @param layers topmost first */
    record Sources(List<Path> layers, List<Path> binds) {}

    /** @param spec with its processes filled in */
    record Resolved(ReleaseSpec spec, Sources sources) {}

    /**
     * Of a release that is recorded, whatever bounds there were at its time. Fails with RefusedException Invalid that points at
     * the field; the tenant's right to the artifact is not looked at.
     */
    CompletionStage<Resolved> resolve(ReleaseSpec spec) {
        return CompletableFuture.supplyAsync(() -> found(spec), blocking);
    }

    /**
     * As the other, of a release to be deployed: it is held to the bounds of its size, and where it takes a port to lease, which of
     * them are listened on is looked up before.
     *
     * @param ported processes that have a port already
     */
    CompletionStage<Resolved> resolve(ReleaseSpec spec, Set<String> ported) {
        return CompletableFuture.supplyAsync(
                () -> {
                    Resolved found = found(spec);
                    checkSize(found.spec());
                    boolean leases = found.spec().processes().entrySet().stream()
                            .anyMatch(p -> Published.is(p.getValue()) && !ported.contains(p.getKey()));
                    if (leases) {
                        ports.look();
                    }
                    return found;
                },
                blocking);
    }

    private Resolved found(ReleaseSpec spec) {
        Image image = images.image(spec.image())
                .orElseThrow(() -> invalid("/image", "There is no image \"" + spec.image() + "\"."));
        List<Path> layers = new ArrayList<>();
        spec.artifact().ifPresent(digest -> layers.add(artifacts.layer(digest).orElseThrow(() -> noArtifact(digest))));
        layers.add(image.layer());
        ReleaseSpec whole = spec.processes().isEmpty()
                ? new ReleaseSpec(spec.artifact(), spec.image(), spec.env(), procfile(spec))
                : spec;
        return new Resolved(whole, new Sources(layers, image.binds()));
    }

    /** What the artifact's Procfile says counts as what the spec says itself. */
    private static void checkSize(ReleaseSpec spec) {
        if (spec.processes().size() > ReleaseSpec.MOST_PROCESSES) {
            throw invalid(
                    "/processes",
                    "There are " + spec.processes().size() + " processes; at most " + ReleaseSpec.MOST_PROCESSES + " go.");
        }
        if (spec.bytes() > ReleaseSpec.MOST_BYTES) {
            throw invalid(
                    "",
                    "The release's environment and commands take " + spec.bytes() + " bytes; at most "
                            + ReleaseSpec.MOST_BYTES + " go.");
        }
    }

    static RefusedException noArtifact(String digest) {
        return invalid("/artifact", "There is no artifact " + digest + "; upload it first.");
    }

    private Map<String, ProcessSpec> procfile(ReleaseSpec spec) {
        Map<String, ProcessSpec> processes = new LinkedHashMap<>();
        try {
            List<ArtifactStore.ProcfileEntry> entries = spec.artifact().isPresent()
                    ? artifacts.procfile(spec.artifact().get())
                    : List.of();
            for (ArtifactStore.ProcfileEntry entry : entries) {
                if (!entry.process().matches(NAME)) {
                    throw invalid(
                            "/processes",
                            "The artifact's Procfile names a process \"" + entry.process()
                                    + "\"; a name is a DNS label of at most 30 characters.");
                }
                if (!entry.process().equals(RELEASE_COMMAND)) {
                    processes.put(entry.process(), process(entry));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        if (processes.isEmpty()) {
            throw invalid(
                    "/processes", "There is nothing to run: name processes, or put a Procfile into the artifact.");
        }
        return processes;
    }

    private static ProcessSpec process(ArtifactStore.ProcfileEntry entry) {
        boolean web = entry.process().equals("web");
        return new ProcessSpec(
                entry.command(),
                web ? Optional.of(WEB_PORT) : Optional.empty(),
                Optional.empty(),
                WAITS_TO_BE_ASKED.contains(entry.process()) ? 0 : 1,
                web ? Expose.PUBLIC : Expose.TENANT,
                Limits.DEFAULT,
                Health.DEFAULT,
                RestartPolicy.ALWAYS,
                Duration.ofSeconds(10),
                Network.TENANT,
                Egress.WORLD,
                "0");
    }

    static Optional<Refusal> tooMany(ReleaseSpec spec, Map<String, Integer> scales) {
        return spec.processes().entrySet().stream()
                .flatMap(p -> tooMany(
                        p.getValue(), scales.getOrDefault(p.getKey(), 0), "/processes/" + p.getKey() + "/scale")
                        .stream())
                .findFirst();
    }

    /** One port is balanced over so many sandboxes at most. */
    static Optional<Refusal> tooMany(ProcessSpec process, int scale, String pointer) {
        return Published.is(process) && scale > PacketFilter.MAX_BACKENDS
                ? Optional.of(invalid(
                                pointer,
                                "A published process has at most " + PacketFilter.MAX_BACKENDS + " sandboxes, not "
                                        + scale + ".")
                        .refusal())
                : Optional.empty();
    }

    private static RefusedException invalid(String pointer, String detail) {
        return new RefusedException(new Refusal.Invalid(detail, List.of(new Refusal.FieldProblem(pointer, detail))));
    }
}
