package io.hostel.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;

/** A host's API, for what is not timed or takes seconds. */
final class Api {
    private static final String QUOTA = """
            {"memory": "4TiB", "cpus": 100000, "pids": 1000000, "disk": "4TiB", "sandboxes": 10000, "publishedPorts": 1000,
            "files": 20000000}""";

    private final HttpClient client = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(5))
            .build();
    private final ObjectMapper json = new ObjectMapper();
    private final String url;
    private final String token;

    Api(int port, String token) {
        this.url = "http://127.0.0.1:" + port;
        this.token = token;
    }

    void makeTenant(String tenant) throws IOException, InterruptedException {
        call("POST", "/v1/tenants", "{\"id\": \"" + tenant + "\", \"quota\": " + QUOTA + "}");
    }

    /** @return its digest */
    String upload(String tenant, Path archive) throws IOException, InterruptedException {
        HttpResponse<String> answer = exchange(
                "POST", "/v1/tenants/" + tenant + "/artifacts", "application/x-tar", BodyPublishers.ofFile(archive));
        return tree(answer).path("digest").asText();
    }

    /** @param wait a duration, or "" to return once it is recorded */
    App deploy(String tenant, String name, String spec, String wait) throws IOException, InterruptedException {
        App app = new App(tenant, name, 0);
        JsonNode release = call("POST", app.path() + "/releases" + query(wait), spec);
        if (!wait.isEmpty() && !release.path("status").asText().equals("live")) {
            throw new IOException("the release did not become live: " + release);
        }
        int port = call("GET", app.path(), "")
                .path("processes")
                .path("web")
                .path("publishedPort")
                .asInt();
        return new App(tenant, name, port);
    }

    /** @throws IOException where it did not settle within the wait */
    void scale(App app, int scale, String wait) throws IOException, InterruptedException {
        HttpResponse<String> answer = exchange(
                "PATCH",
                app.process() + query(wait),
                "application/json",
                BodyPublishers.ofString("{\"scale\":" + scale + "}"));
        tree(answer);
        if (!wait.isEmpty() && answer.statusCode() != 200) {
            throw new IOException(app.name() + " to " + scale + ": not settled within " + wait + ": " + answer.body());
        }
    }

    JsonNode get(String path) throws IOException, InterruptedException {
        return call("GET", path, "");
    }

    String metrics() throws IOException, InterruptedException {
        return exchange("GET", "/metrics", "text/plain", BodyPublishers.noBody())
                .body();
    }

    private static String query(String wait) {
        return wait.isEmpty() ? "" : "?wait=" + wait;
    }

    private JsonNode call(String method, String path, String body) throws IOException, InterruptedException {
        return tree(exchange(
                method,
                path,
                "application/json",
                body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body)));
    }

    private JsonNode tree(HttpResponse<String> answer) throws IOException {
        if (answer.statusCode() >= 300) {
            throw new IOException(
                    answer.request().method() + " " + answer.uri() + ": " + answer.statusCode() + " " + answer.body());
        }
        return json.readTree(answer.body());
    }

    private HttpResponse<String> exchange(String method, String path, String type, BodyPublisher body)
            throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create(url + path))
                .header("Authorization", "Bearer " + token)
                .header("Content-Type", type)
                .method(method, body)
                .build();
        return client.send(request, BodyHandlers.ofString());
    }
}
