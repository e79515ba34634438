package io.hostel.api.http;

import akka.NotUsed;
import akka.http.javadsl.model.ContentTypes;
import akka.http.javadsl.model.HttpEntities;
import akka.http.javadsl.model.HttpHeader;
import akka.http.javadsl.model.HttpResponse;
import akka.http.javadsl.model.ResponseEntity;
import akka.http.javadsl.model.StatusCodes;
import akka.http.javadsl.model.headers.RawHeader;
import akka.stream.javadsl.Source;
import akka.util.ByteString;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;

/**
 * What a call answers.
 *
 * @param body a text of at most {@value #MOST_TEXT} bytes; longer ones are {@code outgoing}
 * @param stream an endless body in place of the text, whose place is among the streams
 * @param outgoing a long body in place of the text, for which the call keeps its place until it is sent
 */
record Answer(
        int status,
        String contentType,
        String body,
        List<HttpHeader> headers,
        Optional<ResponseEntity> stream,
        Optional<Outgoing> outgoing) {
    static final String JSON = "application/json";

    /** What the host holds for each connection without counting it, bytes. */
    static final int MOST_TEXT = 64 << 10;

    /**
     * @param length in bytes where it is known
     * @param held bytes of memory that it takes until it is sent
     * @param release says that it is sent or will not be; called once
     */
    record Outgoing(Source<ByteString, NotUsed> bytes, OptionalLong length, long held, Runnable release) {
        /** Sent piece by piece, out of memory. */
        static Outgoing of(Pieces pieces) {
            return new Outgoing(
                    Source.from(pieces.list()), OptionalLong.of(pieces.size()), pieces.size(), () -> {});
        }
    }

    /** Nothing here may be cached or sniffed: it is somebody's, and holds what tenants wrote. */
    private static final List<HttpHeader> ALWAYS = List.of(
            RawHeader.create("Cache-Control", "no-store"), RawHeader.create("X-Content-Type-Options", "nosniff"));

    static Answer json(int status, Object value) {
        Pieces json = Json.pieces(value);
        return json.size() <= MOST_TEXT
                ? text(status, JSON, json.text())
                : outgoing(status, JSON, Outgoing.of(json));
    }

    static Answer ok(Object value) {
        return json(200, value);
    }

    static Answer items(List<?> items) {
        return ok(Map.of("items", items));
    }

    static Answer nothing() {
        return text(204, "", "");
    }

    static Answer text(int status, String contentType, String body) {
        return new Answer(status, contentType, body, List.of(), Optional.empty(), Optional.empty());
    }

    static Answer stream(ResponseEntity entity) {
        return new Answer(200, "", "", List.of(), Optional.of(entity), Optional.empty());
    }

    static Answer outgoing(int status, String contentType, Outgoing outgoing) {
        return new Answer(status, contentType, "", List.of(), Optional.empty(), Optional.of(outgoing));
    }

    /** Nobody will send it. */
    void discard() {
        outgoing.ifPresent(bytes -> bytes.release().run());
    }

    Answer with(String header, String value) {
        List<HttpHeader> more = Stream.concat(headers.stream(), Stream.of(RawHeader.create(header, value)))
                .toList();
        return new Answer(status, contentType, body, more, stream, outgoing);
    }

    HttpResponse response() {
        HttpResponse response = HttpResponse.create()
                .withStatus(StatusCodes.get(status))
                .addHeaders(ALWAYS)
                .addHeaders(headers);
        if (stream.isPresent()) {
            return response.withEntity(stream.get());
        }
        return contentType.isEmpty()
                ? response
                : response.withEntity(
                        HttpEntities.create(ContentTypes.parse(contentType), ByteString.fromString(body)));
    }
}
