package io.hostel.api.http;

import akka.actor.typed.ActorSystem;
import akka.http.javadsl.model.HttpEntity;
import akka.http.javadsl.model.HttpRequest;
import akka.stream.StreamLimitReachedException;
import akka.stream.javadsl.Sink;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.NullNode;
import io.hostel.api.TimeSpan;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Reads requests' bodies, within bounds of size and time. */
final class Bodies {
    /** What is read and thrown away of a body that nobody wants, so that its sender sees the answer rather than a reset. */
    private static final long MOST_LEFTOVER = 64L << 20;

    /** Bodies up to this many bytes are no matter. */
    private static final long FREE = 16 << 10;

    private final ActorSystem<?> system;
    private final Duration longest;

    /** @param longest for a whole body */
    Bodies(ActorSystem<?> system, Duration longest) {
        this.system = system;
        this.longest = longest;
    }

    /** What reading it may take of the memory, where that is more than any call has; bytes. */
    static long weight(HttpRequest request, Call call) {
        long length = call.body() == Call.Takes.STREAM
                ? 0
                : request.entity().getContentLengthOption().orElse(request.entity().isStrict() ? 0 : call.most());
        return length <= FREE ? 0 : Math.min(length, call.most());
    }

    /** The whole body; fails with {@link Problem.Refused} where it has more than {@code most} bytes or is too slow. */
    CompletionStage<byte[]> bytes(HttpRequest request, long most) {
        if (request.entity().getContentLengthOption().orElse(0) > MOST_LEFTOVER) {
            drain(request);
            return CompletableFuture.failedFuture(tooLarge(most));
        }
        if (request.entity() instanceof HttpEntity.Strict here) {
            byte[] bytes = here.getData().toArray();
            return bytes.length > most
                    ? CompletableFuture.failedFuture(tooLarge(most))
                    : CompletableFuture.completedFuture(bytes);
        }
        // What is too much is read on for a while and thrown away: a connection closed on a client that still sends
        // takes the answer with it.
        // What is kept is copied: a client may send pieces of one byte each, and an object for each takes far more.
        Pieces read = new Pieces();
        return request.entity()
                .withoutSizeLimit()
                .getDataBytes()
                .limitWeighted(MOST_LEFTOVER, bytes -> (long) bytes.size())
                .completionTimeout(longest)
                .runWith(
                        Sink.foreach(piece -> {
                            if (read.size() <= most) {
                                read.writeBytes(piece.toArrayUnsafe());
                            }
                        }),
                        system)
                .handle((done, failure) -> {
                    if (failure == null) {
                        if (read.size() > most) {
                            throw tooLarge(most);
                        }
                        return read.bytes();
                    }
                    Throwable cause = Stages.cause(failure);
                    throw cause instanceof StreamLimitReachedException
                            ? tooLarge(most)
                            : new Problem.Refused(
                                    cause instanceof java.util.concurrent.TimeoutException
                                            ? Problem.of(
                                                    408,
                                                    "too-slow",
                                                    "Too slow",
                                                    "the body took longer than " + TimeSpan.format(longest))
                                            : Problem.malformed("the body ended early"));
                });
    }

    /** The JSON of a body that was read; fails with {@link Problem.Refused}. */
    static JsonNode json(HttpRequest request, Call.Takes takes, byte[] bytes) {
        if (takes == Call.Takes.STREAM) {
            return NullNode.getInstance();
        }
        if (takes == Call.Takes.NOTHING) {
            String text = new String(bytes, java.nio.charset.StandardCharsets.ISO_8859_1).strip();
            if (!text.isEmpty() && !text.equals("{}")) {
                throw new Problem.Refused(Problem.malformed("this call takes no body"));
            }
            return NullNode.getInstance();
        }
        String type = request.entity().getContentType().mediaType().toString().toLowerCase(Locale.ROOT);
        if (!type.equals("application/json") && !type.equals("none/none")) {
            throw new Problem.Refused(mediaType("application/json"));
        }
        try {
            return Json.read(bytes);
        } catch (Json.MalformedException e) {
            throw new Problem.Refused(Problem.malformed("the body is no JSON: " + e.getMessage()));
        }
    }

    static Problem mediaType(String wanted) {
        return Problem.of(415, "media-type", "Not this kind of body", "send Content-Type: " + wanted);
    }

    /** Lets go of a body that is not wanted. */
    void drain(HttpRequest request) {
        if (!request.entity().isStrict()) {
            request.entity()
                    .withoutSizeLimit()
                    .getDataBytes()
                    .limitWeighted(MOST_LEFTOVER, bytes -> (long) bytes.size())
                    .takeWithin(Duration.ofSeconds(10))
                    .runWith(Sink.ignore(), system);
        }
    }

    private static Problem.Refused tooLarge(long most) {
        return new Problem.Refused(
                Problem.of(413, "too-large", "Too large", "the body has more than " + most + " bytes"));
    }
}
