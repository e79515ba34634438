package io.hostel.store;

import io.hostel.api.Refusal;
import io.hostel.api.RefusedException;
import io.hostel.store.ArtifactStore.ProcfileEntry;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** {@code name: command line}, a line each, as with Heroku; blank lines and those that begin with # say nothing. */
final class Procfile {
    private static final Pattern LINE = Pattern.compile("\\s*([A-Za-z0-9_-]+)\\s*:\\s*(\\S.*?)\\s*");
    private static final int LARGEST = 65_536;
    private static final int MOST_PROBLEMS = 20;
    private static final int SHOWN = 60;

    private Procfile() {}

    /**
     * Empty where there is none, or what has its name is no regular file: a link may lead anywhere.
     *
     * @throws RefusedException with every line that is none
     */
    static List<ProcfileEntry> read(Path file) throws IOException {
        if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
            return List.of();
        }
        try (InputStream in = Files.newInputStream(file, LinkOption.NOFOLLOW_LINKS)) {
            byte[] bytes = in.readNBytes(LARGEST + 1);
            if (bytes.length > LARGEST) {
                throw refused(List.of("size is beyond what goes: it has more than " + LARGEST + " bytes"));
            }
            return parse(bytes);
        }
    }

    /** In order. */
    static List<ProcfileEntry> parse(byte[] bytes) {
        Map<String, ProcfileEntry> entries = new LinkedHashMap<>();
        List<String> problems = new ArrayList<>();
        int number = 0;
        for (byte[] line : lines(bytes)) {
            number++;
            String text;
            try {
                text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(line)).toString();
            } catch (CharacterCodingException e) {
                problems.add("line " + number + " is no UTF-8");
                continue;
            }
            if (number == 1 && text.startsWith("\ufeff")) {
                text = text.substring(1);
            }
            if (text.isBlank() || text.stripLeading().startsWith("#")) {
                continue;
            }
            Matcher matcher = LINE.matcher(text);
            if (text.indexOf('\0') >= 0) {
                problems.add("line " + number + " has a NUL");
            } else if (!matcher.matches()) {
                problems.add("line " + number + " is no \"name: command\": " + shown(text.strip()));
            } else if (entries.putIfAbsent(
                            matcher.group(1), new ProcfileEntry(matcher.group(1), matcher.group(2)))
                    != null) {
                problems.add("line " + number + " names " + matcher.group(1) + " a second time");
            }
        }
        if (!problems.isEmpty()) {
            throw refused(problems);
        }
        return List.copyOf(entries.values());
    }

    private static List<byte[]> lines(byte[] bytes) {
        List<byte[]> lines = new ArrayList<>();
        int from = 0;
        for (int i = 0; i <= bytes.length; i++) {
            if (i == bytes.length || bytes[i] == '\n') {
                int to = i > from && bytes[i - 1] == '\r' ? i - 1 : i;
                lines.add(Arrays.copyOfRange(bytes, from, to));
                from = i + 1;
            }
        }
        return lines;
    }

    private static String shown(String text) {
        return text.length() <= SHOWN ? text : text.substring(0, SHOWN) + "…";
    }

    private static RefusedException refused(List<String> problems) {
        List<Refusal.FieldProblem> fields = problems.stream()
                .limit(MOST_PROBLEMS)
                .map(problem -> new Refusal.FieldProblem("/artifact", "The Procfile's " + problem + "."))
                .toList();
        return new RefusedException(new Refusal.Invalid("The Procfile's " + problems.get(0) + ".", fields));
    }
}
