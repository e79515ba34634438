package io.hostel.api.http;

import akka.NotUsed;
import akka.http.javadsl.model.ContentTypes;
import akka.http.javadsl.model.HttpEntities;
import akka.http.javadsl.model.HttpHeader;
import akka.http.javadsl.model.HttpRequest;
import akka.http.javadsl.model.ResponseEntity;
import akka.stream.Attributes;
import akka.stream.javadsl.JavaFlowSupport;
import akka.stream.javadsl.Source;
import akka.util.ByteString;
import java.time.Duration;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.concurrent.Flow;
import java.util.function.Function;

/** An endless answer: one JSON value per line (NDJSON), or server-sent events where the request accepts those. */
enum LineStream {
    NDJSON("application/x-ndjson", " "), // JSON may begin with blanks
    SSE("text/event-stream", ":\n\n");

    /** Something is sent this often, so that either side learns when the other is gone. */
    private static final Duration HEARTBEAT = Duration.ofSeconds(15);
    /** A client that takes nothing for this long is cut off. */
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    /**
     * A slow reader holds up the source, and not many of its values. Of a whole stream: it is the first stage that
     * fetches, not the source.
     */
    static final Attributes ONE_AHEAD = Attributes.inputBuffer(1, 1);

    private final String mediaType;
    private final ByteString heartbeat;

    LineStream(String mediaType, String heartbeat) {
        this.mediaType = mediaType;
        this.heartbeat = ByteString.fromString(heartbeat);
    }

    static LineStream of(HttpRequest request) {
        for (HttpHeader header : request.getHeaders()) {
            if (header.is("accept") && header.value().toLowerCase(Locale.ROOT).contains("text/event-stream")) {
                return SSE;
            }
        }
        return NDJSON;
    }

    boolean followsByDefault() {
        return this == SSE;
    }

    /**
     * @param id the number by which a client can ask for what came after
     * @param place held while it lasts
     */
    <T> ResponseEntity entity(Flow.Publisher<T> values, Function<T, OptionalLong> id, Held place) {
        Source<ByteString, NotUsed> bytes = JavaFlowSupport.Source.fromPublisher(values)
                .map(value -> ByteString.fromString(line(Json.write(value), id.apply(value))))
                .keepAlive(HEARTBEAT, () -> heartbeat)
                .backpressureTimeout(PATIENCE)
                .withAttributes(ONE_AHEAD);
        return HttpEntities.createChunked(ContentTypes.parse(mediaType), place.during(bytes));
    }

    private String line(String json, OptionalLong id) {
        if (this == NDJSON) {
            return json + "\n";
        }
        return (id.isPresent() ? "id: " + id.getAsLong() + "\n" : "") + "data: " + json + "\n\n";
    }
}
