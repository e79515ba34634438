package io.hostel.api.http;

import akka.actor.typed.ActorSystem;
import akka.actor.typed.javadsl.Behaviors;
import com.fasterxml.jackson.databind.JsonNode;
import io.hostel.api.Authenticator;
import io.hostel.api.Caller;
import io.hostel.config.CallRates;
import io.hostel.config.Endpoint;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongSupplier;

/** The API on a port of its own, and a client for it. Tokens: {@code op} is the operator's, {@code NAME-token} a tenant's. */
final class ServedApi implements AutoCloseable {
    final FakeTenantOperations host = new FakeTenantOperations();
    final FakeIdempotencyStore kept = new FakeIdempotencyStore();
    final HttpApi api;
    private final ActorSystem<Void> system = ActorSystem.create(Behaviors.empty(), "api-test");
    private final ApiServer server;
    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    ServedApi(boolean loopback) {
        this(loopback, Deadlines.STANDARD);
    }

    ServedApi(boolean loopback, Deadlines deadlines) {
        this(loopback, deadlines, new CallRates(0, 0), () -> 0);
    }

    /** @param nanos the clock by which calls come fast */
    ServedApi(boolean loopback, Deadlines deadlines, CallRates rates, LongSupplier nanos) {
        Authenticator authenticator = token -> CompletableFuture.completedFuture(
                token.equals("op")
                        ? Optional.of(new Caller.Operator())
                        : token.endsWith("-token")
                                ? Optional.of(new Caller.Tenant(
                                        token.substring(0, token.length() - 6), 1, "first", Optional.empty()))
                                : Optional.empty());
        api = new HttpApi(
                host,
                authenticator,
                kept,
                FakeTenantOperations.QUOTA,
                () -> CompletableFuture.completedFuture("hostel_sandboxes 3\n"),
                rates,
                "127.0.0.1",
                loopback,
                system,
                deadlines,
                nanos);
        server = ApiServer.bind(api, new Endpoint("127.0.0.1", 0), system)
                .toCompletableFuture()
                .join();
    }

    record Reply(int status, java.net.http.HttpHeaders headers, String body) {
        JsonNode json() {
            try {
                return Json.read(body);
            } catch (Json.MalformedException e) {
                throw new AssertionError("no JSON: " + body, e);
            }
        }

        String header(String name) {
            return headers.firstValue(name).orElse("");
        }
    }

    Reply get(String path, String token, String... headers) {
        return send("GET", path, token, BodyPublishers.noBody(), headers);
    }

    Reply json(String method, String path, String token, String body, String... headers) {
        String[] all = java.util.Arrays.copyOf(headers, headers.length + 2);
        all[headers.length] = "Content-Type";
        all[headers.length + 1] = "application/json";
        return send(method, path, token, BodyPublishers.ofString(body), all);
    }

    Reply send(String method, String path, String token, BodyPublisher body, String... headers) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(url() + path))
                .timeout(Duration.ofSeconds(30))
                .method(method, body);
        if (!token.isEmpty()) {
            request.header("Authorization", "Bearer " + token);
        }
        for (int i = 0; i < headers.length; i += 2) {
            request.header(headers[i], headers[i + 1]);
        }
        try {
            HttpResponse<String> response = answered(request.build());
            return new Reply(response.statusCode(), response.headers(), response.body());
        } catch (IOException | InterruptedException e) {
            throw new AssertionError(method + " " + path, e);
        }
    }

    /**
     * The client keeps connections, and a server may close one at the moment when it is used again (RFC 9112, 9.3.1): the
     * request was then never read, and is sent once more on a new one.
     */
    private HttpResponse<String> answered(HttpRequest request) throws IOException, InterruptedException {
        try {
            return client.send(request, BodyHandlers.ofString());
        } catch (IOException e) {
            if (!String.valueOf(e.getMessage()).contains("received no bytes")) {
                throw e;
            }
            return client.send(request, BodyHandlers.ofString());
        }
    }

    /** Sends bytes as they are, half-closes nothing, and returns what comes until the server closes or falls silent. */
    String raw(byte[] bytes) throws IOException {
        try (Socket socket = new Socket("127.0.0.1", server.address().getPort())) {
            socket.setSoTimeout(3_000);
            socket.getOutputStream().write(bytes);
            socket.getOutputStream().flush();
            InputStream in = socket.getInputStream();
            StringBuilder answer = new StringBuilder();
            byte[] buffer = new byte[8192];
            try {
                for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                    answer.append(new String(buffer, 0, read, StandardCharsets.UTF_8));
                    if (answer.indexOf("\r\n\r\n") >= 0 && answer.toString().endsWith("}")) {
                        break;
                    }
                }
            } catch (java.net.SocketTimeoutException e) {
                answer.append("(silence)");
            }
            return answer.toString();
        }
    }

    Socket connect() throws IOException {
        return new Socket("127.0.0.1", server.address().getPort());
    }

    String url() {
        return "http://127.0.0.1:" + server.address().getPort();
    }

    @Override
    public void close() {
        server.stop(Duration.ofMillis(100)).toCompletableFuture().join();
        system.terminate();
        system.getWhenTerminated().toCompletableFuture().join();
    }
}
