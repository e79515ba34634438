package io.hostel.host;

import io.hostel.config.QuotaField;
import io.hostel.kernel.KernelException;
import io.hostel.kernel.OpenFiles;
import io.hostel.kernel.OpenFiles.Holder;
import io.hostel.kernel.OpenFiles.Table;
import io.hostel.kernel.Processes;
import io.hostel.store.DesiredState.StoredTenant;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Holds tenants to {@code quota.files}. The kernel holds a process to its limit, and lets it have as many processes as it may; beyond
 * fs.file-max nobody on the machine opens anything. So once half of that is taken, and not before, all tenants' open files are counted,
 * and of a tenant with more than its quota the processes that have most are killed until it is within.
 *
 * <p>One thread, which reads one number a second when all is well.
 */
final class OpenFilesWatch implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(OpenFilesWatch.class);
    private static final Duration EVERY = Duration.ofSeconds(1);
    private static final Duration STORE_ANSWERS_WITHIN = Duration.ofSeconds(10);
    private static final int SIGKILL = 9;

    /** How many uids each tenant has, from its base: user_namespaces(7). */
    private static final int UIDS = 65_536;

    static final double PRESSED = 0.5;

    private final OpenFiles files;
    private final Processes processes;
    private final Supplier<CompletionStage<List<StoredTenant>>> tenants;
    private final Events events;
    private final double pressed;
    private boolean told;
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread looking = new Thread(task, "hostel-files");
        looking.setDaemon(true);
        return looking;
    });

    /** Where it is told. */
    interface Events {
        /** @param tenant whose; empty: the host's */
        void note(Optional<String> tenant, String kind, Map<String, String> details);
    }

    /** Looks only when it is told to. @param pressed the part of all possible files that may be open without a look */
    OpenFilesWatch(
            OpenFiles files,
            Processes processes,
            Supplier<CompletionStage<List<StoredTenant>>> tenants,
            Events events,
            double pressed) {
        this.files = files;
        this.processes = processes;
        this.tenants = tenants;
        this.events = events;
        this.pressed = pressed;
    }

    /** Begins to look. */
    static OpenFilesWatch open(
            OpenFiles files,
            Processes processes,
            Supplier<CompletionStage<List<StoredTenant>>> tenants,
            Events events) {
        OpenFilesWatch watch = new OpenFilesWatch(files, processes, tenants, events, PRESSED);
        watch.thread.scheduleWithFixedDelay(
                watch::lookAnyway, EVERY.toMillis(), EVERY.toMillis(), TimeUnit.MILLISECONDS);
        return watch;
    }

    private void lookAnyway() {
        try {
            look();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (KernelException | ExecutionException | TimeoutException | RuntimeException e) {
            LOG.warn("look at open files: {}", e.toString());
        }
    }

    void look() throws KernelException, ExecutionException, TimeoutException, InterruptedException {
        Table table = files.table();
        if (table.open() < table.most() * pressed) {
            told = false;
            return;
        }
        tell(table);
        List<StoredTenant> all = tenants.get()
                .toCompletableFuture()
                .get(STORE_ANSWERS_WITHIN.toSeconds(), TimeUnit.SECONDS);
        Optional<Integer> least = all.stream().map(StoredTenant::uidBase).min(Comparator.naturalOrder());
        if (least.isEmpty()) {
            return;
        }
        List<Holder> holders = files.holders(least.get());
        for (StoredTenant tenant : all) {
            holdToQuota(tenant, holders.stream()
                    .filter(holder -> holder.uid() >= tenant.uidBase() && holder.uid() - tenant.uidBase() < UIDS)
                    .sorted(Comparator.comparingLong(Holder::descriptors).reversed())
                    .toList());
        }
    }

    private void tell(Table table) {
        if (!told) {
            String what = table.open() + " of at most " + table.most()
                    + " files are open, beyond which nobody opens any: raise fs.file-max, or lower the tenants' quota of files";
            LOG.warn("{}", what);
            events.note(Optional.empty(), "host.files", Map.of("what", what));
        }
        told = true;
    }

    /** @param largestFirst its processes */
    private void holdToQuota(StoredTenant tenant, List<Holder> largestFirst) {
        long allowed = tenant.quota().of(QuotaField.FILES);
        long open = largestFirst.stream().mapToLong(Holder::descriptors).sum();
        List<Holder> killed = new ArrayList<>();
        long left = open;
        for (Holder holder : largestFirst) {
            if (left <= allowed) {
                break;
            }
            try {
                processes.signal(holder.process(), SIGKILL);
                left -= holder.descriptors();
                killed.add(holder);
            } catch (KernelException e) {
                LOG.warn("kill process {} for its open files: {}", holder.process().pid(), e.getMessage());
            }
        }
        if (!killed.isEmpty()) {
            LOG.warn("Tenant {} had {} open files, {} allowed: {} processes killed", tenant.id(), open, allowed, killed.size());
            events.note(
                    Optional.of(tenant.id()),
                    "tenant.files",
                    Map.of(
                            "open", Long.toString(open),
                            "allowed", Long.toString(allowed),
                            "killed", Integer.toString(killed.size())));
        }
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }
}
