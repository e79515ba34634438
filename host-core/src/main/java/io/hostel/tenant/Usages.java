package io.hostel.tenant;

import io.hostel.api.SandboxView;
import io.hostel.kernel.Cgroups;
import io.hostel.kernel.KernelException;
import io.hostel.kernel.Layers;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;

/** What sandboxes use, asked of the kernel when somebody looks, and at most once a second. */
public final class Usages {
    private static final Duration FRESH = Duration.ofSeconds(1);
    private static final int KEPT = 10_000;

    private final Cgroups cgroups;
    private final Layers layers;
    private final Path pool;
    private final Executor kernel;
    private final InstantSource steady;
    private final Map<String, Counted> counted = new ConcurrentHashMap<>();

    private record Counted(SandboxView.Usage usage, Instant at) {}

    /**
     * @param pool where the writable layers are
     * @param steady goes by what has passed, whatever the clock is set to
     */
    public Usages(Cgroups cgroups, Layers layers, Path pool, Executor kernel, InstantSource steady) {
        this.cgroups = cgroups;
        this.layers = layers;
        this.pool = pool;
        this.kernel = kernel;
        this.steady = steady;
    }

    /** The views with their usage; without it where the kernel can't be asked just now. */
    CompletionStage<List<SandboxView>> fill(List<AppMessage.Seen> seen) {
        List<SandboxView> bare = seen.stream().map(AppMessage.Seen::view).toList();
        if (bare.isEmpty()) {
            return CompletableFuture.completedFuture(bare);
        }
        try {
            return CompletableFuture.supplyAsync(
                    () -> seen.stream().map(this::filled).toList(), kernel);
        } catch (RejectedExecutionException full) {
            return CompletableFuture.completedFuture(bare);
        }
    }

    private SandboxView filled(AppMessage.Seen seen) {
        SandboxView v = seen.view();
        return new SandboxView(
                v.id(),
                v.tenant(),
                v.app(),
                v.process(),
                v.release(),
                v.state(),
                v.ip(),
                v.pid(),
                v.restarts(),
                v.startedAt(),
                v.readyAt(),
                v.lastExit(),
                v.nextRetryAt(),
                v.namespaces(),
                seen.cgroup().flatMap(cgroup -> usage(cgroup, v.id())));
    }

    private Optional<SandboxView.Usage> usage(String cgroup, String layer) {
        Instant now = steady.instant();
        Counted known = counted.get(cgroup);
        if (known != null && known.at().plus(FRESH).isAfter(now)) {
            return Optional.of(known.usage());
        }
        try {
            Cgroups.Usage u = cgroups.usage(cgroup);
            Optional<Layers.Use> disk = disk(layer);
            SandboxView.Usage usage = new SandboxView.Usage(
                    u.memoryBytes(),
                    u.cpuSeconds(),
                    Math.max(0, u.pids() - cgroups.attendants()),
                    u.oomKills(),
                    disk.map(d -> OptionalLong.of(d.bytes())).orElse(OptionalLong.empty()),
                    disk.map(Layers.Use::files).orElse(OptionalLong.empty()));
            if (counted.size() >= KEPT) {
                counted.clear();
            }
            counted.put(cgroup, new Counted(usage, now));
            return Optional.of(usage);
        } catch (KernelException e) {
            return Optional.empty();
        }
    }

    private Optional<Layers.Use> disk(String layer) {
        try {
            return Optional.of(layers.use(pool, layer));
        } catch (KernelException e) {
            return Optional.empty();
        }
    }
}
