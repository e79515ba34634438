package io.hostel.log;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps each tenant's logs within its quota, and the end of their disk for the host. Beyond the quota the logs of ended sandboxes go,
 * the oldest first; what runs shares three quarters of the quota, each at least {@link #LEAST}. On the disk a GiB, or a sixteenth, is
 * kept: what is spare beside it is shared by all that runs, and where there is none, nothing more is written, and the logs of
 * ended sandboxes go, those of the tenant that has the most first.
 *
 * <p>Monitors read their bound now and then, see {@link LogBounds}. Nothing here is done for each line. Looks are the log thread's;
 * what is allowed and what was taken, anybody's.
 */
final class LogRoom {
    private static final Logger LOG = LoggerFactory.getLogger(LogRoom.class);

    /** Bytes that a running sandbox's log may take in any case, unless the disk is full. */
    static final long LEAST = 64 << 10;

    private static final long MOST_KEPT = 1L << 30;
    private static final int LEAST_PART = 16;

    private final Path logDir;
    private final long mostPerSandbox;
    private final LogBounds bounds = new LogBounds();
    private final Map<String, Long> allowed = new ConcurrentHashMap<>();
    private final Map<String, Long> taken = new ConcurrentHashMap<>();
    private final Map<String, Integer> running = new HashMap<>();
    private final List<String> failures = new ArrayList<>(); // of one look
    private long share = Long.MAX_VALUE; // of what is spare on the disk, for each that runs
    private boolean full;

    /** @param mostPerSandbox bytes, whatever the quota */
    LogRoom(Path logDir, long mostPerSandbox) {
        this.logDir = logDir;
        this.mostPerSandbox = mostPerSandbox;
    }

    void allow(String tenant, long bytes) {
        allowed.put(tenant, bytes);
    }

    void forget(String tenant) {
        allowed.remove(tenant);
        taken.remove(tenant);
    }

    /** Bytes, as of the last look. */
    long taken(String tenant) {
        return taken.getOrDefault(tenant, 0L);
    }

    /** One more sandbox of a tenant begins to write; the others' bounds follow with the next look. */
    void opened(String tenant, Path log) throws IOException {
        int count = running.merge(tenant, 1, Integer::sum);
        long bound = bound(tenant, count);
        if (bound < mostPerSandbox) {
            bounds.set(log, bound, mostPerSandbox);
        }
    }

    private long bound(String tenant, int count) {
        long quota = allowed.getOrDefault(tenant, Long.MAX_VALUE);
        long part = Math.min(quota / 4 * 3 / Math.max(count, 1), share);
        return full ? 0 : Math.min(mostPerSandbox, Math.max(part, LEAST));
    }

    /**
     * @param living ids of the sandboxes there were
     * @param asOf when they were counted: what was made since is living too
     */
    void look(Set<String> living, Instant asOf) {
        Map<String, TenantLogs> tenants = new HashMap<>();
        for (String tenant : allowed.keySet()) {
            attempt(tenant, () -> tenants.put(tenant, TenantLogs.of(logDir.resolve(tenant), living, asOf)));
        }
        attempt(logDir, () -> lookAtDisk(tenants));
        running.clear();
        tenants.forEach(this::bound);
        bounds.retain(living);
        if (!failures.isEmpty()) {
            LOG.warn("{} of the logs could not be held to their bounds, such as {}", failures.size(), failures.get(0));
            failures.clear();
        }
    }

    private interface Change {
        void make() throws IOException;
    }

    /** What cannot be done with one file leaves the others theirs. */
    private void attempt(Object what, Change change) {
        try {
            change.make();
        } catch (IOException | UncheckedIOException e) {
            failures.add(what + ": " + e);
        }
    }

    /** What is to go goes before links are made, which take room too. */
    private void bound(String tenant, TenantLogs logs) {
        List<SandboxFiles> runs = logs.running();
        running.put(tenant, runs.size());
        long bound = bound(tenant, runs.size());
        long quota = allowed.getOrDefault(tenant, Long.MAX_VALUE);
        while (logs.bytes() > quota && logs.hasEnded()) {
            attempt(tenant, logs::removeOldestEnded);
        }
        // What a bound that was larger has left; older monitors know no bound.
        for (SandboxFiles sandbox : runs.stream()
                .sorted(Comparator.comparingLong(SandboxFiles::bytes).reversed())
                .toList()) {
            if (logs.bytes() > quota && sandbox.bytes() > bound) {
                attempt(sandbox.log(), () -> logs.removeOlder(sandbox));
            }
        }
        for (SandboxFiles sandbox : runs) {
            attempt(sandbox.log(), () -> bounds.set(sandbox.log(), bound, mostPerSandbox));
        }
        taken.put(tenant, logs.bytes());
    }

    /**
     * A power of two, no more than each may have now. It stays as it was unless that has become less, or much more: what
     * is spare changes all the time, and every sandbox's link would with it.
     */
    static long step(long before, long now) {
        return now < before || now / 3 >= before ? Long.highestOneBit(now) : before;
    }

    private void lookAtDisk(Map<String, TenantLogs> tenants) throws IOException {
        FileStore disk = Files.getFileStore(logDir);
        long kept = Math.min(MOST_KEPT, disk.getTotalSpace() / LEAST_PART);
        long spare = disk.getUsableSpace() - kept;
        boolean was = full;
        full = spare < (full ? kept / 4 : 0);
        if (full != was) {
            LOG.warn(
                    full
                            ? "The logs' disk at {} is full but for what is the host's: what services write is dropped"
                            : "There is room again on the logs' disk at {}",
                    logDir);
        }
        int all = tenants.values().stream().mapToInt(t -> t.running().size()).sum();
        share = step(share, Math.max(spare, 0) / 2 / Math.max(all, 1));
        while (spare < 0) {
            Optional<TenantLogs> largest = tenants.values().stream()
                    .filter(TenantLogs::hasEnded)
                    .max(Comparator.comparingLong(TenantLogs::bytes));
            if (largest.isEmpty()) {
                return;
            }
            long before = largest.get().bytes();
            attempt(logDir, largest.get()::removeOldestEnded);
            spare += before - largest.get().bytes();
        }
    }
}
