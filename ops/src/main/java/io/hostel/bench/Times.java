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

    /** The same times under another name. */
    Times named(String name) {
        Times renamed = new Times(name);
        renamed.nanos = Arrays.copyOf(nanos, nanos.length);
        renamed.count = count;
        return renamed;
    }

    void add(long nanosTaken) {
        if (count == nanos.length) {
            nanos = Arrays.copyOf(nanos, 2 * count);
        }
        nanos[count++] = nanosTaken;
    }

    /** The nearest-rank percentile in milliseconds; 0 of none. */
    double millis(double quantile) {
        if (count == 0) {
            return 0;
        }
        long[] sorted = Arrays.copyOf(nanos, count);
        Arrays.sort(sorted);
        int rank = Math.max(1, (int) Math.ceil(quantile * count));
        return sorted[rank - 1] / 1e6;
    }

    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "%-52s %9.2f %9.2f %9.2f %9.2f %6d",
                what,
                millis(0.5),
                millis(0.95),
                millis(0.99),
                millis(1),
                count);
    }

    static String heads() {
        return String.format(Locale.ROOT, "%-52s %9s %9s %9s %9s %6s", "milliseconds", "p50", "p95", "p99", "max", "n");
    }
}
