package io.hostel.kernel.linux;

import io.hostel.sys.Errno;
import io.hostel.sys.SysException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Quota groups of a pool: switched on, and swept away after their subvolumes, which younger kernels (6.10) do themselves.
 *
 * <p>Simple quotas are preferred where the kernel has them: they count at the write and need no walk through back references.
 * For layers, which share no blocks, both count the same.
 */
final class BtrfsQuotas {
    private static final long ON = 1;
    private static final long INCONSISTENT = 4;

    // Before the next commit every try would be refused.
    private static final Duration BETWEEN_SWEEPS = Duration.ofSeconds(5);

    private final Set<Long> waiting = ConcurrentHashMap.newKeySet();
    private final AtomicLong swept = new AtomicLong(System.nanoTime());

    /** Quotas are on and count right when this returns. */
    void enable(BtrfsVolume pool) throws SysException {
        if ((pool.quotaStatus() & ON) == 0) {
            try {
                pool.enableQuotas(true);
            } catch (SysException e) {
                if (!e.is(Errno.EINVAL) && !e.is(Errno.EOPNOTSUPP) && !e.is(Errno.ENOTTY)) throw e;
                pool.enableQuotas(false);
            }
        }
        pool.awaitRescan();
        if ((pool.quotaStatus() & INCONSISTENT) == 0) return;
        try {
            pool.rescanQuotas();
        } catch (SysException e) {
            if (!e.is(Errno.EINPROGRESS)) throw e;
        }
        pool.awaitRescan();
    }

    /** Takes a destroyed subvolume's group away with a later call, and now those of earlier ones. */
    void destroyed(BtrfsVolume pool, long subvolume) throws SysException {
        waiting.add(subvolume);
        long last = swept.get();
        long now = System.nanoTime();
        if (now - last >= BETWEEN_SWEEPS.toNanos() && swept.compareAndSet(last, now)) sweep(pool);
    }

    /** Takes away the groups of subvolumes that are gone. */
    void sweep(BtrfsVolume pool, Set<Long> living) throws SysException {
        Set<Long> stale = pool.quotaGroups();
        stale.removeAll(living);
        waiting.addAll(stale);
        sweep(pool);
    }

    private void sweep(BtrfsVolume pool) throws SysException {
        for (long subvolume : Set.copyOf(waiting)) {
            try {
                pool.destroyQuotaGroup(subvolume);
                waiting.remove(subvolume);
            } catch (SysException e) {
                if (e.is(Errno.ENOENT)) waiting.remove(subvolume);
                else if (!e.is(Errno.EBUSY)) throw e;
            }
        }
    }
}
