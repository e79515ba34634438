package io.hostel.api.http;

import static io.hostel.api.http.HttpApiTest.isProblem;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.hostel.api.http.ServedApi.Reply;
import java.io.BufferedReader;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.Socket;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class StreamsTest {
    private static final String LOGS = "/v1/tenants/ann/apps/shop/logs";
    private static final String ARTIFACTS = "/v1/tenants/ann/artifacts";
    private static final String LINE =
            "{\"time\":\"2026-11-23T10:00:00Z\",\"sandbox\":\"h0abcdefghij\",\"process\":\"web\",\"stream\":\"stdout\",\"line\":\"one\u2028two\\nthree\"}";
    private final ServedApi served = new ServedApi(true);

    @BeforeEach
    void aTenantWithAnApp() {
        served.host.tenants.put("ann", FakeTenantOperations.QUOTA);
        served.json("POST", "/v1/tenants/ann/apps/shop/releases", "op", HttpApiTest.SPEC);
    }

    @AfterEach
    void close() {
        served.close();
    }

    @Test
    void logsAreLinesOfJsonUnlessEventsAreAccepted() {
        Reply lines = served.get(LOGS + "?tail=5&process=web", "ann-token");
        assertThat(lines.header("Content-Type")).isEqualTo("application/x-ndjson");
        assertThat(lines.body()).isEqualTo(LINE + "\n");
        assertThat(served.host.logQuery).hasToString("LogQuery[tail=5, follow=false, process=Optional[web]]");
        Reply events = served.get(LOGS + "?follow=false", "ann-token", "Accept", "text/event-stream");
        assertThat(events.header("Content-Type")).isEqualTo("text/event-stream");
        assertThat(events.body()).isEqualTo("data: " + LINE + "\n\n");
        assertThat(served.host.logQuery).hasToString("LogQuery[tail=100, follow=false, process=Optional.empty]");
    }

    @Test
    void eventsCarryTheirNumberAndGoOnFromIt() {
        Reply events = served.get("/v1/tenants/ann/events?since=7", "ann-token", "Accept", "text/event-stream");
        assertThat(events.body())
                .startsWith(
                        "id: 8\ndata: {\"sequence\":8,\"at\":\"2026-11-23T10:00:00Z\",\"tenant\":\"ann\",\"kind\":\"release.live\","
                                + "\"details\":{\"app\":\"shop\",\"release\":\"1\"}}\n\nid: 9\n");
        served.get("/v1/events?since=7", "op", "Accept", "text/event-stream", "Last-Event-ID", "40");
        assertThat(served.get("/v1/events", "op").body().lines()).hasSize(3);
        assertThat(served.host.done)
                .contains(
                        "events Optional[ann] 7 true",
                        "events Optional.empty 40 true",
                        "events Optional.empty 0 false");
    }

    @ParameterizedTest
    @ValueSource(strings = {"tail=10001", "tail=-1", "tail=x", "follow=yes", "process=../x", "head=1"})
    void badParametersOfAStreamAreInvalid(String query) {
        isProblem(served.get(LOGS + "?" + query, "ann-token"), 422, "invalid");
    }

    @Test
    void aFollowedLogFlowsAsItIsWrittenAndEndsWhenTheClientGoes() throws Exception {
        try (Socket socket = served.connect()) {
            socket.setSoTimeout(20_000);
            socket.getOutputStream()
                    .write(("GET " + LOGS
                                    + "?follow=true HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ann-token\r\n\r\n")
                            .getBytes(StandardCharsets.US_ASCII));
            BufferedReader reader =
                    new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
            assertThat(reader.lines().anyMatch(line -> line.contains("\"stream\":\"stdout\"")))
                    .isTrue();
            assertThat(served.host.logStreams.get(0).hasSubscribers()).isTrue();
        }
        await().until(() -> {
            served.host
                    .logStreams
                    .get(0)
                    .offer(new io.hostel.api.LogLine(FakeTenantOperations.NOW, "s", "web", "stdout", "x"), null);
            return !served.host.logStreams.get(0).hasSubscribers();
        });
    }

    @Test
    void anUploadFlowsThroughWhole() {
        byte[] body = new byte[5 << 20];
        new java.util.Random(7).nextBytes(body);
        Reply reply = served.send(
                "POST", ARTIFACTS, "ann-token", BodyPublishers.ofByteArray(body), "Content-Type", "application/zstd");
        assertThat(reply.status()).isEqualTo(201);
        String digest = HexFormat.of().formatHex(SealedText.sha256().digest(body));
        assertThat(reply.body()).isEqualTo("{\"digest\":\"sha256:" + digest + "\",\"size\":5242880}");
        Reply chunked = served.send(
                "POST",
                ARTIFACTS,
                "ann-token",
                BodyPublishers.ofInputStream(() -> new java.io.ByteArrayInputStream(body)),
                "Content-Type",
                "application/x-tar");
        assertThat(chunked.body()).isEqualTo(reply.body());
        assertThat(served.host.done).contains("putArtifact ZSTD", "putArtifact TAR");
    }

    @Test
    void anUploadOfAnotherTypeIsRefused() {
        isProblem(
                served.send(
                        "POST",
                        ARTIFACTS,
                        "ann-token",
                        BodyPublishers.ofString("x"),
                        "Content-Type",
                        "application/zip"),
                415,
                "media-type");
    }

    @Test
    void aClientThatSendsTooMuchStillSeesWhy() {
        served.host.mostArtifactBytes = 1 << 20;
        isProblem(
                served.send(
                        "POST",
                        ARTIFACTS,
                        "ann-token",
                        BodyPublishers.ofByteArray(new byte[20 << 20]),
                        "Content-Type",
                        "application/x-tar"),
                413,
                "too-large");
    }

    @Test
    void aStrangersUploadIsRefusedUnread() {
        Reply reply = served.send(
                "POST",
                ARTIFACTS,
                "",
                BodyPublishers.ofByteArray(new byte[20 << 20]),
                "Content-Type",
                "application/x-tar");
        isProblem(reply, 401, "unauthorised");
    }

    @Test
    void anUploadThatIsCutOffIsAnErrorToItsReader() throws Exception {
        for (String head :
                new String[] {"Content-Length: 1000000\r\n\r\n", "Transfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n"}) {
            served.host.cutOff.clear();
            try (Socket socket = served.connect()) {
                OutputStream out = socket.getOutputStream();
                out.write(("POST " + ARTIFACTS
                                + " HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ann-token\r\nContent-Type: application/x-tar\r\n"
                                + head)
                        .getBytes(StandardCharsets.US_ASCII));
                out.write(new byte[1_000]);
                out.flush();
                socket.shutdownOutput();
                readToTheEnd(socket.getInputStream());
            }
            await().until(() -> !served.host.cutOff.isEmpty());
        }
        assertThat(served.host.done).doesNotContain("putArtifact TAR");
    }

    /** The server may answer and close, or reset the connection at once: either ends it. */
    private static void readToTheEnd(InputStream in) throws java.io.IOException {
        try {
            in.readAllBytes();
        } catch (java.net.SocketException reset) {
            assertThat(reset).hasMessageContaining("reset");
        }
    }
}
