package io.hostel.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** The host's REST interface for one caller. */
public final class Api {
    private static final HttpClient CLIENT = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Patience.seconds(10))
            .build();

    private final String base;
    private final String token;

    public Api(String base, String token) {
        this.base = base;
        this.token = token;
    }

    public Api as(String otherToken) {
        return new Api(base, otherToken);
    }

    public String base() {
        return base;
    }

    public String token() {
        return token;
    }

    public Answer get(String path) {
        return send("GET", path, BodyPublishers.noBody(), Map.of());
    }

    public Answer delete(String path) {
        return send("DELETE", path, BodyPublishers.noBody(), Map.of());
    }

    public Answer post(String path, Object body) {
        return json("POST", path, body, Map.of());
    }

    public Answer patch(String path, Object body) {
        return json("PATCH", path, body, Map.of());
    }

    public Answer put(String path) {
        return send("PUT", path, BodyPublishers.noBody(), Map.of());
    }

    public Answer upload(String path, String mediaType, byte[] body) {
        return send("POST", path, BodyPublishers.ofByteArray(body), Map.of("Content-Type", mediaType));
    }

    public byte[] download(String path) {
        try {
            HttpResponse<byte[]> answer =
                    CLIENT.send(request(path).setHeader("Accept", "*/*").GET().build(), BodyHandlers.ofByteArray());
            assertThat(answer.statusCode()).as("GET %s", path).isEqualTo(200);
            return answer.body();
        } catch (IOException e) {
            throw new UncheckedIOException("GET " + path, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }

    /** @param body a tree, or a text that is sent as it is */
    public Answer json(String method, String path, Object body, Map<String, String> headers) {
        String text = body instanceof String already
                ? already
                : Answer.JSON.valueToTree(body).toString();
        Map<String, String> all = new java.util.HashMap<>(headers);
        all.put("Content-Type", "application/json");
        return send(method, path, BodyPublishers.ofString(text), all);
    }

    public Answer send(String method, String path, BodyPublisher body, Map<String, String> headers) {
        HttpRequest.Builder request = request(path).method(method, body);
        headers.forEach(request::setHeader);
        try {
            HttpResponse<String> answer = CLIENT.send(request.build(), BodyHandlers.ofString());
            return new Answer(
                    method + " " + path,
                    answer.statusCode(),
                    answer.headers().firstValue("Content-Type").orElse(""),
                    answer.body());
        } catch (IOException e) {
            throw new UncheckedIOException(method + " " + path, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }

    /** The first so many values of an endless answer of one JSON value a line. */
    public List<JsonNode> lines(String path, int count) throws IOException, InterruptedException {
        HttpResponse<Stream<String>> answer = CLIENT.send(
                request(path).setHeader("Accept", "application/x-ndjson").GET().build(), BodyHandlers.ofLines());
        List<JsonNode> values = new ArrayList<>();
        try (Stream<String> lines = answer.body()) {
            var each = lines.filter(line -> !line.isBlank()).iterator();
            while (values.size() < count && each.hasNext()) {
                values.add(Answer.JSON.readTree(each.next()));
            }
        }
        return values;
    }

    private HttpRequest.Builder request(String path) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(base + path))
                .timeout(Patience.seconds(180))
                .header("Accept", "application/json");
        return token.isEmpty() ? request : request.header("Authorization", "Bearer " + token);
    }
}
