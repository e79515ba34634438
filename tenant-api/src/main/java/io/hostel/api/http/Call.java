package io.hostel.api.http;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletionStage;

/**
 * One call of the API.
 *
 * @param path e.g. {@code /v1/tenants/{tenant}}
 * @param query the parameters it takes
 * @param most bytes that its body may have, where it takes JSON
 * @param takes the longest that it may take besides {@code wait}
 * @param waits whether it may be under way for long without being asked to wait
 * @param secret whether its answer holds a secret, which is never kept in clear
 */
record Call(
        String method,
        PathTemplate path,
        Access access,
        Takes body,
        long most,
        Set<String> query,
        Duration takes,
        boolean waits,
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

    /** A release's spec, the largest of what calls take but an exec. */
    private static final long MOST_BYTES = 256 << 10;

    private static Call of(String method, String path, Access access, Takes body, Handler handler) {
        return new Call(
                method, PathTemplate.parse(path), access, body, MOST_BYTES, Set.of(), SOON, false, false, handler);
    }

    static Call get(String path, Access access, Handler handler) {
        return of("GET", path, access, Takes.NOTHING, handler);
    }

    static Call post(String path, Access access, Takes body, Handler handler) {
        return of("POST", path, access, body, handler);
    }

    static Call put(String path, Access access, Handler handler) {
        return of("PUT", path, access, Takes.NOTHING, handler);
    }

    static Call patch(String path, Access access, Handler handler) {
        return of("PATCH", path, access, Takes.JSON, handler);
    }

    static Call delete(String path, Access access, Handler handler) {
        return of("DELETE", path, access, Takes.NOTHING, handler);
    }

    Call withQuery(String... names) {
        return new Call(method, path, access, body, most, Set.of(names), takes, waits, secret, handler);
    }

    Call withWait() {
        return withQuery("wait");
    }

    Call within(Duration longest) {
        return new Call(method, path, access, body, most, query, longest, waits, secret, handler);
    }

    Call upTo(long bytes) {
        return new Call(method, path, access, body, bytes, query, takes, waits, secret, handler);
    }

    Call thatWaits() {
        return new Call(method, path, access, body, most, query, takes, true, secret, handler);
    }

    Call showingSecret() {
        return new Call(method, path, access, body, most, query, takes, waits, true, handler);
    }

    boolean changes() {
        return !method.equals("GET");
    }
}
