package io.hostel.tenant;

import io.hostel.kernel.Cgroups;

/** A tenant's bound as the kernel takes it. */
final class KernelBound {
    /** A bound is set anew only where the number of sandboxes leaves a range of so many: for one on cpus, the kernel looks at every group. */
    private static final int STEP = 8;

    /** The kernel takes no larger ones; PID_MAX_LIMIT in include/linux/threads.h. */
    private static final long MOST_PIDS = 4L << 20;

    /** More than any machine has, and well within what the kernel reckons with. */
    private static final double MOST_CPUS = 1 << 16;

    /** What is made ahead for a tenant is in its group before it has asked for it: a zygote, a monitor and an init for each slot. */
    private static final int PIDS_OF_A_SLOT = 4;

    private static final long MEMORY_OF_A_SLOT = 2L << 20;

    private KernelBound() {}

    /** How many sandboxes overhead is allowed for where there are so many. */
    static int counted(long sandboxes) {
        return (int) ((Math.min(sandboxes, Integer.MAX_VALUE - STEP) + STEP - 1) / STEP * STEP);
    }

    /** @param slots how many there may be beside those that run */
    static Cgroups.Limits of(TenantBound bound, int slots) {
        return new Cgroups.Limits(
                Math.min(Long.MAX_VALUE - slots * MEMORY_OF_A_SLOT, bound.memory()) + slots * MEMORY_OF_A_SLOT,
                Math.min(MOST_CPUS, bound.microCpus() / 1e6),
                (int) Math.min(MOST_PIDS, Math.min(MOST_PIDS, bound.pids()) + slots * PIDS_OF_A_SLOT));
    }
}
