package io.hostel.api.http;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/** The API's description, OpenAPI 3.1: {@code openapi.json} beside this class. */
final class OpenApi {
    private static final String TEXT = load();

    private OpenApi() {}

    static String text() {
        return TEXT;
    }

    private static String load() {
        try (InputStream in = OpenApi.class.getResourceAsStream("openapi.json")) {
            if (in == null) {
                throw new IllegalStateException("io/hostel/api/http/openapi.json is missing on the class path");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new IllegalStateException("cannot read io/hostel/api/http/openapi.json on the class path", e);
        }
    }
}
