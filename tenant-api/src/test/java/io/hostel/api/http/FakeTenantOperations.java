package io.hostel.api.http;

import io.hostel.api.AppView;
import io.hostel.api.ArtifactFormat;
import io.hostel.api.ArtifactView;
import io.hostel.api.CapabilitiesView;
import io.hostel.api.DoctorView;
import io.hostel.api.EventView;
import io.hostel.api.ExecOutcome;
import io.hostel.api.ExecRequest;
import io.hostel.api.Gone;
import io.hostel.api.LastExit;
import io.hostel.api.LinkView;
import io.hostel.api.LogLine;
import io.hostel.api.LogQuery;
import io.hostel.api.ProcessView;
import io.hostel.api.QuotaChange;
import io.hostel.api.Output;
import io.hostel.api.Refusal;
import io.hostel.api.RefusedException;
import io.hostel.api.ReleaseSpec;
import io.hostel.api.ReleaseView;
import io.hostel.api.RestoreView;
import io.hostel.api.SandboxView;
import io.hostel.api.Settled;
import io.hostel.api.TenantCreated;
import io.hostel.api.TenantOperations;
import io.hostel.api.TenantView;
import io.hostel.api.TokenCreated;
import io.hostel.api.TokenView;
import io.hostel.config.Quota;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Flow;
import java.util.concurrent.SubmissionPublisher;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** A host in memory: a deploy is live at once where it may wait for that. */
final class FakeTenantOperations implements TenantOperations {
    static final Instant NOW = Instant.parse("2026-11-23T10:00:00Z");
    static final Quota QUOTA = Quota.STANDARD;

    final SortedMap<String, Quota> tenants = new TreeMap<>();
    final SortedMap<String, TokenView> tokens = new TreeMap<>();
    final SortedMap<String, List<ReleaseView>> apps = new TreeMap<>();
    final SortedMap<String, Integer> scales = new TreeMap<>();
    final List<String> done = new CopyOnWriteArrayList<>();
    final List<IOException> cutOff = new CopyOnWriteArrayList<>();
    final List<SubmissionPublisher<LogLine>> logStreams = new CopyOnWriteArrayList<>();

    @Nullable
    RuntimeException failure;

    Optional<String> notReady = Optional.empty();

    @Nullable
    ExecRequest executed;

    @Nullable
    LogQuery logQuery;

    /** What commands write to stdout and to stderr. */
    Output stdout = Output.of(new byte[] {'o', 'k', (byte) 0xff});

    Output stderr = Output.of("err".getBytes(StandardCharsets.UTF_8));

    /** While there is one, commands do not end; completed by a test. */
    volatile @Nullable CompletableFuture<ExecOutcome> endless;

    final AtomicInteger executing = new AtomicInteger();

    long mostArtifactBytes = 1L << 40;

    Flow.Publisher<ByteBuffer> backups = new SubmissionPublisher<>();

    private <T> CompletionStage<T> stage(String what, java.util.function.Supplier<T> act) {
        synchronized (this) {
            if (failure != null) {
                return CompletableFuture.failedFuture(failure);
            }
            try {
                T result = act.get();
                done.add(what);
                return CompletableFuture.completedFuture(result);
            } catch (RefusedException e) {
                return CompletableFuture.failedFuture(e);
            }
        }
    }

    private static RefusedException noSuch(String kind, String name) {
        return new RefusedException(new Refusal.NotFound("there is no " + kind + " \"" + name + "\""));
    }

    private TenantView view(String tenant) {
        Quota quota = tenants.get(tenant);
        if (quota == null) {
            throw noSuch("tenant", tenant);
        }
        return new TenantView(tenant, "10.77.1.0/24", 1_000_000, 65_536, quota, Quota.NONE);
    }

    private List<ReleaseView> app_(String tenant, String app) {
        List<ReleaseView> releases = apps.get(tenant + "/" + app);
        if (releases == null) {
            throw noSuch("app", app);
        }
        return releases;
    }

