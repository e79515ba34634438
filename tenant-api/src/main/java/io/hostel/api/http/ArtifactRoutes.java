package io.hostel.api.http;

import akka.actor.typed.ActorSystem;
import akka.actor.typed.DispatcherSelector;
import akka.http.javadsl.model.HttpRequest;
import akka.stream.javadsl.StreamConverters;
import io.hostel.api.ArtifactFormat;
import io.hostel.api.ArtifactView;
import io.hostel.api.TenantOperations;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Uploads. The body flows through without ever being held: the port reads it on a thread of its own, and the client is slowed
 * down to the pace of that. One that stalls, or ends early, is an IOException to the reader.
 */
final class ArtifactRoutes {
    /** Threads that block are few: 16 by default (akka.actor.default-blocking-io-dispatcher). */
    private final Crowd uploads = new Crowd(3, 12);

    private final TenantOperations operations;
    private final Bodies bodies;
    private final Deadlines deadlines;
    private final ActorSystem<?> system;
    private final Executor blocking;

    ArtifactRoutes(TenantOperations operations, Bodies bodies, Deadlines deadlines, ActorSystem<?> system) {
        this.deadlines = deadlines;
        this.operations = operations;
        this.bodies = bodies;
        this.system = system;
        this.blocking = system.dispatchers().lookup(DispatcherSelector.blocking());
    }

    List<Call> calls() {
        return List.of(Call.post("/v1/tenants/{tenant}/artifacts", Access.TENANT, Call.Takes.STREAM, this::upload)
                .within(deadlines.upload().plusMinutes(1)));
    }

    private CompletionStage<Answer> upload(Exchange exchange) {
        HttpRequest request = exchange.request();
        String tenant;
        ArtifactFormat format;
        try {
            tenant = exchange.tenant();
            format = format(request);
            if (!uploads.enter(tenant)) {
                throw new Problem.Refused(Problem.of(
                        429,
                        "too-many-calls",
                        "Too many at a time",
                        "too many uploads are under way; wait for one to end"));
            }
        } catch (Problem.Refused e) {
            bodies.drain(request);
            throw e;
        }
        return Stages.of(() -> receive(tenant, format, request))
                .whenComplete((view, failure) -> uploads.leave(tenant))
                .thenApply(view -> Answer.json(201, view));
    }

    private CompletionStage<ArtifactView> receive(String tenant, ArtifactFormat format, HttpRequest request) {
        InputStream body = request.entity()
                .withoutSizeLimit()
                .getDataBytes()
                .completionTimeout(deadlines.upload())
                .runWith(StreamConverters.asInputStream(deadlines.uploadPause()), system);
        return CompletableFuture.supplyAsync(() -> operations.putArtifact(tenant, format, body), blocking)
                .thenCompose(stage -> stage)
                .whenCompleteAsync((view, failure) -> close(body), blocking);
    }

    /** Reads on a little where the reader stopped early: a client sees the answer only when it could send what it was sending. */
    private static void close(InputStream body) {
        byte[] buffer = new byte[64 << 10];
        long end = System.nanoTime() + Duration.ofSeconds(10).toNanos();
        long left = 64L << 20;
        try (body) {
            int read = 0;
            while (read >= 0 && left > 0 && System.nanoTime() < end) {
                read = body.read(buffer);
                left -= read;
            }
        } catch (IOException e) {
            return; // the client has gone, which its reader was told
        }
    }

    private static ArtifactFormat format(HttpRequest request) {
        String type = request.entity().getContentType().mediaType().toString().toLowerCase(Locale.ROOT);
        return Stream.of(ArtifactFormat.values())
                .filter(format -> format.mediaType().equals(type))
                .findFirst()
                .orElseThrow(() -> new Problem.Refused(Bodies.mediaType(Stream.of(ArtifactFormat.values())
                        .map(ArtifactFormat::mediaType)
                        .collect(Collectors.joining(", ")))));
    }
}
