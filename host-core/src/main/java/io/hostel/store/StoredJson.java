package io.hostel.store;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import io.hostel.api.LastExit;
import io.hostel.api.ReleaseSpec;
import io.hostel.config.Quota;
import io.hostel.config.QuotaField;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The database's own JSON, independent of the one spoken over HTTP. A release's spec lies in an envelope {@code {"v":1,"spec":…}}:
 * a field that is missing or unknown is an error, for guessing at what a tenant wanted is worse; a change of its form takes
 * a new number and a reader for the old one.
 */
final class StoredJson {
    private static final int FORM = 2;

    /** Where each process had a scale, and nothing said what it was at first. */
    private static final int FORM_OF_SCALES = 1;

    private static final ObjectMapper MAPPER = JsonMapper.builder()
            .addModule(new Jdk8Module())
            .addModule(new JavaTimeModule())
            .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS, SerializationFeature.WRITE_DURATIONS_AS_TIMESTAMPS)
            .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
            .enable(
                    DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES,
                    DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES,
                    DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            .build();

    private static final TypeReference<List<Integer>> NUMBERS = new TypeReference<>() {};
    private static final TypeReference<Map<String, Long>> QUOTA = new TypeReference<>() {};
    private static final TypeReference<Map<String, Integer>> NUMBERS_BY_NAME = new TypeReference<>() {};
    private static final TypeReference<Map<String, String>> TEXTS_BY_NAME = new TypeReference<>() {};

    private StoredJson() {}

    private record Envelope(int v, ReleaseSpec spec) {}

    static String spec(ReleaseSpec spec) {
        return text(new Envelope(FORM, spec));
    }

    static ReleaseSpec spec(String json) {
        try {
            JsonNode tree = MAPPER.readTree(json);
            int form = tree.path("v").asInt();
            if (form == FORM_OF_SCALES) {
                tree.path("spec").path("processes").forEach(process -> ((ObjectNode) process).put("initialScale", 1));
            } else if (form != FORM) {
                throw new StoreException("a stored release has form " + form + ", known is " + FORM, null);
            }
            return MAPPER.treeToValue(tree, Envelope.class).spec();
        } catch (JsonProcessingException e) {
            throw unreadable(e);
        }
    }

    /** By {@link QuotaField#title}, in the field's unit. */
    static String quota(Quota quota) {
        Map<String, Long> values = new LinkedHashMap<>();
        quota.values().forEach((field, value) -> values.put(field.title(), value));
        return text(values);
    }

    /** A field that is younger than what was stored has its standard value. */
    static Quota quota(String json) {
        Map<String, Long> values = read(json, QUOTA);
        return Quota.of(field -> values.getOrDefault(field.title(), field.standard()));
    }

    static String text(Object value) {
        try {
            return MAPPER.writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("not expressible as JSON: " + value, e);
        }
    }

    static List<Integer> numbers(String json) {
        return read(json, NUMBERS);
    }

    static Map<String, Integer> numbersByName(String json) {
        return read(json, NUMBERS_BY_NAME);
    }

    static Map<String, String> textsByName(String json) {
        return read(json, TEXTS_BY_NAME);
    }

    static LastExit lastExit(String json) {
        return read(json, new TypeReference<>() {});
    }

    private static <T> T read(String json, TypeReference<T> type) {
        try {
            return MAPPER.readValue(json, type);
        } catch (JsonProcessingException e) {
            throw unreadable(e);
        }
    }

    private static StoreException unreadable(JsonProcessingException e) {
        return new StoreException("stored JSON is unreadable: " + e.getOriginalMessage(), e);
    }
}
