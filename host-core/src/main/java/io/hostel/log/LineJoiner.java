package io.hostel.log;

import io.hostel.api.LogLine;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** Puts the parts of long lines together, for each stream by itself. Not for several threads at once. */
final class LineJoiner {
    /** What is longer comes in pieces of this many characters, as in Docker: each reader of a log holds some. */
    static final int LONGEST = 16_384;

    private record Begun(Instant time, StringBuilder text) {}

    private final String sandbox;
    private final String process;
    private final Map<String, Begun> begun = new HashMap<>();

    LineJoiner(String sandbox, String process) {
        this.sandbox = sandbox;
        this.process = process;
    }

    /** The whole line that this one completes, or a piece of it that is long enough, with the time of its beginning. */
    Optional<LogLine> add(CriLine line) {
        Begun before = begun.computeIfAbsent(line.stream(), s -> new Begun(line.time(), new StringBuilder()));
        before.text().append(line.text());
        if (line.partial() && before.text().length() < LONGEST) {
            return Optional.empty();
        }
        begun.remove(line.stream());
        return Optional.of(new LogLine(
                before.time(),
                sandbox,
                process,
                line.stream(),
                before.text().toString(),
                line.partial() ? Optional.of(true) : Optional.empty()));
    }
}
