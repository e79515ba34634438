package io.hostel.api.http;

import static io.hostel.api.http.HttpApiTest.isProblem;
import static org.assertj.core.api.Assertions.assertThat;

import io.hostel.api.http.ServedApi.Reply;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

final class MaliciousInputTest {
    private static final ServedApi SERVED = new ServedApi(true);
    private static final String PATH = "/v1/tenants/ann/apps/shop/releases";

    @BeforeEach
    void aTenant() {
        SERVED.host.tenants.put("ann", FakeTenantOperations.QUOTA);
        SERVED.host.done.clear();
    }

    @AfterEach
    void theServerGoesOnAndNothingWasDone() {
        assertThat(SERVED.host.done).isEmpty();
        assertThat(SERVED.get("/healthz", "").status()).isEqualTo(200);
    }

    @AfterAll
    static void close() {
        SERVED.close();
    }

    static List<String> malformed() {
        return List.of(
                "",
                "{",
                "{}}",
                "{} {}",
                "{\"env\":{},\"env\":{}}",
                "{\"processes\":{\"a\":{\"command\":[\"x\"]},\"a\":{\"command\":[\"y\"]}}}",
                "[".repeat(100_000),
                "{\"a\":".repeat(1_000) + "1" + "}".repeat(1_000),
                "{\"scale\":" + "9".repeat(100_000) + "}",
                "{\"" + "k".repeat(5_000) + "\":1}",
                "{'a':1}",
                "{\"a\":NaN}",
                "{\"a\":01}",
                "// comment\n{}",
                "{\"a\":\"\n\"}",
                "{\"a\":\"\\x\"}",
                "\uFEFF{}");
    }

    @ParameterizedTest
    @MethodSource("malformed")
    void whatIsNoJsonWithinTheBoundsIsMalformed(String body) {
        isProblem(SERVED.json("POST", PATH, "op", body), 400, "malformed");
    }

    @Test
    void badUtf8IsMalformed() {
        for (int[] bytes : new int[][] {{0xff}, {0xc0, 0x80}, {0xed, 0xa0, 0x80}, {0xf5, 0x80, 0x80, 0x80}, {0xc3}}) {
            byte[] body = ("{\"image\":\"" + "?".repeat(bytes.length) + "\"}").getBytes(StandardCharsets.US_ASCII);
            for (int i = 0; i < bytes.length; i++) {
                body[10 + i] = (byte) bytes[i];
            }
            Reply reply = SERVED.send(
                    "POST", PATH, "op", BodyPublishers.ofByteArray(body), "Content-Type", "application/json");
            isProblem(reply, 400, "malformed");
            assertThat(reply.json().path("detail").asText()).contains("not UTF-8");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"[]", "1", "null", "\"x\"", "{\"processes\":[]}", "{\"processes\":{\"\":{\"command\":[\"x\"]}}}"
            })
    void jsonOfAnotherShapeIsInvalid(String body) {
        isProblem(SERVED.json("POST", PATH, "op", body), 422, "invalid");
    }

    @ParameterizedTest
    @ValueSource(strings = {"Shop", "-shop", "shop-", "sh_op", "sh.op", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"})
    void aBadNameForANewAppIsToldItsRule(String app) {
        Reply reply = SERVED.json("POST", "/v1/tenants/ann/apps/" + app + "/releases", "op", HttpApiTest.SPEC);
        isProblem(reply, 422, "invalid");
        assertThat(reply.json().path("detail").asText()).contains("DNS label");
    }

    @Test
    void aBodyIsRefusedByItsTypeAndSize() {
        isProblem(
                SERVED.send(
                        "POST",
                        PATH,
                        "op",
                        BodyPublishers.ofString("a=b"),
                        "Content-Type",
                        "application/x-www-form-urlencoded"),
                415,
                "media-type");
        isProblem(SERVED.json("POST", PATH, "op", " ".repeat((1 << 20) + 1)), 413, "too-large");
        Reply chunked = SERVED.send(
                "POST",
                PATH,
                "op",
                BodyPublishers.ofInputStream(() -> new java.io.ByteArrayInputStream(new byte[2 << 20])),
                "Content-Type",
                "application/json");
        isProblem(chunked, 413, "too-large");
    }

    @Test
    void aCallThatTakesNoBodyRefusesOne() {
        isProblem(SERVED.json("POST", "/v1/tenants/ann/apps/shop/restart", "op", "{\"hard\":true}"), 400, "malformed");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET / HTTP/1.1\r\n\r\n",
                "GET /v1/tenants\r\nX: y HTTP/1.1\r\nHost: localhost\r\n\r\n",
                "GET /v1/%zz HTTP/1.1\r\nHost: localhost\r\n\r\n",
                "NONSENSE OF SOME LENGTH\r\n\r\n",
                "GET /v1/tenants HTTP/9.9\r\nHost: localhost\r\n\r\n",
                "POST /v1/tenants HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n",
                "POST /v1/tenants HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef",
                "GET /v1/tenants HTTP/1.1\r\nHost: localhost\r\nBad Header: 1\r\n\r\n",
                "GET http://[::1/ HTTP/1.1\r\nHost: localhost\r\n\r\n",
            })
    void whatIsNoRequestIsAnsweredByAProblem(String request) throws Exception {
        String answer = SERVED.raw(request.getBytes(StandardCharsets.ISO_8859_1));
        assertThat(answer).matches("(?s)HTTP/1.1 [45][0-9][0-9] .*Content-Type: application/problem\\+json.*");
    }

    @Test
    void headersAndPathsHaveTheirBounds() throws Exception {
        for (String head : List.of(
                "GET /v1/tenants HTTP/1.1\r\nHost: localhost\r\nX: " + "y".repeat(10_000) + "\r\n\r\n",
                "GET /v1/tenants HTTP/1.1\r\nHost: localhost\r\n" + "X: y\r\n".repeat(100) + "\r\n",
                "GET /" + "y".repeat(10_000) + " HTTP/1.1\r\nHost: localhost\r\n\r\n",
                "G".repeat(100) + " / HTTP/1.1\r\nHost: localhost\r\n\r\n")) {
            assertThat(SERVED.raw(head.getBytes(StandardCharsets.US_ASCII)))
                    .matches("(?s)HTTP/1.1 [45][0-9][0-9] .*Content-Type: application/problem\\+json.*");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "18446744073709551616",
                "18446744073709551618",
                "99999999999999999999999999",
                "9223372036854775807"
            })
    void aContentLengthBeyondReasonDoesNothing(String length) throws Exception {
        String answer = SERVED.raw(("POST " + PATH + " HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer op\r\n"
                        + "Content-Type: application/json\r\nContent-Length: " + length + "\r\n\r\n{}")
                .getBytes(StandardCharsets.US_ASCII));
        assertThat(answer).matches("(?s)HTTP/1.1 4[0-9][0-9] .*Content-Type: application/problem\\+json.*");
    }

    @Test
    void whatACallerSendsNeverBecomesAHeader() {
        Reply reply = SERVED.get("/v1/tenants/a%0d%0aX-Injected:%201", "op");
        isProblem(reply, 404, "not-found");
        assertThat(reply.headers().firstValue("X-Injected")).isEmpty();
    }

    @Test
    void aBadIdempotencyKeyIsMalformed() {
        isProblem(
                SERVED.json("POST", PATH, "op", HttpApiTest.SPEC, "Idempotency-Key", "x".repeat(256)),
                400,
                "malformed");
        isProblem(SERVED.json("POST", PATH, "op", HttpApiTest.SPEC, "Idempotency-Key", "a b"), 400, "malformed");
    }
}
