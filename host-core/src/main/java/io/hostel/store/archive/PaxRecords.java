package io.hostel.store.archive;

import static io.hostel.store.archive.TarReader.damaged;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What an extended header says of the next entry, in records {@code LENGTH KEY=VALUE\n} (POSIX.1-2001 pax). Extended attributes
 * are among what is not looked at: file capabilities must not come from strangers.
 */
final class PaxRecords {
    static final PaxRecords NONE = new PaxRecords(Map.of());

    private static final Pattern NUMBER = Pattern.compile("[0-9]{1,18}");
    private static final Pattern TIME = Pattern.compile("(-?)([0-9]{1,12})(?:\\.([0-9]{1,9})[0-9]*)?");

    private final Map<String, byte[]> values;

    private PaxRecords(Map<String, byte[]> values) {
        this.values = values;
    }

    static PaxRecords parse(byte[] bytes) {
        Map<String, byte[]> values = new HashMap<>();
        int start = 0;
        // What follows the last record, if anything, is padding.
        while (start < bytes.length && bytes[start] != 0) {
            int space = find(bytes, ' ', start, Math.min(bytes.length, start + 9));
            int end = start + length(bytes, start, space);
            if (end > bytes.length || end <= space + 1 || bytes[end - 1] != '\n') {
                throw damaged("an extended header's record has a wrong length");
            }
            int equals = find(bytes, '=', space, end);
            values.put(
                    new String(bytes, space + 1, equals - space - 1, StandardCharsets.UTF_8),
                    Arrays.copyOfRange(bytes, equals + 1, end - 1));
            start = end;
        }
        return new PaxRecords(values);
    }

    private static int find(byte[] bytes, char wanted, int from, int to) {
        for (int i = from; i < to; i++) {
            if (bytes[i] == wanted) {
                return i;
            }
        }
        throw damaged("an extended header's record has no '" + wanted + "'");
    }

    private static int length(byte[] bytes, int from, int to) {
        String digits = new String(bytes, from, to - from, StandardCharsets.ISO_8859_1);
        if (!NUMBER.matcher(digits).matches()) {
            throw damaged("an extended header's record has no length");
        }
        return Integer.parseInt(digits);
    }

    boolean isEmpty() {
        return values.isEmpty();
    }

    boolean has(String key) {
        return values.containsKey(key);
    }

    Optional<String> text(String key) {
        return Optional.ofNullable(values.get(key)).map(TarHeader::text);
    }

    OptionalLong number(String key) {
        Optional<String> text = text(key);
        if (text.isEmpty()) {
            return OptionalLong.empty();
        }
        if (!NUMBER.matcher(text.get()).matches()) {
            throw damaged("an extended header's " + key + " is no number");
        }
        return OptionalLong.of(Long.parseLong(text.get()));
    }

    Optional<Instant> modified() {
        return text("mtime").map(text -> {
            Matcher matcher = TIME.matcher(text);
            if (!matcher.matches()) {
                throw damaged("an extended header's mtime is no time");
            }
            if (!matcher.group(1).isEmpty()) {
                return Instant.EPOCH;
            }
            String fraction = matcher.group(3) == null ? "" : matcher.group(3);
            return Instant.ofEpochSecond(
                    Long.parseLong(matcher.group(2)), Long.parseLong((fraction + "000000000").substring(0, 9)));
        });
    }
}
