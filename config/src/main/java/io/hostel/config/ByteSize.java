package io.hostel.config;

import java.math.BigDecimal;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Sizes as people write them: {@code 4096}, {@code "64MiB"}, {@code "1.5 GiB"}, {@code "500kB"}. */
public final class ByteSize {
    private static final Pattern FORM = Pattern.compile("([0-9]{1,19})(?:\\.([0-9]{1,6}))? ?([A-Za-z]{0,3})");
    private static final Map<String, Long> UNITS = Map.ofEntries(
            Map.entry("", 1L),
            Map.entry("b", 1L),
            Map.entry("kb", 1_000L),
            Map.entry("mb", 1_000_000L),
            Map.entry("gb", 1_000_000_000L),
            Map.entry("tb", 1_000_000_000_000L),
            Map.entry("kib", 1L << 10),
            Map.entry("mib", 1L << 20),
            Map.entry("gib", 1L << 30),
            Map.entry("tib", 1L << 40));
    private static final String[] BINARY = {"TiB", "GiB", "MiB", "KiB"};

    private ByteSize() {}

    /**
     * @return bytes, 0 or more
     * @throws IllegalArgumentException saying what a size looks like
     */
    public static long parse(String text) {
        Matcher matcher = FORM.matcher(text.strip());
        Long unit = matcher.matches() ? UNITS.get(matcher.group(3).toLowerCase(Locale.ROOT)) : null;
        if (unit == null) {
            throw new IllegalArgumentException(
                    "is no size: write bytes or a number with KiB, MiB, GiB, TiB, kB, MB, GB or TB");
        }
        String fraction = matcher.group(2) == null ? "0" : matcher.group(2);
        BigDecimal bytes = new BigDecimal(matcher.group(1) + "." + fraction).multiply(BigDecimal.valueOf(unit));
        if (bytes.compareTo(BigDecimal.valueOf(Long.MAX_VALUE)) > 0) {
            throw new IllegalArgumentException("is more than 2^63-1 bytes");
        }
        return bytes.longValue();
    }

    /** The shortest exact form with a binary unit, e.g. {@code 64MiB}; {@link #parse} reads it back. */
    public static String format(long bytes) {
        for (int i = 0; i < BINARY.length; i++) {
            int shift = 10 * (BINARY.length - i);
            if (bytes != 0 && bytes % (1L << shift) == 0) {
                return (bytes >> shift) + BINARY[i];
            }
        }
        return Long.toString(bytes);
    }
}
