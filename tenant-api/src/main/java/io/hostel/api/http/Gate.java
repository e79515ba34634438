package io.hostel.api.http;

import akka.http.javadsl.model.HttpHeader;
import akka.http.javadsl.model.HttpRequest;
import io.hostel.api.Authenticator;
import io.hostel.api.Caller;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Lets callers in: who they are, and whether they may. */
final class Gate {
    private static final int MOST_TOKEN_CHARS = 512;
    private static final String CHALLENGE = "Bearer realm=\"hostel\"";

    private final Authenticator authenticator;
    private final boolean loopback;

    /** @param loopback whether only this machine reaches the API */
    Gate(Authenticator authenticator, boolean loopback) {
        this.authenticator = authenticator;
        this.loopback = loopback;
    }

    /** Whose token the request carries; empty where it carries none, or nobody's. */
    CompletionStage<Optional<Caller>> caller(HttpRequest request) {
        return token(request)
                .map(authenticator::caller)
                .orElseGet(() -> CompletableFuture.completedFuture(Optional.empty()));
    }

    /** The bearer token, where there is exactly one. */
    static Optional<String> token(HttpRequest request) {
        List<String> values = new ArrayList<>();
        for (HttpHeader header : request.getHeaders()) {
            if (header.is("authorization")) {
                values.add(header.value());
            }
        }
        if (values.size() != 1) {
            return Optional.empty();
        }
        String value = values.get(0);
        if (!value.toLowerCase(Locale.ROOT).startsWith("bearer ") || value.length() > MOST_TOKEN_CHARS) {
            return Optional.empty();
        }
        String token = value.substring("bearer ".length()).strip();
        return token.matches("[!-~]+") ? Optional.of(token) : Optional.empty();
    }

    boolean needsToken(Access access) {
        return !(loopback && (access == Access.OPEN || access == Access.OPEN_OR_OPERATOR));
    }

    static Answer unknown() {
        return Problem.of(401, "unauthorised", "Who are you?", "send a valid token: Authorization: Bearer TOKEN")
                .answer()
                .with("WWW-Authenticate", CHALLENGE);
    }

    /** Why the caller may not; what is another tenant's is answered as what is not there. */
    Optional<Answer> refusal(Access access, Caller caller, Map<String, String> path) {
        boolean anybody = access == Access.CALLER || access == Access.OPEN;
        if (caller instanceof Caller.Operator || anybody || !needsToken(access)) {
            return Optional.empty();
        }
        boolean tenants = access == Access.TENANT || access == Access.TENANT_BY_OPERATOR;
        String named = path.getOrDefault("tenant", "");
        if (tenants && !(caller instanceof Caller.Tenant tenant && tenant.id().equals(named))) {
            return Optional.of(Exchange.noSuch("tenant", named).answer());
        }
        return access == Access.TENANT ? Optional.empty() : Optional.of(operatorOnly());
    }

    /** RFC 9110, section 15.5.20. */
    static Answer misdirected() {
        return Problem.of(
                        421,
                        "misdirected",
                        "This host has another name",
                        "ask by its address, by localhost, or by the name in hostel.api.interface; or send a token")
                .answer();
    }

    static Answer operatorOnly() {
        return Problem.of(403, "operator-only", "Not with a tenant's token", "only the operator may do this")
                .answer();
    }
}