    private AppView appView(String tenant, String app) {
        List<ReleaseView> releases = app_(tenant, app);
        Map<String, ProcessView> processes = new TreeMap<>();
        releases.get(releases.size() - 1).spec().processes().forEach((name, spec) -> {
            int scale = scales.getOrDefault(tenant + "/" + app + "/" + name, spec.scale(Optional.empty()));
            processes.put(
                    name,
                    new ProcessView(
                            scale,
                            scale,
                            0,
                            Optional.empty(),
                            spec.port(),
                            spec.expose(),
                            Optional.of(20_000),
                            Optional.of("http://127.0.0.1:20000/"),
                            Optional.of("10.77.1.2:8080")));
        });
        return new AppView(app, tenant, releases.size(), processes);
    }

    private SandboxView sandboxView(String tenant, String app, String id) {
        app_(tenant, app);
        if (!id.equals("h0abcdefghij")) {
            throw noSuch("sandbox", id);
        }
        return new SandboxView(
                id,
                tenant,
                app,
                "web",
                1,
                SandboxView.State.RUNNING,
                Optional.of("10.77.1.2"),
                Optional.of(4711),
                2,
                Optional.of(NOW),
                Optional.empty(),
                Optional.of(new LastExit(
                        Optional.empty(),
                        Optional.of("SIGKILL"),
                        true,
                        NOW,
                        Optional.of("out of memory"),
                        1.5,
                        0.25,
                        4096)),
                Optional.empty(),
                Map.of("pid", "pid:[4026532201]"),
                Optional.of(new SandboxView.Usage(4096, 0.5, 3, 1, OptionalLong.of(8192), OptionalLong.of(7))));
    }

    @Override
    public CompletionStage<TenantCreated> createTenant(String tenant, Optional<Quota> quota) {
        return stage("createTenant " + tenant, () -> {
            if (tenants.putIfAbsent(tenant, quota.orElse(QUOTA)) != null) {
                throw new RefusedException(
                        new Refusal.Conflict("exists", "there is a tenant \"" + tenant + "\" already"));
            }
            return new TenantCreated(view(tenant), "secret-of-" + tenant);
        });
    }

    @Override
    public CompletionStage<List<TenantView>> tenants() {
        return stage("tenants", () -> tenants.keySet().stream().map(this::view).toList());
    }

    @Override
    public CompletionStage<TenantView> tenant(String tenant) {
        return stage("tenant " + tenant, () -> view(tenant));
    }

    @Override
    public CompletionStage<TenantView> changeQuota(String tenant, QuotaChange change) {
        return stage("changeQuota " + tenant, () -> {
            tenants.put(tenant, change.of(view(tenant).quota()));
            return view(tenant);
        });
    }

    @Override
    public CompletionStage<Settled<Gone>> deleteTenant(String tenant, Duration wait) {
        return stage("deleteTenant " + tenant, () -> {
            view(tenant);
            tenants.remove(tenant);
            return new Settled<>(Gone.GONE, !wait.isZero());
        });
    }

    @Override
    public CompletionStage<TokenCreated> createToken(String tenant, String label, Optional<Duration> expiresIn) {
        return stage("createToken " + tenant, () -> {
            view(tenant);
            String id = "t" + (tokens.size() + 1);
            tokens.put(id, new TokenView(id, label, NOW, expiresIn.map(NOW::plus)));
            return new TokenCreated(id, "another-secret");
        });
    }

    @Override
    public CompletionStage<List<TokenView>> tokens(String tenant) {
        return stage("tokens " + tenant, () -> List.copyOf(tokens.values()));
    }

    @Override
    public CompletionStage<Gone> deleteToken(String tenant, String token) {
        return stage("deleteToken " + token, () -> {
            if (tokens.remove(token) == null) {
                throw noSuch("token", token);
            }
            return Gone.GONE;
        });
    }

