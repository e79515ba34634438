package io.hostel.api.http;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.ser.std.StdSerializer;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import io.hostel.api.TimeSpan;
import io.hostel.config.Quota;
import io.hostel.config.QuotaField;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;

/**
 * JSON as this API speaks it. Written: enum constants in lower case with dashes, instants in ISO 8601, durations as {@code 10s},
 * absent values left out, maps by key. Read: strictly, into a tree, within bounds.
 */
public final class Json {
    /** Bounds the tree: an object or an array of its own takes two of them and some 80 bytes. */
    private static final int MOST_TOKENS = 65_536;

    private static final StreamReadConstraints BOUNDS = StreamReadConstraints.builder()
            .maxNestingDepth(16)
            .maxNumberLength(40)
            .maxNameLength(1_024)
            .maxTokenCount(MOST_TOKENS)
            .build();

    private static final JsonMapper MAPPER = JsonMapper.builder(
                    JsonFactory.builder().streamReadConstraints(BOUNDS).build())
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
            .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
            .defaultPropertyInclusion(
                    JsonInclude.Value.construct(JsonInclude.Include.NON_ABSENT, JsonInclude.Include.ALWAYS))
            .addModule(new Jdk8Module())
            .addModule(new JavaTimeModule())
            .addModule(words())
            .build();

    private Json() {}

    /** A value's JSON, in one line. */
    public static String write(Object value) {
        try {
            return MAPPER.writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("no JSON for a " + value.getClass().getName(), e);
        }
    }

    /** A value's JSON, in pieces. */
    static Pieces pieces(Object value) {
        Pieces pieces = new Pieces();
        try {
            MAPPER.writeValue(pieces, value);
        } catch (IOException e) {
            throw new IllegalStateException("no JSON for a " + value.getClass().getName(), e);
        }
        return pieces;
    }

    /** A value's JSON as a tree, for adding to it. */
    public static JsonNode tree(Object value) {
        return MAPPER.valueToTree(value);
    }

    /**
     * @param utf8 exactly one JSON value
     * @throws MalformedException saying what is wrong and where, without repeating the text
     */
    public static JsonNode read(byte[] utf8) throws MalformedException {
        String text;
        try {
            text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(utf8))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new MalformedException("the text is not UTF-8");
        }
        return read(text);
    }

    /** As {@link #read(byte[])}. */
    public static JsonNode read(String text) throws MalformedException {
        try {
            JsonNode node = MAPPER.readTree(text);
            if (node == null || node.isMissingNode()) {
                throw new MalformedException("there is no JSON value");
            }
            return node;
        } catch (JsonProcessingException e) {
            String where = e.getLocation() == null
                    ? ""
                    : " (line " + e.getLocation().getLineNr() + ", column "
                            + e.getLocation().getColumnNr() + ")";
            throw new MalformedException(e.getOriginalMessage() + where);
        }
    }

    /** A constant as the outside sees it, e.g. {@code on-failure}. */
    public static String word(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private static SimpleModule words() {
        return new SimpleModule("words")
                .addSerializer(Enum.class, new EnumWord())
                .addSerializer(Double.class, new PlainNumber())
                .addSerializer(double.class, new PlainNumber())
                .addSerializer(Duration.class, new TimeSpanText())
                .addSerializer(Quota.class, new QuotaByField());
    }

    /** What was sent is no JSON within the bounds. */
    public static final class MalformedException extends Exception {
        private static final long serialVersionUID = 1;

        MalformedException(String message) {
            super(message, null, false, false);
        }
    }

    @SuppressWarnings("rawtypes") // the class literal of a generic type
    private static final class EnumWord extends StdSerializer<Enum> {
        private static final long serialVersionUID = 1;

        EnumWord() {
            super(Enum.class);
        }

        @Override
        public void serialize(Enum value, JsonGenerator json, SerializerProvider provider) throws IOException {
            json.writeString(word(value));
        }
    }

    /** Without {@code .0}. */
    private static final class PlainNumber extends StdSerializer<Double> {
        private static final long serialVersionUID = 1;

        PlainNumber() {
            super(Double.class);
        }

        @Override
        public void serialize(Double value, JsonGenerator json, SerializerProvider provider) throws IOException {
            if (value == Math.rint(value) && Math.abs(value) < 1e15) {
                json.writeNumber(value.longValue());
            } else {
                json.writeNumber(value);
            }
        }
    }

    private static final class QuotaByField extends StdSerializer<Quota> {
        private static final long serialVersionUID = 1;

        QuotaByField() {
            super(Quota.class);
        }

        @Override
        public void serialize(Quota value, JsonGenerator json, SerializerProvider provider) throws IOException {
            json.writeStartObject();
            for (QuotaField field : QuotaField.values()) {
                json.writeFieldName(field.title());
                if (field.isMillionths()) {
                    provider.defaultSerializeValue(value.of(field) / 1e6, json);
                } else {
                    json.writeNumber(value.of(field));
                }
            }
            json.writeEndObject();
        }
    }

    private static final class TimeSpanText extends StdSerializer<Duration> {
        private static final long serialVersionUID = 1;

        TimeSpanText() {
            super(Duration.class);
        }

        @Override
        public void serialize(Duration value, JsonGenerator json, SerializerProvider provider) throws IOException {
            json.writeString(TimeSpan.format(value));
        }
    }
}
