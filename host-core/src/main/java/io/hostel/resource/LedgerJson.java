package io.hostel.resource;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonDeserializer;
import com.fasterxml.jackson.databind.JsonSerializer;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.deser.std.StdScalarDeserializer;
import com.fasterxml.jackson.databind.deser.std.StringDeserializer;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;

/**
 * How the ledger writes values: records by their components, paths and addresses as plain text. Fields that a newer daemon
 * wrote are passed over, so that an older one can still take back what it finds.
 */
final class LedgerJson {
    /** A reader's attribute: a {@link Shared} of what is read together. */
    static final String SHARED = "shared texts";

    /** Long texts that have been read. */
    static final class Shared {
        private final Map<String, String> texts = new HashMap<>();
    }

    private LedgerJson() {}

    static JsonMapper mapper() {
        SimpleModule plain = new SimpleModule("plain text");
        plain.addSerializer(Path.class, text(Path::toString));
        plain.addDeserializer(Path.class, parsed(Path::of));
        plain.addDeserializer(String.class, new SharedText());
        plain.addSerializer(Inet4Address.class, text(Inet4Address::getHostAddress));
        plain.addDeserializer(Inet4Address.class, parsed(LedgerJson::address));
        return JsonMapper.builder()
                .addModules(new Jdk8Module(), new JavaTimeModule(), plain)
                .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
                .disable(SerializationFeature.WRITE_DURATIONS_AS_TIMESTAMPS)
                .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                .build();
    }

    /**
     * A long text that several entries have is one in memory: all sandboxes of a release have its commands and its environment,
     * which are as large as its tenant likes. Where the reader has no {@link #SHARED}, as it comes.
     */
    private static final class SharedText extends StdScalarDeserializer<String> {
        private static final long serialVersionUID = 1;
        private static final int LONG = 64;

        SharedText() {
            super(String.class);
        }

        @Override
        public String deserialize(JsonParser in, DeserializationContext context) throws IOException {
            String text = StringDeserializer.instance.deserialize(in, context);
            return text.length() >= LONG && context.getAttribute(SHARED) instanceof Shared shared
                    ? shared.texts.computeIfAbsent(text, itself -> itself)
                    : text;
        }
    }

    /** Only dotted quads are written, so no name is ever looked up. */
    private static Inet4Address address(String text) {
        String[] parts = text.split("\\.", -1);
        byte[] bytes = new byte[4];
        if (parts.length != 4) {
            throw new IllegalArgumentException("\"" + text + "\" is not an IPv4 address");
        }
        try {
            for (int i = 0; i < 4; i++) {
                bytes[i] = (byte) Integer.parseInt(parts[i]);
            }
            return (Inet4Address) InetAddress.getByAddress(bytes);
        } catch (IOException e) {
            throw new IllegalArgumentException("\"" + text + "\" is not an IPv4 address", e);
        }
    }

    private static <T> JsonSerializer<T> text(Function<T, String> format) {
        return new JsonSerializer<>() {
            @Override
            public void serialize(T value, JsonGenerator out, SerializerProvider provider) throws IOException {
                out.writeString(format.apply(value));
            }
        };
    }

    private static <T> JsonDeserializer<T> parsed(Function<String, T> parse) {
        return new JsonDeserializer<>() {
            @Override
            public T deserialize(JsonParser in, DeserializationContext context) throws IOException {
                return parse.apply(in.getValueAsString(""));
            }
        };
    }
}
