package io.hostel.api.http;

import static io.hostel.api.http.HttpApiTest.isProblem;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What becomes of clients that are slow, and of those that come in crowds. */
final class PatienceTest {
    private static final Duration SHORT = Duration.ofMillis(300);
    private static final String AUTHORISED = "Host: localhost\r\nAuthorization: Bearer ann-token\r\n";
    private final ServedApi served =
            new ServedApi(true, new Deadlines(SHORT, SHORT, SHORT, SHORT, Duration.ofMinutes(1)));

    @AfterEach
    void close() {
        served.close();
    }

    private static String readAll(Socket socket) throws IOException {
        socket.setSoTimeout(20_000);
        return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }

    private static void send(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
        socket.getOutputStream().flush();
    }

    @Test
    void aConnectionThatAsksNothingIsClosed() throws Exception {
        try (Socket silent = served.connect();
                Socket half = served.connect()) {
            send(half, "GET /healthz HTTP/1.1\r\nHos");
            assertThat(readAll(silent)).isEmpty();
            assertThat(readAll(half)).isEmpty();
        }
    }

    @Test
    void aDrippingHeadDoesNotKeepAConnectionOpen() throws Exception {
        try (Socket dripping = served.connect()) {
            send(dripping, "GET /healthz HTTP/1.1\r\nX: ");
            await().ignoreNoExceptions().until(() -> {
                try {
                    send(dripping, "y");
                    return false;
                } catch (IOException e) {
                    return true;
                }
            });
        }
    }

    @Test
    void aConnectionMayRestBetweenRequestsForItsTimeAndNoLonger() throws Exception {
        try (Socket socket = served.connect()) {
            send(socket, "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n");
            assertThat(readAll(socket)).startsWith("HTTP/1.1 200").endsWith("{\"status\":\"alive\"}");
        }
    }

    @Test
    void aStreamOutlivesTheTimeBetweenRequests() throws Exception {
        served.host.tenants.put("ann", FakeTenantOperations.QUOTA);
        served.json("POST", "/v1/tenants/ann/apps/shop/releases", "op", HttpApiTest.SPEC);
        try (Socket socket = served.connect()) {
            send(socket, "GET /v1/tenants/ann/apps/shop/logs?follow=true HTTP/1.1\r\n" + AUTHORISED + "\r\n");
            await().until(() -> !served.host.logStreams.isEmpty()
                    && served.host.logStreams.get(0).hasSubscribers());
            await().during(SHORT.multipliedBy(3))
                    .until(() -> served.host.logStreams.get(0).hasSubscribers());
            served.host.logStreams.get(0).close();
            assertThat(readAll(socket)).startsWith("HTTP/1.1 200").endsWith("0\r\n\r\n");
        }
    }

    @Test
    void aSlowBodyIsRefused() throws Exception {
        try (Socket socket = served.connect()) {
            send(
                    socket,
                    "POST /v1/tenants/ann/tokens HTTP/1.1\r\n" + AUTHORISED
                            + "Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{");
            assertThat(readAll(socket)).startsWith("HTTP/1.1 408").contains("/problems/too-slow");
        }
    }

    @Test
    void anUploadThatStallsIsAnErrorToItsReader() throws Exception {
        try (Socket socket = served.connect()) {
            send(
                    socket,
                    "POST /v1/tenants/ann/artifacts HTTP/1.1\r\n" + AUTHORISED
                            + "Content-Type: application/x-tar\r\nContent-Length: 100\r\n\r\nabc");
            await().until(() -> !served.host.cutOff.isEmpty());
            assertThat(readAll(socket)).startsWith("HTTP/1.1 408").contains("/problems/too-slow");
        }
        assertThat(served.host.done).isEmpty();
    }

    @Test
    void aTenantsUploadsAtATimeAreBounded() throws Exception {
        try (ServedApi patient = new ServedApi(true)) {
            List<Socket> sockets = new ArrayList<>();
            String head = "POST /v1/tenants/ann/artifacts HTTP/1.1\r\n" + AUTHORISED
                    + "Content-Type: application/x-tar\r\nContent-Length: 3\r\n\r\n";
            for (int i = 0; i < 3; i++) {
                Socket socket = patient.connect();
                sockets.add(socket);
                send(socket, head + "a");
            }
            await().until(() -> uploadOfOneMore(patient) == 429);
            for (Socket socket : sockets) {
                send(socket, "bc");
                socket.setSoTimeout(20_000);
                assertThat(socket.getInputStream().read()).isEqualTo('H');
                socket.close();
            }
            await().until(() -> uploadOfOneMore(patient) == 201);
        }
    }

    private static int uploadOfOneMore(ServedApi api) {
        return api.send(
                        "POST",
                        "/v1/tenants/ann/artifacts",
                        "ann-token",
                        java.net.http.HttpRequest.BodyPublishers.ofString("x"),
                        "Content-Type",
                        "application/x-tar")
                .status();
    }

    @Test
    void aTenantsStreamsAtATimeAreBounded() throws Exception {
        served.host.tenants.put("ann", FakeTenantOperations.QUOTA);
        served.json("POST", "/v1/tenants/ann/apps/shop/releases", "op", HttpApiTest.SPEC);
        List<Socket> sockets = new ArrayList<>();
        String logs = "/v1/tenants/ann/apps/shop/logs";
        for (int i = 0; i < StreamRoutes.EACH; i++) {
            Socket socket = served.connect();
            sockets.add(socket);
            send(socket, "GET " + logs + "?follow=true HTTP/1.1\r\n" + AUTHORISED + "\r\n");
        }
        // Asking earlier could take the place of one of these, which would then never be had.
        await().atMost(java.time.Duration.ofSeconds(60)).until(() -> served.host.logStreams.size() >= StreamRoutes.EACH);
        isProblem(served.get(logs, "ann-token"), 429, "too-many-calls");
        assertThat(served.get(logs, "op").status()).isEqualTo(200);
        for (Socket socket : sockets) {
            socket.close();
        }
        await().until(() -> {
            served.host.logStreams.stream()
                    .filter(stream -> !stream.isClosed())
                    .forEach(stream -> stream.offer(
                            new io.hostel.api.LogLine(FakeTenantOperations.NOW, "s", "web", "stdout", "x"), null));
            return served.get(logs, "ann-token").status() == 200;
        });
    }

}
