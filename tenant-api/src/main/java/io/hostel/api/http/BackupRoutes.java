package io.hostel.api.http;

import akka.actor.typed.ActorSystem;
import akka.http.javadsl.model.ContentTypes;
import akka.http.javadsl.model.HttpEntities;
import akka.stream.javadsl.JavaFlowSupport;
import akka.stream.javadsl.Source;
import akka.util.ByteString;
import io.hostel.api.ArtifactFormat;
import io.hostel.api.TenantOperations;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;

/** The whole host as one file, and back. */
final class BackupRoutes {
    /** Until the answer begins: the database has been copied by then. */
    private static final Duration BEGUN_WITHIN = Duration.ofMinutes(5);

    private final TenantOperations operations;
    private final Bodies bodies;
    private final Deadlines deadlines;
    private final Uploads uploads;
    private final ActorSystem<?> system;

    BackupRoutes(
            TenantOperations operations, Bodies bodies, Deadlines deadlines, Uploads uploads, ActorSystem<?> system) {
        this.operations = operations;
        this.bodies = bodies;
        this.deadlines = deadlines;
        this.uploads = uploads;
        this.system = system;
    }

    List<Call> calls() {
        return List.of(
                Call.get("/v1/backup", Access.OPERATOR, this::backup).within(BEGUN_WITHIN),
                Call.post("/v1/restore", Access.OPERATOR, Call.Takes.STREAM, this::restore)
                        .within(deadlines.upload().plus(BEGUN_WITHIN)));
    }

    private CompletionStage<Answer> backup(Exchange exchange) {
        return operations.backup().thenApply(this::stream);
    }

    /** Subscribed to at once: a client that has gone before the answer begins is one that does not read. */
    private Answer stream(Flow.Publisher<ByteBuffer> pieces) {
        var bytes = JavaFlowSupport.Source.fromPublisher(pieces)
                .map(ByteString::fromByteBuffer)
                .preMaterialize(system);
        Source<ByteString, ?> once = bytes.second();
        return Answer.stream(HttpEntities.createChunked(ContentTypes.parse(ArtifactFormat.ZSTD.mediaType()), once))
                .with("Content-Disposition", "attachment; filename=\"hostel-backup.tar.zst\"");
    }

    private CompletionStage<Answer> restore(Exchange exchange) {
        ArtifactFormat format;
        try {
            format = Uploads.format(exchange.request());
        } catch (Problem.Refused e) {
            bodies.drain(exchange.request());
            throw e;
        }
        return uploads.receive(exchange.request(), exchange.party(), body -> operations.restore(format, body))
                .thenApply(view -> Answer.json(202, view));
    }
}
