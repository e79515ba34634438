package io.hostel.acceptance.abuse;

import java.util.List;
import java.util.Locale;

/** How long something took, each time, in milliseconds. */
record Times(List<Double> millis) {
    Times {
        millis = millis.stream().sorted().toList();
    }

    int count() {
        return millis.size();
    }

    /** The value that this part of them (0 to 1) does not exceed; 0 where there are none. */
    double quantile(double part) {
        return millis.isEmpty() ? 0 : millis.get((int) Math.min(millis.size() - 1, Math.floor(part * millis.size())));
    }

    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "median %.1f ms, p99 %.1f ms, max %.1f ms of %d",
                quantile(0.5),
                quantile(0.99),
                quantile(1),
                count());
    }
}
