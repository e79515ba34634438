package io.hostel.sandbox;

import io.hostel.kernel.Cgroups;
import io.hostel.kernel.KernelException;
import java.time.Duration;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The tenants' control groups, which hold each tenant to what it may use in all, its monitors included. A group is made before
 * anything is put into it, and goes with its tenant. Named from the tenant's number, it is found without any record. Safe for
 * any thread.
 */
public final class TenantGroups {
    private static final Logger LOG = LoggerFactory.getLogger(TenantGroups.class);
    /** A bound below what is in use has to wait until that is given up; so has a group's removal until all in it are gone. */
    private static final Duration RETRY = Duration.ofSeconds(1);

    private static final int REMOVAL_TRIES = 60;
    private static final int TRIES_TO_TELL = 60;
    private static final Pattern OF_A_TENANT = Pattern.compile(HostLayout.TENANT + "[0-9]+");

    private final Cgroups cgroups;
    private final Executor kernel;
    private final Map<String, Cgroups.Limits> wanted = new ConcurrentHashMap<>();
    private final Map<String, Cgroups.Limits> applied = new ConcurrentHashMap<>();
    private final Set<String> leaving = ConcurrentHashMap.newKeySet();
    private final Set<String> waiting = ConcurrentHashMap.newKeySet();
    /** One change of one group at a time, each of which may take a while. Numbers are given again, so there are few. */
    private final Map<String, Object> locks = new ConcurrentHashMap<>();

    /** @param kernel where calls that may block run */
    public TenantGroups(Cgroups cgroups, Executor kernel) {
        this.cgroups = cgroups;
        this.kernel = kernel;
    }

    /** What the tenant is held to from now on. Never blocks; what the kernel refuses is tried again. */
    public void bound(int tenant, Cgroups.Limits limits) {
        String group = HostLayout.tenantGroup(tenant);
        leaving.remove(group);
        if (!limits.equals(wanted.put(group, limits))) {
            run(() -> settle(group, 1));
        }
    }

    /** The tenant is no more. Never blocks; the group goes when all that is in it has gone. */
    public void gone(int tenant) {
        String group = HostLayout.tenantGroup(tenant);
        leaving.add(group);
        wanted.remove(group);
        run(() -> remove(group, REMOVAL_TRIES));
    }

    /** Takes away what is left of tenants that were gone before this daemon began, unless something is in it. Never blocks. */
    public void sweep() {
        run(() -> {
            try {
                for (String group : cgroups.groups()) {
                    if (OF_A_TENANT.matcher(group).matches() && !wanted.containsKey(group)) {
                        leaving.add(group);
                        remove(group, REMOVAL_TRIES);
                    }
                }
            } catch (KernelException e) {
                LOG.warn("control groups of tenants that are gone are left to the doctor: {}", e.getMessage());
            }
        });
    }

    /** Whether there is, or is to be, such a group. */
    boolean has(String group) {
        return wanted.containsKey(group);
    }

    int count() {
        return wanted.size();
    }

    /** Names of those that there may be. */
    public Set<String> names() {
        Set<String> names = new HashSet<>(wanted.keySet());
        names.addAll(leaving);
        return names;
    }

    /**
     * The tenant's group is there, and bounded, if only as it was until now, when this returns; blocks.
     *
     * @param group a sandbox's, within the tenant's
     * @throws KernelException ENOENT where the tenant is not known, so that there is no bound for it
     */
    void stand(String group) throws KernelException {
        String tenant = SlotPlan.tenant(group);
        if (tenant.isEmpty()) {
            return; // of an earlier daemon, and about to be taken back
        }
        if (!wanted.containsKey(tenant)) {
            throw new KernelException("ENOENT", "find the control group of", tenant, "there is no such tenant");
        }
        if (!applied.containsKey(tenant) || !cgroups.present(Cgroups.monitorsOf(tenant))) {
            apply(tenant, true);
        }
    }

    /** @param anyBound whether that of a group that is there may be another one: an earlier daemon's, say */
    private void apply(String group, boolean anyBound) throws KernelException {
        synchronized (lock(group)) {
            Cgroups.Limits limits = wanted.get(group);
            if (limits == null) {
                return;
            }
            // The monitors' is made when the bound is set.
            boolean there = cgroups.present(Cgroups.monitorsOf(group));
            if (!there || (!anyBound && !limits.equals(applied.get(group)))) {
                cgroups.bound(group, limits);
                applied.put(group, limits);
            }
        }
    }

    private Object lock(String group) {
        return locks.computeIfAbsent(group, same -> new Object());
    }

    private void settle(String group, int tries) {
        try {
            apply(group, false);
        } catch (KernelException e) {
            if (tries == TRIES_TO_TELL) {
                LOG.warn("the bound of control group {} is as it was, and is tried on: {}", group, e.getMessage());
            }
            if (waiting.add(group)) {
                later(() -> {
                    waiting.remove(group);
                    settle(group, tries + 1);
                });
            }
        }
    }

    private void remove(String group, int tries) {
        try {
            removeUnlessWanted(group);
            leaving.remove(group);
        } catch (KernelException e) {
            if (tries > 1) {
                later(() -> remove(group, tries - 1));
            } else {
                LOG.warn("control group {} is nobody's any more, and is left to the doctor: {}", group, e.getMessage());
                leaving.remove(group);
            }
        }
    }

    private void removeUnlessWanted(String group) throws KernelException {
        synchronized (lock(group)) {
            if (!wanted.containsKey(group)) {
                applied.remove(group);
                cgroups.remove(group);
            }
        }
    }

    private void run(Runnable task) {
        try {
            kernel.execute(task);
        } catch (RejectedExecutionException full) {
            later(task);
        }
    }

    private void later(Runnable task) {
        CompletableFuture.delayedExecutor(RETRY.toMillis(), TimeUnit.MILLISECONDS, kernel)
                .execute(task);
    }
}
