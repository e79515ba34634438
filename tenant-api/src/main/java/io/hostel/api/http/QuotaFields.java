package io.hostel.api.http;

import io.hostel.api.QuotaChange;
import io.hostel.config.Quota;
import java.util.Optional;
import java.util.Set;

/** Reads the {@code quota} of a request. */
final class QuotaFields {
    private static final long MOST_BYTES = 1L << 50;

    private QuotaFields() {}

    static QuotaChange read(Fields fields) {
        Fields quota = fields.inner(
                "quota", Set.of("memory", "cpus", "pids", "disk", "sandboxes", "publishedPorts", "artifacts"));
        return new QuotaChange(
                quota.size("memory", 0, MOST_BYTES),
                quota.decimal("cpus", 0, 100_000),
                count(quota, "pids", 1 << 22),
                quota.size("disk", 0, MOST_BYTES),
                count(quota, "sandboxes", 100_000),
                count(quota, "publishedPorts", 65_535),
                quota.size("artifacts", 0, MOST_BYTES));
    }

    /** The change's values, and the standard ones for the rest. */
    static Quota over(QuotaChange change, Quota standard) {
        return new Quota(
                change.memory().orElse(standard.memory()),
                change.cpus().orElse(standard.cpus()),
                change.pids().orElse(standard.pids()),
                change.disk().orElse(standard.disk()),
                change.sandboxes().orElse(standard.sandboxes()),
                change.publishedPorts().orElse(standard.publishedPorts()),
                change.artifacts().orElse(standard.artifacts()));
    }

    private static Optional<Integer> count(Fields quota, String name, int most) {
        return quota.whole(name, 0, most).map(Long::intValue);
    }
}
