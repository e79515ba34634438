package io.hostel.api.http;

import static io.hostel.api.http.HttpApiTest.isProblem;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.hostel.api.Output;
import io.hostel.api.http.ServedApi.Reply;
import java.net.Socket;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class IdempotencyTest {
    private static final String PATH = "/v1/tenants/ann/apps/shop/releases?wait=1s";
    private final ServedApi served = new ServedApi(true);

    @BeforeEach
    void aTenant() {
        served.host.tenants.put("ann", FakeTenantOperations.QUOTA);
    }

    @AfterEach
    void close() {
        served.close();
    }

    private Reply deploy(String key, String token, String path) {
        return served.json("POST", path, token, HttpApiTest.SPEC, "Idempotency-Key", key);
    }

    @Test
    void aRepetitionIsAnsweredAsTheFirstAndDoneOnce() {
        Reply first = deploy("k1", "ann-token", PATH);
        Reply second = deploy("k1", "ann-token", PATH);
        assertThat(second.status()).isEqualTo(first.status()).isEqualTo(201);
        assertThat(second.body()).isEqualTo(first.body());
        assertThat(first.header("Idempotency-Replayed")).isEmpty();
        assertThat(second.header("Idempotency-Replayed")).isEqualTo("true");
        assertThat(served.host.done).containsExactly("deploy ann/shop");
    }

    @Test
    void aKeyIsForOneCallOfOneCaller() {
        deploy("k1", "ann-token", PATH);
        isProblem(deploy("k1", "ann-token", "/v1/tenants/ann/apps/other/releases"), 409, "conflict");
        isProblem(deploy("k1", "ann-token", PATH.replace("1s", "2s")), 409, "conflict");
        assertThat(deploy("k1", "op", PATH).header("Idempotency-Replayed")).isEmpty();
    }

    @Test
    void refusalsAreRepeatedToo() {
        Reply first = served.json("POST", "/v1/tenants", "op", "{\"id\":\"ann\"}", "Idempotency-Key", "k");
        Reply second = served.json("POST", "/v1/tenants", "op", "{\"id\":\"ann\"}", "Idempotency-Key", "k");
        assertThat(first.status()).isEqualTo(second.status()).isEqualTo(409);
        assertThat(second.header("Content-Type")).isEqualTo("application/problem+json");
        assertThat(second.body()).isEqualTo(first.body());
    }

    /** Nothing was done, and it will be later. */
    @Test
    void thatThereWasNoRoomIsNotRepeated() throws Exception {
        String path = "/v1/tenants/ann/artifacts";
        List<Socket> uploads = new ArrayList<>();
        for (int i = 0; i < Uploads.EACH; i++) {
            Socket upload = served.connect();
            uploads.add(upload);
            upload.getOutputStream()
                    .write(("POST " + path + " HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ann-token\r\n"
                                    + "Content-Type: application/x-tar\r\nContent-Length: 3\r\n\r\na")
                            .getBytes(StandardCharsets.US_ASCII));
        }
        await().until(() -> served.api.uploads() == Uploads.EACH);
        isProblem(upload(path, "k"), 429, "too-many-calls");
        for (Socket upload : uploads) {
            upload.close();
        }
        await().until(() -> served.api.uploads() == 0);
        Reply done = upload(path, "k");
        assertThat(done.status()).isEqualTo(201);
        assertThat(done.header("Idempotency-Replayed")).isEmpty();
    }

    private Reply upload(String path, String key) {
        return served.send(
                "POST",
                path,
                "ann-token",
                BodyPublishers.ofString("x"),
                "Content-Type",
                "application/x-tar",
                "Idempotency-Key",
                key);
    }

    /** What waits for the store has no tree of its body in memory, which may be many times as large. */
    @Test
    void theKeyIsLookedUpBeforeTheBodyIsParsed() {
        isProblem(served.json("POST", PATH, "ann-token", "{\"processes\":", "Idempotency-Key", "k"), 400, "malformed");
        assertThat(served.kept.entries).hasSize(1);
    }

    @Test
    void ofAnAnswerThatIsTooLargeTheKeyAloneIsKept() {
        served.json("POST", PATH, "ann-token", HttpApiTest.SPEC);
        String exec = "/v1/tenants/ann/apps/shop/sandboxes/h0abcdefghij/exec";
        String command = "{\"command\":[\"cat\"]}";
        assertThat(served.json("POST", exec, "ann-token", command, "Idempotency-Key", "small")
                        .status())
                .isEqualTo(200);
        assertThat(served.json("POST", exec, "ann-token", command, "Idempotency-Key", "small")
                        .header("Idempotency-Replayed"))
                .isEqualTo("true");

        served.host.stdout = Output.of("x".repeat(120_000).getBytes(StandardCharsets.UTF_8));
        Reply first = served.json("POST", exec, "ann-token", command, "Idempotency-Key", "large");
        Reply second = served.json("POST", exec, "ann-token", command, "Idempotency-Key", "large");

        assertThat(first.body().length()).isGreaterThan(100_000);
        isProblem(second, 409, "conflict");
        assertThat(second.json().path("code").asText()).isEqualTo("answer-not-kept");
        assertThat(served.host.done).hasSize(3);
    }

    @Test
    void theHostsOwnFaultsAreNotKept() {
        served.host.failure = new IllegalStateException("broken");
        assertThat(deploy("k1", "ann-token", PATH).status()).isEqualTo(500);
        served.host.failure = null;
        assertThat(deploy("k1", "ann-token", PATH).status()).isEqualTo(201);
    }

    @Test
    void secretsAreShownAgainToWhoAskedAndKeptInClearNowhere() {
        String body = "{\"id\":\"bob\"}";
        Reply first = served.json("POST", "/v1/tenants", "op", body, "Idempotency-Key", "k");
        Reply second = served.json("POST", "/v1/tenants", "op", body, "Idempotency-Key", "k");
        assertThat(first.body()).contains("secret-of-bob");
        assertThat(second.body()).isEqualTo(first.body());
        assertThat(served.kept.entries.toString()).doesNotContain("secret-of-bob");
        assertThat(served.kept.entries).hasSize(1);
    }

    @Test
    void whatWasSealedOpensOnlyWithTheSameTokenAndKey() {
        String sealed = new SealedText("token", "key").seal("secret");
        assertThat(new SealedText("token", "key").open(sealed)).contains("secret");
        assertThat(new SealedText("token", "other").open(sealed)).isEmpty();
        assertThat(new SealedText("other", "key").open(sealed)).isEmpty();
        assertThat(new SealedText("token", "key").open("AAAA")).isEmpty();
        assertThat(new SealedText("token", "key").seal("secret")).isNotEqualTo(sealed);
    }
}
