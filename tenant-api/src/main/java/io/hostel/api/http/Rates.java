package io.hostel.api.http;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * How many calls a second each party may make, by a token bucket each: what is not used adds up for {@value #DEPTH_SECONDS}
 * seconds. Buckets that are full are forgotten. Safe for any thread.
 */
final class Rates {
    static final int DEPTH_SECONDS = 4;
    private static final long SECOND = 1_000_000_000;
    private static final int FORGET_ABOVE = 256;

    private final int perSecond;
    private final LongSupplier nanos;
    private final Map<Party, Bucket> buckets = new HashMap<>();

    private record Bucket(double calls, long at) {}

    /**
     * @param perSecond 0: no bound
     * @param nanos a clock that nobody sets
     */
    Rates(int perSecond, LongSupplier nanos) {
        this.perSecond = perSecond;
        this.nanos = nanos;
    }

    /** Takes one call's worth. @return empty where there was one, else how long to wait for it */
    synchronized Optional<Duration> take(Party who) {
        if (perSecond == 0 || who.operator()) {
            return Optional.empty();
        }
        long now = nanos.getAsLong();
        if (buckets.size() > FORGET_ABOVE) {
            buckets.values().removeIf(bucket -> filled(bucket, now) >= depth());
        }
        Bucket bucket = buckets.get(who);
        double calls = bucket == null ? depth() : filled(bucket, now);
        if (calls < 1) {
            buckets.put(who, new Bucket(calls, now));
            return Optional.of(Duration.ofNanos((long) Math.ceil((1 - calls) * SECOND / perSecond)));
        }
        buckets.put(who, new Bucket(calls - 1, now));
        return Optional.empty();
    }

    synchronized int remembered() {
        return buckets.size();
    }

    private double filled(Bucket bucket, long now) {
        return Math.min(depth(), bucket.calls() + (now - bucket.at()) * (double) perSecond / SECOND);
    }

    private double depth() {
        return (double) perSecond * DEPTH_SECONDS;
    }
}
