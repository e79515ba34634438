package io.hostel.api.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.hostel.api.TimeSpan;
import io.hostel.config.ByteSize;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * One JSON object of a request, read field by field. A bad field is noted under its JSON pointer and read as absent, so that
 * reading goes on to the next.
 */
final class Fields {
    private final JsonNode object;
    private final String pointer;
    private final FieldProblems problems;

    /** @param known every field there may be */
    Fields(JsonNode node, String pointer, FieldProblems problems, Set<String> known) {
        this.pointer = pointer;
        this.problems = problems;
        this.object = node.isObject() ? node : JsonNodeFactory.instance.objectNode();
        if (!node.isObject()) {
            problems.add(pointer, "must be an object");
        }
        object.fieldNames().forEachRemaining(name -> {
            if (!known.contains(name)) {
                problems.add(
                        pointer(name),
                        "is no field here; there are " + known.stream().sorted().collect(Collectors.joining(", ")));
            }
        });
    }

    String pointer(String name) {
        return pointer + "/" + name.replace("~", "~0").replace("/", "~1"); // RFC 6901, section 3
    }

    boolean has(String name) {
        return object.has(name);
    }

    void problem(String name, String detail) {
        problems.add(pointer(name), detail);
    }

    /** Notes a required field that is not there. */
    <T> Optional<T> required(String name, Optional<T> value) {
        if (!object.has(name)) {
            problem(name, "is missing");
        }
        return value;
    }

    Optional<String> text(String name, int mostChars) {
        return value(name).flatMap(node -> text(node, pointer(name), mostChars));
    }

    /** A text's UTF-8, NULs and all. */
    Optional<byte[]> bytes(String name) {
        return value(name)
                .flatMap(node -> node.isTextual()
                        ? Optional.of(node.textValue().getBytes(StandardCharsets.UTF_8))
                        : bad(name, "must be a text"));
    }

    /** RFC 4648, section 4. */
    Optional<byte[]> base64(String name) {
        return value(name).flatMap(node -> {
            try {
                return node.isTextual()
                        ? Optional.of(Base64.getDecoder().decode(node.textValue()))
                        : bad(name, "must be a text");
            } catch (IllegalArgumentException e) {
                return bad(name, "must be Base64 (RFC 4648, section 4): " + e.getMessage());
            }
        });
    }

    Optional<Long> whole(String name, long least, long most) {
        return value(name).flatMap(node -> {
            if (!node.isIntegralNumber()
                    || !node.canConvertToLong()
                    || node.longValue() < least
                    || node.longValue() > most) {
                return bad(name, "must be a whole number within " + least + ".." + most);
            }
            return Optional.of(node.longValue());
        });
    }

    Optional<Double> decimal(String name, double least, double most) {
        return value(name).flatMap(node -> {
            if (!node.isNumber() || !(node.doubleValue() >= least && node.doubleValue() <= most)) {
                return bad(name, "must be a number within " + Json.write(least) + ".." + Json.write(most));
            }
            return Optional.of(node.doubleValue());
        });
    }

    /** Bytes, or a text such as {@code "64MiB"}. */
    Optional<Long> size(String name, long least, long most) {
        return value(name).flatMap(node -> {
            try {
                if (!node.isTextual() && !(node.isIntegralNumber() && node.canConvertToLong())) {
                    return bad(name, "must be bytes, a whole number, or a text such as \"64MiB\"");
                }
                long bytes = node.isTextual() ? ByteSize.parse(node.textValue()) : node.longValue();
                if (bytes < least || bytes > most) {
                    return bad(name, "must be within " + ByteSize.format(least) + ".." + ByteSize.format(most));
                }
                return Optional.of(bytes);
            } catch (IllegalArgumentException e) {
                return bad(name, String.valueOf(e.getMessage()));
            }
        });
    }

    Optional<Duration> duration(String name, Duration least, Duration most) {
        return text(name, 30).flatMap(text -> {
            try {
                Duration duration = TimeSpan.parse(text);
                if (duration.compareTo(least) < 0 || duration.compareTo(most) > 0) {
                    return bad(name, "must be within " + TimeSpan.format(least) + ".." + TimeSpan.format(most));
                }
                return Optional.of(duration);
            } catch (IllegalArgumentException e) {
                return bad(name, String.valueOf(e.getMessage()));
            }
        });
    }

    <E extends Enum<E>> Optional<E> word(String name, E[] constants) {
        return text(name, 30).flatMap(text -> {
            Optional<E> found = Stream.of(constants)
                    .filter(constant -> Json.word(constant).equals(text))
                    .findFirst();
            return found.isPresent()
                    ? found
                    : bad(
                            name,
                            "must be one of "
                                    + Stream.of(constants).map(Json::word).collect(Collectors.joining(", ")));
        });
    }

    /** An array of texts; those that are bad are left out of the result. */
    Optional<List<String>> texts(String name, int mostItems, int mostChars) {
        return value(name).flatMap(node -> {
            if (!node.isArray() || node.size() > mostItems) {
                return bad(name, "must be an array of at most " + mostItems + " texts");
            }
            List<String> items = new ArrayList<>();
            for (int i = 0; i < node.size(); i++) {
                text(node.get(i), pointer(name) + "/" + i, mostChars).ifPresent(items::add);
            }
            return Optional.of(items);
        });
    }

    /** An object's fields in order; nothing where it is absent, or bad. */
    void each(String name, int most, BiConsumer<String, JsonNode> read) {
        value(name).ifPresent(node -> {
            if (!node.isObject() || node.size() > most) {
                problem(name, "must be an object of at most " + most + " fields");
            } else {
                node.fields().forEachRemaining(field -> read.accept(field.getKey(), field.getValue()));
            }
        });
    }

    /** A map of texts; those that are bad are left out. */
    Map<String, String> textMap(String name, int most, int mostChars) {
        Map<String, String> map = new LinkedHashMap<>();
        each(
                name,
                most,
                (key, node) -> text(
                                node,
                                pointer(name) + "/" + key.replace("~", "~0").replace("/", "~1"),
                                mostChars)
                        .ifPresent(text -> map.put(key, text)));
        return map;
    }

    /** The fields of an object within; where it is absent, of an empty one. */
    Fields inner(String name, Set<String> known) {
        return new Fields(value(name).orElse(JsonNodeFactory.instance.objectNode()), pointer(name), problems, known);
    }

    private Optional<JsonNode> value(String name) {
        return Optional.ofNullable(object.get(name));
    }

    private Optional<String> text(JsonNode node, String at, int mostChars) {
        if (!node.isTextual()) {
            problems.add(at, "must be a text");
            return Optional.empty();
        }
        String text = node.textValue();
        if (text.length() > mostChars) {
            problems.add(at, "must have at most " + mostChars + " characters");
        } else if (text.indexOf('\0') >= 0) {
            problems.add(at, "must not hold a NUL"); // ends a string in execve(2)
        } else if (text.codePoints().anyMatch(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE)) {
            problems.add(at, "holds half of a surrogate pair, which UTF-8 cannot carry");
        } else {
            return Optional.of(text);
        }
        return Optional.empty();
    }

    private <T> Optional<T> bad(String name, String detail) {
        problem(name, detail);
        return Optional.empty();
    }
}
