package io.hostel.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** One host over HTTP, for one caller. Every failure is a {@link Trouble}. */
final class Connection {
    static final ObjectMapper JSON = new ObjectMapper();

    /** Nothing was done: there were too many calls, or they came too fast. */
    private static final int TOO_MANY = 429;

    private static final int MOST_TRIES = 10;

    private final String base;
    private final String token;
    private final HttpClient client = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(10))
            .build();

    Connection(String base, String token) {
        this.base = base.endsWith("/") ? base.substring(0, base.length() - 1) : base;
        this.token = token;
    }

    JsonNode get(String path) {
        return json(request(path).GET());
    }

    JsonNode delete(String path) {
        return json(changing(path).DELETE());
    }

    JsonNode send(String method, String path, JsonNode body) {
        return json(changing(path)
                .header("Content-Type", "application/json")
                .method(method, BodyPublishers.ofString(body.toString())));
    }

    JsonNode put(String path) {
        return json(changing(path).PUT(BodyPublishers.noBody()));
    }

    JsonNode upload(String path, String mediaType, Path file) {
        return json(changing(path).header("Content-Type", mediaType).POST(content(file)));
    }

    /** For what must not be remembered as done: it changes the memory, too. */
    JsonNode uploadOnce(String path, String mediaType, Path file) {
        return json(request(path).header("Content-Type", mediaType).POST(content(file)));
    }

    private static BodyPublisher content(Path file) {
        try {
            return BodyPublishers.ofFile(file);
        } catch (FileNotFoundException e) {
            throw new Trouble(Hostel.FAILED, "there is no file " + file);
        }
    }

    /** An answer of any length; one that breaks off is an IOException to its reader, who closes it. */
    InputStream download(String path) throws IOException {
        HttpResponse<InputStream> answer = exchange(request(path).GET(), BodyHandlers.ofInputStream());
        if (answer.statusCode() == 200) {
            return answer.body();
        }
        try (InputStream in = answer.body()) {
            String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            throw Problem.trouble(answer.statusCode(), parse(text), !token.isEmpty());
        }
    }

    /** The status of the answer to a GET; 0 where nobody answers. */
    int status(String path) {
        try {
            return exchange(request(path).GET(), BodyHandlers.discarding()).statusCode();
        } catch (Trouble e) {
            return 0;
        }
    }

    /** Reads an answer of one JSON value a line, until the host or the reader ends it. */
    void lines(String path, Consumer<JsonNode> each) {
        HttpResponse<Stream<String>> answer =
                exchange(request(path).header("Accept", "application/x-ndjson").GET(), BodyHandlers.ofLines());
        try (Stream<String> lines = answer.body()) {
            if (answer.statusCode() >= 400) {
                throw Problem.trouble(answer.statusCode(), parse(lines.reduce("", String::concat)), !token.isEmpty());
            }
            lines.filter(line -> !line.isBlank()).forEach(line -> each.accept(parse(line)));
        } catch (java.io.UncheckedIOException e) {
            throw new Trouble(Hostel.UNREACHABLE, "the host at " + base + " broke off: " + e.getMessage());
        }
    }

    /** A path's segment or a query's value. */
    static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }

    private JsonNode json(HttpRequest.Builder request) {
        HttpResponse<InputStream> answer =
                exchange(request.header("Accept", "application/json"), BodyHandlers.ofInputStream());
        String text;
        try (InputStream in = answer.body()) {
            text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new Trouble(Hostel.UNREACHABLE, "the host at " + base + " broke off: " + e.getMessage());
        }
        if (answer.statusCode() >= 300) {
            throw Problem.trouble(answer.statusCode(), parse(text), !token.isEmpty());
        }
        return parse(text);
    }

    /** A call that is refused for want of room is made again, as the host says when. */
    private <T> HttpResponse<T> exchange(HttpRequest.Builder request, HttpResponse.BodyHandler<T> handler) {
        try {
            HttpRequest whole = request.build();
            for (int tried = 1; ; tried++) {
                boolean last = tried == MOST_TRIES;
                HttpResponse<T> answer = client.send(
                        whole,
                        info -> info.statusCode() == TOO_MANY && !last
                                ? HttpResponse.BodySubscribers.replacing(null)
                                : handler.apply(info));
                if (answer.statusCode() != TOO_MANY || last) {
                    return answer;
                }
                Thread.sleep(pause(answer).toMillis());
            }
        } catch (IOException e) {
            String why = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
            throw new Trouble(
                    Hostel.UNREACHABLE,
                    "no host answers at " + base + " (" + why
                            + "); is it running? HOSTEL_URL or --url says where it is");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Trouble(Hostel.UNREACHABLE, "interrupted");
        }
    }

    /** What the host says, within reason. */
    private static Duration pause(HttpResponse<?> answer) {
        String said = answer.headers().firstValue("Retry-After").orElse("1");
        return Duration.ofSeconds(said.matches("[0-9]{1,6}") ? Math.min(Integer.parseInt(said), 10) : 1);
    }

    private HttpRequest.Builder changing(String path) {
        return request(path).header("Idempotency-Key", UUID.randomUUID().toString());
    }

    private HttpRequest.Builder request(String path) {
        try {
            HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(base + path));
            return token.isEmpty() ? request : request.header("Authorization", "Bearer " + token);
        } catch (IllegalArgumentException e) {
            throw new Trouble(2, "bad address or token: " + e.getMessage());
        }
    }

    private static JsonNode parse(String text) {
        if (text.isBlank()) {
            return MissingNode.getInstance();
        }
        try {
            return JSON.readTree(text);
        } catch (JsonProcessingException e) {
            return JSON.getNodeFactory().textNode(text.strip());
        }
    }
}
