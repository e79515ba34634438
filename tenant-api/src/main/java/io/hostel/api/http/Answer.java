package io.hostel.api.http;

import akka.http.javadsl.model.ContentTypes;
import akka.http.javadsl.model.HttpEntities;
import akka.http.javadsl.model.HttpHeader;
import akka.http.javadsl.model.HttpResponse;
import akka.http.javadsl.model.ResponseEntity;
import akka.http.javadsl.model.StatusCodes;
import akka.http.javadsl.model.headers.RawHeader;
import akka.util.ByteString;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What a call answers.
 *
 * @param stream an endless body in place of the text
 */
record Answer(int status, String contentType, String body, List<HttpHeader> headers, Optional<ResponseEntity> stream) {
    static final String JSON = "application/json";

    /** Nothing here may be cached or sniffed: it is somebody's, and holds what tenants wrote. */
    private static final List<HttpHeader> ALWAYS = List.of(
            RawHeader.create("Cache-Control", "no-store"), RawHeader.create("X-Content-Type-Options", "nosniff"));

    static Answer json(int status, Object value) {
        return new Answer(status, JSON, Json.write(value), List.of(), Optional.empty());
    }

    static Answer ok(Object value) {
        return json(200, value);
    }

    static Answer items(List<?> items) {
        return ok(Map.of("items", items));
    }

    static Answer nothing() {
        return new Answer(204, "", "", List.of(), Optional.empty());
    }

    static Answer text(int status, String contentType, String body) {
        return new Answer(status, contentType, body, List.of(), Optional.empty());
    }

    static Answer stream(ResponseEntity entity) {
        return new Answer(200, "", "", List.of(), Optional.of(entity));
    }

    Answer with(String header, String value) {
        List<HttpHeader> more = Stream.concat(headers.stream(), Stream.of(RawHeader.create(header, value)))
                .toList();
        return new Answer(status, contentType, body, more, stream);
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
