package io.hostel.store.backup;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import io.hostel.api.Refusal;
import io.hostel.api.RefusedException;
import java.io.IOException;
import java.time.Instant;
import java.util.List;

/**
 * What a backup says of itself: its last entry, so that one that was cut off has none.
 *
 * @param format of the archive, {@value #FORMAT}
 * @param schema version of the database
 * @param parts all entries before this one, in order
 */
record Manifest(int format, int schema, Instant createdAt, List<Part> parts) {
    static final int FORMAT = 1;

    static final String NAME = "manifest.json";
    static final String DATABASE = "hostel.db";
    static final String TOKEN = "operator.token";

    private static final ObjectMapper JSON = JsonMapper.builder()
            .addModule(new JavaTimeModule())
            .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
            .enable(SerializationFeature.INDENT_OUTPUT)
            .enable(
                    DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES,
                    DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES)
            // What a newer host adds is no reason not to look at the format first.
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .build();

    Manifest {
        parts = List.copyOf(parts);
    }

    /**
     * @param size bytes
     * @param sha256 of its content, hex
     */
    record Part(String name, long size, String sha256) {}

    byte[] json() {
        try {
            return JSON.writeValueAsBytes(this);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("write a manifest", e);
        }
    }

    /** @throws RefusedException BadArchive where it is none, or of a newer host */
    static Manifest read(byte[] json) {
        Manifest manifest;
        try {
            manifest = JSON.readValue(json, Manifest.class);
        } catch (IOException e) {
            throw bad("its " + NAME + " cannot be read: " + e.getMessage());
        }
        if (manifest.format() != FORMAT) {
            throw bad("it has format " + manifest.format() + ", and this host knows format " + FORMAT
                    + ": it was made by a newer Hostel; update this one first");
        }
        return manifest;
    }

    /** @param digest {@code sha256:} and hex */
    static String artifact(String digest) {
        return "artifacts/" + digest.replace(':', '-') + ".tar";
    }

    /** Why something is no backup that can be restored: the rest of a sentence. */
    static RefusedException bad(String why) {
        return new RefusedException(new Refusal.BadArchive(why));
    }
}
