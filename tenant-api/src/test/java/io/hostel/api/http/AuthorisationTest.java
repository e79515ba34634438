package io.hostel.api.http;

import static io.hostel.api.http.HttpApiTest.isProblem;
import static org.assertj.core.api.Assertions.assertThat;

import io.hostel.api.http.ServedApi.Reply;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class AuthorisationTest {
    private final ServedApi served = new ServedApi(true);

    @BeforeEach
    void twoTenants() {
        served.json("POST", "/v1/tenants", "op", "{\"id\":\"ann\"}");
        served.json("POST", "/v1/tenants", "op", "{\"id\":\"bob\"}");
        served.json("POST", "/v1/tenants/bob/apps/shop/releases", "op", HttpApiTest.SPEC);
        served.host.done.clear();
    }

    @AfterEach
    void close() {
        served.close();
    }

    /** Every call, with its variables filled in for a tenant. */
    private List<String[]> calls(String tenant) {
        return served.api.calls().stream()
                .map(call -> new String[] {
                    call.method(),
                    call.path()
                            .toString()
                            .replace("{tenant}", tenant)
                            .replace("{app}", "shop")
                            .replace("{process}", "web")
                            .replace("{sandbox}", "h0abcdefghij")
                            .replace("{release}", "1")
                            .replace("{token}", "t1")
                            .replace("{other}", "ann")
                })
                .toList();
    }

    @Test
    void withoutAGoodTokenNothingBelowV1Answers() {
        for (String[] call : calls("bob")) {
            for (String token : List.of("", "wrong")) {
                Reply reply = served.send(call[0], call[1], token, BodyPublishers.noBody());
                if (call[1].startsWith("/v1/")) {
                    isProblem(reply, 401, "unauthorised");
                    assertThat(reply.header("WWW-Authenticate")).startsWith("Bearer");
                } else {
                    assertThat(reply.status()).isEqualTo(200);
                }
            }
        }
        assertThat(served.host.done).isEmpty();
    }

    @Test
    void anotherTenantsThingsAnswerAsIfTheyWereNotThere() {
        for (String[] call : calls("bob")) {
            if (!call[1].startsWith("/v1/tenants/")) {
                continue;
            }
            String ghost = call[1].replace("/v1/tenants/bob", "/v1/tenants/ghost");
            Reply theirs = served.json(call[0], call[1], "ann-token", "not even JSON");
            Reply nobodys = served.json(call[0], ghost, "ann-token", "not even JSON");
            isProblem(theirs, 404, "not-found");
            assertThat(theirs.body()).isEqualTo(nobodys.body().replace("ghost", "bob"));
            for (Reply reply : List.of(theirs, nobodys)) {
                assertThat(reply.headers().map().keySet())
                        .isSubsetOf(
                                "cache-control",
                                "connection",
                                "content-length",
                                "content-type",
                                "date",
                                "server",
                                "x-content-type-options");
            }
        }
        assertThat(served.get("/v1/tenants/bob/nonsense", "ann-token").body())
                .isEqualTo(served.get("/v1/tenants/ghost/nonsense", "ann-token")
                        .body()
                        .replace("ghost", "bob"));
        assertThat(served.send("PUT", "/v1/tenants/bob", "ann-token", BodyPublishers.noBody())
                        .status())
                .isEqualTo(404);
        assertThat(served.host.done).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "POST, /v1/tenants",
        "GET, /v1/tenants",
        "GET, /v1/sandboxes",
        "GET, /v1/doctor",
        "GET, /v1/capabilities",
        "GET, /v1/backup",
        "POST, /v1/restore",
        "GET, /v1/events",
        "PATCH, /v1/tenants/ann",
        "DELETE, /v1/tenants/ann"
    })
    void whatIsTheOperatorsIsForbiddenToATenant(String method, String path) {
        isProblem(served.json(method, path, "ann-token", "{\"id\":\"x\",\"quota\":{}}"), 403, "operator-only");
        assertThat(served.host.done).isEmpty();
    }

    @Test
    void aTenantReachesItsOwn() {
        assertThat(served.get("/v1/tenants/bob", "bob-token").status()).isEqualTo(200);
        assertThat(served.get("/v1/tenants/bob/apps", "bob-token").json().path("items"))
                .hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/v1/tenants/ann/../bob",
                "/v1/tenants/ann/%2e%2e/bob",
                "/v1/tenants/ann%2F..%2Fbob",
                "/v1/tenants/ann/..%2fbob/apps",
                "/v1/tenants//bob/apps",
                "/v1/tenants/ann/apps/../../bob/apps",
                "/v1/./tenants/bob/apps",
                "/v1/tenants/%62ob/apps",
                "/v1/tenants/bob;x=ann/apps",
                "/v1/tenants/ann%00/apps",
                "/v1/tenants/ANN/apps",
                "//v1/tenants/bob/apps",
                "/V1/tenants/bob/apps",
            })
    void noSpellingOfAPathLeadsToAnothersThings(String path) throws Exception {
        String answer = served.raw(
                ("GET " + path + " HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ann-token\r\nConnection: close\r\n\r\n")
                        .getBytes(java.nio.charset.StandardCharsets.US_ASCII));
        assertThat(answer).matches("(?s)HTTP/1.1 40[04] .*application/problem\\+json.*");
        assertThat(served.host.done).isEmpty();
    }

    @Test
    void oddAuthorizationHeadersAreNoToken() throws Exception {
        for (String headers : List.of(
                "Authorization: Bearer op\r\nAuthorization: Bearer op\r\n",
                "Authorization: Basic b3A6b3A=\r\n",
                "Authorization: Bearer\r\n",
                "Authorization: Bearer o p\r\n",
                "Authorization: Bearer " + "x".repeat(600) + "\r\n",
                "Authorization: op\r\n")) {
            String answer =
                    served.raw(("GET /v1/tenants HTTP/1.1\r\nHost: localhost\r\n" + headers + "Connection: close\r\n\r\n")
                            .getBytes(java.nio.charset.StandardCharsets.US_ASCII));
            assertThat(answer).as(headers).matches("(?s)HTTP/1.1 (401|400) .*");
        }
        assertThat(served.host.done).isEmpty();
    }

    @Test
    void beyondLoopbackEvenHealthNeedsAToken() {
        try (ServedApi open = new ServedApi(false)) {
            for (String path : List.of("/healthz", "/readyz", "/metrics", "/openapi.json")) {
                isProblem(open.get(path, ""), 401, "unauthorised");
                assertThat(open.get(path, "op").status()).isEqualTo(200);
            }
            assertThat(open.get("/healthz", "ann-token").status()).isEqualTo(200);
            isProblem(open.get("/metrics", "ann-token"), 403, "operator-only");
        }
    }
}