    @Override
    public CompletionStage<ArtifactView> putArtifact(String tenant, ArtifactFormat format, InputStream body) {
        var digest = SealedText.sha256();
        long size = 0;
        byte[] buffer = new byte[8192];
        try {
            for (int read = body.read(buffer); read >= 0; read = body.read(buffer)) {
                digest.update(buffer, 0, read);
                size += read;
                if (size > mostArtifactBytes) {
                    throw new RefusedException(new Refusal.TooLarge("more than " + mostArtifactBytes + " bytes"));
                }
            }
        } catch (IOException e) {
            synchronized (this) {
                cutOff.add(e);
            }
            return CompletableFuture.failedFuture(new RefusedException(new Refusal.BadArchive("the body ended early")));
        }
        ArtifactView view = new ArtifactView("sha256:" + HexFormat.of().formatHex(digest.digest()), size);
        return stage("putArtifact " + format, () -> view);
    }

    @Override
    public CompletionStage<Settled<ReleaseView>> deploy(String tenant, String app, ReleaseSpec spec, Duration wait) {
        return stage("deploy " + tenant + "/" + app, () -> {
            view(tenant);
            List<ReleaseView> releases = apps.computeIfAbsent(tenant + "/" + app, key -> new ArrayList<>());
            ReleaseView.Status status = wait.isZero() ? ReleaseView.Status.DEPLOYING : ReleaseView.Status.LIVE;
            ReleaseView release = new ReleaseView(releases.size() + 1, status, Optional.empty(), NOW, spec);
            releases.add(release);
            return new Settled<>(release, !wait.isZero());
        });
    }

    @Override
    public CompletionStage<Settled<ReleaseView>> rollback(String tenant, String app, int release, Duration wait) {
        return release(tenant, app, release).thenCompose(old -> deploy(tenant, app, old.spec(), wait));
    }

    @Override
    public CompletionStage<Flow.Publisher<AppView>> apps(String tenant) {
        return stage(
                "apps",
                () -> published(apps.keySet().stream()
                        .filter(key -> key.startsWith(tenant + "/"))
                        .map(key -> appView(tenant, key.substring(tenant.length() + 1)))
                        .toList()));
    }

    private static <T> Flow.Publisher<T> published(List<T> items) {
        return subscriber -> {
            SubmissionPublisher<T> publisher = new SubmissionPublisher<>();
            publisher.subscribe(subscriber);
            items.forEach(publisher::submit);
            publisher.close();
        };
    }

    @Override
    public CompletionStage<AppView> app(String tenant, String app) {
        return stage("app " + app, () -> appView(tenant, app));
    }

    @Override
    public CompletionStage<Settled<Gone>> deleteApp(String tenant, String app, Duration wait) {
        return stage("deleteApp " + app, () -> {
            app_(tenant, app);
            apps.remove(tenant + "/" + app);
            return new Settled<>(Gone.GONE, !wait.isZero());
        });
    }

    @Override
    public CompletionStage<Flow.Publisher<ReleaseView>> releases(String tenant, String app) {
        return stage("releases " + app, () -> published(List.copyOf(app_(tenant, app))));
    }

    @Override
    public CompletionStage<ReleaseView> release(String tenant, String app, int release) {
        return stage(
                "release " + release,
                () -> app_(tenant, app).stream()
                        .filter(view -> view.release() == release)
                        .findFirst()
                        .orElseThrow(() -> noSuch("release", "" + release)));
    }

    @Override
    public CompletionStage<Settled<ProcessView>> scale(
            String tenant, String app, String process, int scale, Duration wait) {
        return stage("scale " + process + " " + scale, () -> {
            appView(tenant, app);
            scales.put(tenant + "/" + app + "/" + process, scale);
            ProcessView view = appView(tenant, app).processes().get(process);
            if (view == null) {
                throw noSuch("process", process);
            }
            return new Settled<>(view, !wait.isZero());
        });
    }

    @Override
    public CompletionStage<Settled<AppView>> restart(String tenant, String app, Duration wait) {
        return stage("restart " + app, () -> new Settled<>(appView(tenant, app), !wait.isZero()));
    }

    @Override
    public CompletionStage<List<SandboxView>> sandboxes(String tenant, String app) {
        return stage("sandboxes " + app, () -> List.of(sandboxView(tenant, app, "h0abcdefghij")));
    }

