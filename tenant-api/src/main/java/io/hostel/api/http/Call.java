package io.hostel.api.http;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletionStage;

/**
 * One call of the API.
 *
 * @param path e.g. {@code /v1/tenants/{tenant}}
 * @param query the parameters it takes
 * @param takes the longest that it may take besides {@code wait}
 * @param secret whether its answer holds a secret, which is never kept in clear
 */
record Call(
        String method,
        PathTemplate path,
        Access access,
        Takes body,
        Set<String> query,
        Duration takes,
        boolean secret,
        Handler handler) {

    /** What a call does; it may throw or fail with {@link io.hostel.api.RefusedException}. */
    interface Handler {
        CompletionStage<Answer> answer(Exchange exchange);
    }

    /** What body a call takes. */
    enum Takes {
        NOTHING,
        JSON,
        /** The handler reads the request's entity by itself. */
        STREAM
    }

    private static final Duration SOON = Duration.ofSeconds(30);

    static Call get(String path, Access access, Handler handler) {
        return new Call("GET", PathTemplate.parse(path), access, Takes.NOTHING, Set.of(), SOON, false, handler);
    }

    static Call post(String path, Access access, Takes body, Handler handler) {
        return new Call("POST", PathTemplate.parse(path), access, body, Set.of(), SOON, false, handler);
    }

    static Call put(String path, Access access, Handler handler) {
        return new Call("PUT", PathTemplate.parse(path), access, Takes.NOTHING, Set.of(), SOON, false, handler);
    }

    static Call patch(String path, Access access, Handler handler) {
        return new Call("PATCH", PathTemplate.parse(path), access, Takes.JSON, Set.of(), SOON, false, handler);
    }

    static Call delete(String path, Access access, Handler handler) {
        return new Call("DELETE", PathTemplate.parse(path), access, Takes.NOTHING, Set.of(), SOON, false, handler);
    }

    Call withQuery(String... names) {
        return new Call(method, path, access, body, Set.of(names), takes, secret, handler);
    }

    Call withWait() {
        return withQuery("wait");
    }

    Call within(Duration longest) {
        return new Call(method, path, access, body, query, longest, secret, handler);
    }

    Call showingSecret() {
        return new Call(method, path, access, body, query, takes, true, handler);
    }

    boolean changes() {
        return !method.equals("GET");
    }
}
