package io.hostel.cli;

import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Locale;

/** Numbers as people read them. */
final class Units {
    private static final String[] SIZES = {"B", "KiB", "MiB", "GiB", "TiB"};

    private Units() {}

    /** @param bytes at least 0 */
    static String size(long bytes) {
        double value = bytes;
        int unit = 0;
        while (value >= 1024 && unit < SIZES.length - 1) {
            value /= 1024;
            unit++;
        }
        String format = value == Math.rint(value) || value >= 100 ? "%.0f %s" : "%.1f %s";
        return String.format(Locale.ROOT, format, value, SIZES[unit]);
    }

    /** A span in its two largest units, e.g. {@code 3m20s}; empty for what is no instant. */
    static String since(String instant, Instant now) {
        try {
            return span(Duration.between(Instant.parse(instant), now));
        } catch (DateTimeParseException e) {
            return "";
        }
    }

    static String span(Duration span) {
        long seconds = Math.max(0, span.toSeconds());
        if (seconds < 60) {
            return seconds + "s";
        }
        if (seconds < 3600) {
            return seconds / 60 + "m" + seconds % 60 + "s";
        }
        return seconds < 86_400
                ? seconds / 3600 + "h" + seconds % 3600 / 60 + "m"
                : seconds / 86_400 + "d" + seconds % 86_400 / 3600 + "h";
    }
}
