package io.hostel.api.http;

import akka.actor.typed.ActorSystem;
import akka.actor.typed.DispatcherSelector;
import akka.http.javadsl.model.HttpRequest;
import akka.stream.javadsl.StreamConverters;
import io.hostel.api.ArtifactFormat;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Bodies of any length. They flow through without ever being held: the port reads one on a thread of its own, and the client is
 * slowed down to the pace of that. One that stalls, or ends early, is an IOException to the reader.
 */
final class Uploads {
    private final Deadlines deadlines;
    private final ActorSystem<?> system;
    private final Executor blocking;

    Uploads(Deadlines deadlines, ActorSystem<?> system) {
        this.deadlines = deadlines;
        this.system = system;
        this.blocking = system.dispatchers().lookup(DispatcherSelector.blocking());
    }

    /** @param reader reads the body, which is closed when its stage completes */
    <T> CompletionStage<T> receive(HttpRequest request, Function<InputStream, CompletionStage<T>> reader) {
        InputStream body = request.entity()
                .withoutSizeLimit()
                .getDataBytes()
                .completionTimeout(deadlines.upload())
                .runWith(StreamConverters.asInputStream(deadlines.uploadPause()), system);
        return CompletableFuture.supplyAsync(() -> reader.apply(body), blocking)
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

    /** @throws Problem.Refused where the body's media type is no archive's */
    static ArtifactFormat format(HttpRequest request) {
        String type = request.entity().getContentType().mediaType().toString().toLowerCase(Locale.ROOT);
        return Stream.of(ArtifactFormat.values())
                .filter(format -> format.mediaType().equals(type))
                .findFirst()
                .orElseThrow(() -> new Problem.Refused(Bodies.mediaType(Stream.of(ArtifactFormat.values())
                        .map(ArtifactFormat::mediaType)
                        .collect(Collectors.joining(", ")))));
    }
}