    @Override
    public CompletionStage<SandboxView> sandbox(String tenant, String app, String sandbox) {
        return stage("sandbox " + sandbox, () -> sandboxView(tenant, app, sandbox));
    }

    @Override
    public CompletionStage<List<SandboxView>> allSandboxes() {
        return stage("allSandboxes", List::of);
    }

    @Override
    public CompletionStage<Settled<Gone>> stopSandbox(String tenant, String app, String sandbox, Duration wait) {
        return stage("stopSandbox " + sandbox, () -> {
            sandboxView(tenant, app, sandbox);
            return new Settled<>(Gone.GONE, !wait.isZero());
        });
    }

    @Override
    public CompletionStage<ExecOutcome> exec(String tenant, String app, String sandbox, ExecRequest request) {
        CompletableFuture<ExecOutcome> end = endless;
        if (end != null) {
            executing.incrementAndGet();
            return end;
        }
        return stage("exec " + request.command(), () -> {
            sandboxView(tenant, app, sandbox);
            executed = request;
            return new ExecOutcome(137, Optional.of("SIGKILL"), stdout, stderr, true, false, true, 1.5, 0.25);
        });
    }

    @Override
    public CompletionStage<Flow.Publisher<LogLine>> logs(String tenant, String app, LogQuery query) {
        return stage("logs " + app, () -> {
            app_(tenant, app);
            logQuery = query;
            SubmissionPublisher<LogLine> lines = new SubmissionPublisher<>();
            logStreams.add(lines);
            return subscriber -> {
                lines.subscribe(subscriber);
                lines.submit(new LogLine(NOW, "h0abcdefghij", "web", "stdout", "one\u2028two\nthree"));
                if (!query.follow()) {
                    lines.close();
                }
            };
        });
    }

    @Override
    public CompletionStage<Flow.Publisher<EventView>> events(Optional<String> tenant, long since, boolean follow) {
        return stage("events " + tenant + " " + since + " " + follow, () -> subscriber -> {
            SubmissionPublisher<EventView> events = new SubmissionPublisher<>();
            events.subscribe(subscriber);
            for (long i = since + 1; i <= since + 3; i++) {
                events.submit(new EventView(i, NOW, tenant, "release.live", Map.of("app", "shop", "release", "1")));
            }
            events.close();
        });
    }

    @Override
    public CompletionStage<LinkView> link(String tenant, String other, boolean forBoth) {
        return stage("link " + tenant + " " + other + " " + forBoth, () -> new LinkView(tenant, other, forBoth));
    }

    @Override
    public CompletionStage<Gone> unlink(String tenant, String other, boolean forBoth) {
        return stage("unlink " + tenant + " " + other + " " + forBoth, () -> Gone.GONE);
    }

    @Override
    public CompletionStage<Flow.Publisher<ByteBuffer>> backup() {
        return stage("backup", () -> backups);
    }

    @Override
    public CompletionStage<RestoreView> restore(ArtifactFormat format, InputStream body) {
        String text;
        try {
            text = new String(body.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            cutOff.add(e);
            return CompletableFuture.failedFuture(e);
        }
        return stage("restore " + format, () -> {
            if (!text.equals("a backup")) {
                throw new RefusedException(new Refusal.BadArchive("this cannot be restored"));
            }
            return new RestoreView(Instant.parse("2026-11-25T12:00:00Z"), 2, 3, "/var/lib/hostel/replaced-x");
        });
    }

    @Override
    public CompletionStage<DoctorView> doctor() {
        return stage(
                "doctor",
                () -> new DoctorView(
                        List.of(new DoctorView.Finding("link", "hs-h0abc", "nobody's")), List.of(), 1, 2, List.of()));
    }

    @Override
    public CompletionStage<CapabilitiesView> capabilities() {
        return stage(
                "capabilities",
                () -> new CapabilitiesView(
                        "6.18",
                        List.of("pid", "net"),
                        Map.of("cgroup", "v1"),
                        List.of(new CapabilitiesView.Degradation("cgroup", "controllers on v1", "boot with v2"))));
    }

    @Override
    public Optional<String> notReady() {
        return notReady;
    }
}
