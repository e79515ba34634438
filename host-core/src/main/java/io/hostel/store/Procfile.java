package io.hostel.store;

import io.hostel.store.ArtifactStore.ProcfileEntry;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** {@code name: command line}, a line each; what does not look so (blank lines, comments) says nothing, as with Heroku. */
final class Procfile {
    private static final Pattern LINE = Pattern.compile("\\s*([A-Za-z0-9_-]+)\\s*:\\s*(\\S.*?)\\s*");
    private static final int LARGEST = 65_536;

    private Procfile() {}

    /** Empty where there is none, or what has its name is no regular file: a link may lead anywhere. */
    static List<ProcfileEntry> read(Path file) throws IOException {
        if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
            return List.of();
        }
        try (InputStream in = Files.newInputStream(file, LinkOption.NOFOLLOW_LINKS)) {
            return parse(new String(in.readNBytes(LARGEST), StandardCharsets.UTF_8));
        }
    }

    /** In order; of two lines with one name the later one counts. */
    static List<ProcfileEntry> parse(String text) {
        Map<String, ProcfileEntry> entries = new LinkedHashMap<>();
        text.lines().forEach(line -> {
            Matcher matcher = LINE.matcher(line);
            if (matcher.matches()) {
                entries.put(matcher.group(1), new ProcfileEntry(matcher.group(1), matcher.group(2)));
            }
        });
        return List.copyOf(entries.values());
    }
}
