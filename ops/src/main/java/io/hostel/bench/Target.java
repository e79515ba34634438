package io.hostel.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/** The process under measurement: its controls by the API, and its service by plain sockets. */
final class Target {
    private static final int CONNECT_MILLIS = 50;
    private static final int ANSWER_MILLIS = 2_000;
    private static final long PAUSE_NANOS = 50_000;
    private static final byte[] REQUEST = "GET / HTTP/1.0\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

    private final HttpClient client = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(5))
            .build();
    private final ObjectMapper json = new ObjectMapper();
    private final String url;
    private final String token;
    private final String app;
    private final String process;
    private InetSocketAddress service = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);

    Target(String url, String token, String tenant, String app, String process)
            throws IOException, InterruptedException {
        this.url = url;
        this.token = token;
        this.app = "/v1/tenants/" + tenant + "/apps/" + app;
        this.process = process;
        int port = call("GET", this.app, "")
                .path("processes")
                .path(process)
                .path("publishedPort")
                .asInt();
        service = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    }

    /** @param wait a duration, or "" to return once the change is recorded */
    JsonNode scale(int scale, String wait) throws IOException, InterruptedException {
        String query = wait.isEmpty() ? "" : "?wait=" + wait;
        return call("PATCH", app + "/processes/" + process + query, "{\"scale\":" + scale + "}");
    }

    /** PID 1's number of the one sandbox. */
    long pid() throws IOException, InterruptedException {
        return call("GET", app + "/sandboxes", "")
                .path("items")
                .path(0)
                .path("pid")
                .asLong();
    }

    /** Asks until somebody answers 200 who is not {@code formerLife}. @return who answered */
    String awaitAnswer(String formerLife) throws IOException {
        long deadline = System.nanoTime() + Duration.ofSeconds(60).toNanos();
        while (System.nanoTime() < deadline) {
            String life = ask();
            if (!life.isEmpty() && !life.equals(formerLife)) {
                return life;
            }
            LockSupport.parkNanos(PAUSE_NANOS);
        }
        throw new IOException("no answer from " + service + " within a minute");
    }

    private String ask() {
        try (Socket socket = new Socket()) {
            socket.setTcpNoDelay(true);
            socket.connect(service, CONNECT_MILLIS);
            socket.setSoTimeout(ANSWER_MILLIS);
            socket.getOutputStream().write(REQUEST);
            try (InputStream in = socket.getInputStream()) {
                String answer = new String(in.readAllBytes(), StandardCharsets.US_ASCII);
                return answer.startsWith("HTTP/1.1 200 ") ? answer.substring(answer.indexOf("\r\n\r\n") + 4) : "";
            }
        } catch (IOException e) {
            return ""; // nobody there yet
        }
    }

    String metrics() throws IOException, InterruptedException {
        return client.send(HttpRequest.newBuilder(URI.create(url + "/metrics")).build(), BodyHandlers.ofString())
                .body();
    }

    private JsonNode call(String method, String path, String body) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create(url + path))
                .header("Authorization", "Bearer " + token)
                .header("Content-Type", "application/json")
                .method(method, body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body))
                .build();
        HttpResponse<String> answer = client.send(request, BodyHandlers.ofString());
        if (answer.statusCode() >= 300) {
            throw new IOException(method + " " + path + ": " + answer.statusCode() + " " + answer.body());
        }
        return json.readTree(answer.body());
    }
}
