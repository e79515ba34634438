package io.hostel.tenant;

import io.hostel.api.ProcessSpec;
import io.hostel.config.Quota;

/**
 * How much of a quota something takes. Sums saturate, so that no limit is too large to be refused.
 *
 * @param microCpus millionths of a core: whole numbers add up exactly
 */
record Claim(long memory, long microCpus, long pids, long disk, long sandboxes, long publishedPorts) {

    static final Claim NONE = new Claim(0, 0, 0, 0, 0, 0);

    static Claim of(ProcessSpec process, int scale) {
        ProcessSpec.Limits limits = process.limits();
        return new Claim(
                times(limits.memory(), scale),
                times(Math.round(limits.cpus() * 1e6), scale),
                times(limits.pids(), scale),
                times(limits.disk(), scale),
                scale,
                Published.is(process) ? 1 : 0);
    }

    Claim plus(Claim other) {
        return new Claim(
                sum(memory, other.memory),
                sum(microCpus, other.microCpus),
                sum(pids, other.pids),
                sum(disk, other.disk),
                sum(sandboxes, other.sandboxes),
                sum(publishedPorts, other.publishedPorts));
    }

    /** Field by field the larger. */
    Claim max(Claim other) {
        return new Claim(
                Math.max(memory, other.memory),
                Math.max(microCpus, other.microCpus),
                Math.max(pids, other.pids),
                Math.max(disk, other.disk),
                Math.max(sandboxes, other.sandboxes),
                Math.max(publishedPorts, other.publishedPorts));
    }

    Quota usage(long artifactBytes) {
        return new Quota(
                memory,
                microCpus / 1e6,
                (int) Math.min(Integer.MAX_VALUE, pids),
                disk,
                (int) Math.min(Integer.MAX_VALUE, sandboxes),
                (int) Math.min(Integer.MAX_VALUE, publishedPorts),
                artifactBytes);
    }

    private static long times(long value, long scale) {
        return scale != 0 && value > Long.MAX_VALUE / scale ? Long.MAX_VALUE : value * scale;
    }

    private static long sum(long a, long b) {
        return a > Long.MAX_VALUE - b ? Long.MAX_VALUE : a + b;
    }
}
