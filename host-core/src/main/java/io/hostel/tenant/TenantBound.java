package io.hostel.tenant;

import io.hostel.config.QuotaField;

/**
 * What the kernel holds a tenant to, all its sandboxes together with those who attend to them: what it may claim, one surge
 * while a release is rolled out, and an overhead for each sandbox that stands. What a sandbox itself uses is bounded by its own
 * limits, whose sum is never larger than claim and surge; the overhead is for what the host needs beside it.
 *
 * @param memory bytes
 * @param microCpus millionths of a core
 * @param pids processes and threads
 */
record TenantBound(long memory, long microCpus, long pids) {

    /** Bytes for each sandbox: its monitor, the attendants of its execs, and what the kernel keeps for them. */
    static final long OVERHEAD_MEMORY = 4L << 20;

    /** Millionths of a core for each sandbox: its monitor writes the log at the full rate with about half of that. */
    static final long OVERHEAD_MICRO_CPUS = 50_000;

    /** For each sandbox: zygote, init, an init that is parked, monitor, the next monitor, and two for each of sixteen execs. */
    static final long OVERHEAD_PIDS = 5 + 2 * 16;

    /**
     * @param allowed by the quota, or what has been admitted where the quota was lowered below it
     * @param surge see {@link Claims#surge()}; none while no release is rolled out
     * @param sandboxes that stand, those on their way out included
     */
    static TenantBound of(Claim allowed, Claim surge, int sandboxes) {
        Claim all = allowed.plus(surge);
        return new TenantBound(
                plus(all.of(QuotaField.MEMORY), OVERHEAD_MEMORY * sandboxes),
                plus(all.of(QuotaField.CPUS), OVERHEAD_MICRO_CPUS * sandboxes),
                plus(all.of(QuotaField.PIDS), OVERHEAD_PIDS * sandboxes));
    }

    private static long plus(long claimed, long overhead) {
        return claimed > Long.MAX_VALUE - overhead ? Long.MAX_VALUE : claimed + overhead;
    }
}
