package io.hostel.bench;

import java.util.Arrays;
import java.util.Locale;

/** Measured times, and what is said of them. */
final class Times {
    private final String what;
    private long[] nanos = new long[16];
    private int count;

    Times(String what) {
        this.what = what;
    }

    void add(long nanosTaken) {
        if (count == nanos.length) {
            nanos = Arrays.copyOf(nanos, 2 * count);
        }
        nanos[count++] = nanosTaken;
    }

    @Override
    public String toString() {
        long[] sorted = Arrays.copyOf(nanos, count);
        Arrays.sort(sorted);
        return String.format(
                Locale.ROOT,
                "%-52s %9.2f %9.2f %9.2f %9.2f %6d",
                what,
                millis(sorted, 0.5),
                millis(sorted, 0.95),
                millis(sorted, 0.99),
                millis(sorted, 1),
                count);
    }

    static String heads() {
        return String.format(Locale.ROOT, "%-52s %9s %9s %9s %9s %6s", "milliseconds", "p50", "p95", "p99", "max", "n");
    }

    /** The nearest-rank percentile. */
    private static double millis(long[] sorted, double quantile) {
        int rank = Math.max(1, (int) Math.ceil(quantile * sorted.length));
        return sorted[rank - 1] / 1e6;
    }
}
