package io.hostel.log;

import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * One line of a log file as the Container Runtime Interface has it: {@code TIME STREAM F|P TEXT}.
 *
 * @param partial whether the text goes on in the next line of the same stream
 */
record CriLine(Instant time, String stream, boolean partial, String text) {
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.nnnnnnnnn'Z'").withZone(ZoneOffset.UTC);

    /** Empty where the line is torn: a disk was full, a machine lost its power. */
    static Optional<CriLine> parse(byte[] line) {
        String[] parts = new String(line, StandardCharsets.UTF_8).split(" ", 4);
        if (parts.length < 4 || !parts[2].equals("F") && !parts[2].equals("P")) {
            return Optional.empty();
        }
        try {
            return Optional.of(new CriLine(Instant.parse(parts[0]), parts[1], parts[2].equals("P"), parts[3]));
        } catch (DateTimeException notATime) {
            return Optional.empty();
        }
    }

    /** As {@link #parse}, but without the text, which costs nothing then. */
    static Optional<CriLine> head(byte[] line) {
        int spaces = 0;
        for (int i = 0; i < line.length; i++) {
            if (line[i] == ' ' && ++spaces == 3) {
                return parse(Arrays.copyOf(line, i + 1));
            }
        }
        return Optional.empty();
    }

    /** Since 1970. */
    static long nanos(Instant time) {
        return TimeUnit.SECONDS.toNanos(time.getEpochSecond()) + time.getNano();
    }

    /** With its newline. */
    String format() {
        return TIME.format(time) + " " + stream + " " + (partial ? "P" : "F") + " " + text + "\n";
    }
}
