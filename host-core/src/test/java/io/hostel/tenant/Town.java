package io.hostel.tenant;

import akka.actor.testkit.typed.javadsl.ActorTestKit;
import akka.actor.testkit.typed.javadsl.ManualTime;
import akka.actor.testkit.typed.javadsl.TestProbe;
import akka.actor.typed.ActorRef;
import akka.actor.typed.javadsl.AskPattern;
import akka.stream.javadsl.JavaFlowSupport;
import akka.stream.javadsl.Sink;
import io.hostel.api.AppView;
import io.hostel.api.ArtifactFormat;
import io.hostel.api.CapabilitiesView;
import io.hostel.api.DoctorView;
import io.hostel.api.EventView;
import io.hostel.api.ProcessView;
import io.hostel.api.Refusal;
import io.hostel.api.RefusedException;
import io.hostel.api.ReleaseView;
import io.hostel.api.RestoreView;
import io.hostel.api.SandboxView;
import io.hostel.config.CallRates;
import io.hostel.config.Cidr;
import io.hostel.config.DeploysConfig;
import io.hostel.config.Endpoint;
import io.hostel.config.HostelConfig;
import io.hostel.config.LayersConfig;
import io.hostel.config.NetworkConfig;
import io.hostel.config.PortRange;
import io.hostel.config.Quota;
import io.hostel.config.QuotaField;
import io.hostel.fake.FakeKernel;
import io.hostel.kernel.PacketFilter.Backend;
import io.hostel.network.BlockPool;
import io.hostel.network.PortPool;
import io.hostel.network.TenantNumbers;
import io.hostel.sandbox.ColdSlots;
import io.hostel.sandbox.HostLayout;
import io.hostel.sandbox.TenantGroups;
import io.hostel.store.Image;
import io.hostel.store.StoredAuthenticator;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.awaitility.Awaitility;
import org.awaitility.core.ThrowingRunnable;

/**
 * A host with its tenants. Time stands still until a test moves it; what was recorded and what stands outlives
 * {@link #restart}.
 */
final class Town implements AutoCloseable {
    static final Quota QUOTA = Quota.STANDARD
            .with(QuotaField.MEMORY, 10 * Specs.MEMORY)
            .withCpus(2.0)
            .with(QuotaField.PIDS, 640)
            .with(QuotaField.DISK, 10L * (256 << 20))
            .with(QuotaField.SANDBOXES, 10)
            .with(QuotaField.PUBLISHED_PORTS, 3)
            .with(QuotaField.ARTIFACTS, 1_000);
    static final Duration WAIT = Duration.ofSeconds(60);

    PlanRoom plans = new PlanRoom();
    private final ActorTestKit kit = ActorTestKit.create(ManualTime.config());
    private final ManualTime time = ManualTime.get(kit.system());
    private final AtomicReference<Instant> steady = new AtomicReference<>(Instant.EPOCH);
    private final AtomicReference<Instant> now = new AtomicReference<>(Instant.parse("2026-11-24T00:00:00Z"));
    private final ColdSlots slots = new ColdSlots("hostel0");
    final FakeState state = new FakeState();
    final FakeKernel kernel = new FakeKernel();
    final FakeArtifacts artifacts = new FakeArtifacts();
    final FakeLogs logs = new FakeLogs();
    final HostelConfig config;
    final FakeSupervisors supervisors;
    private ActorRef<TenantDirectory.Message> directory;
    TestProbe<TenantDirectory.Ready> guardian;
    ActorTenantOperations operations;
    Surroundings surroundings;

    Town() {
        this("10.77.0.0/16", 24);
    }

    Town(String cidr, int tenantPrefix) {
        config = new HostelConfig(
                Path.of("/state"),
                Path.of("/run"),
                Path.of("/log"),
                new Endpoint("127.0.0.1", 7070),
                new CallRates(0, 0),
                new Endpoint("127.0.0.1", 7080),
                new NetworkConfig(
                        "hostel0",
                        Cidr.parse(cidr),
                        tenantPrefix,
                        new PortRange(20_000, 20_009),
                        Optional.empty(),
                        List.of(),
                        List.of(),
                        List.of(),
                        4096,
                        1024,
                        false),
                1_000_000,
                QUOTA,
                1 << 20,
                0,
                new LayersConfig(1L << 30, 1, 1 << 20, OptionalDouble.empty()),
                new DeploysConfig(Duration.ofSeconds(1), Duration.ofSeconds(3)),
                0,
                Duration.ofMinutes(1));
        supervisors = new FakeSupervisors(HostLayout.of(config), this::published);
        start();
    }

    /** The daemon ends, and another one starts; sandboxes go on standing. */
    void restart() {
        kit.stop(directory);
        start();
    }

    private void start() {
        EventLog events = new EventLog(state, now::get);
        plans = new PlanRoom();
        PortPool ports = new PortPool(config.network().publishedPorts(), kernel.hostNetwork()::listening);
        surroundings = new Surroundings(
                config,
                state,
                events,
                new StoredAuthenticator("operator", state.tenants(), state.tokens(), Clock.systemUTC()),
                new ArtifactClaims(artifacts, state.artifacts(), Runnable::run),
                new Resolver(
                        artifacts,
                        name -> name.equals("host")
                                ? Optional.of(new Image("host", Path.of("/images/host"), List.of(Path.of("/usr"))))
                                : Optional.empty(),
                        ports,
                        Runnable::run),
                logs,
                supervisors,
                slots,
                new LayerAdmission(config.layers(), kernel.layers(), Path.of("/run/layers"), steady::get),
                plans,
                new TenantGroups(kernel.cgroups(), Runnable::run),
                kernel.filter(),
                Runnable::run,
                new BlockPool(config.network().cidr(), config.network().tenantPrefix()),
                ports,
                new TenantNumbers(config.uidBase()),
                now::get,
                steady::get,
                "127.0.0.1");
        guardian = kit.createTestProbe(TenantDirectory.Ready.class);
        Readiness readiness = new Readiness();
        directory = kit.spawn(TenantDirectory.create(
                surroundings, Known.read(state, supervisors.ledger()), readiness, guardian.ref()));
        operations = new ActorTenantOperations(
                kit.system(),
                directory,
                surroundings,
                readiness,
                new Usages(kernel.cgroups(), kernel.layers(), Path.of("/run/layers"), Runnable::run, steady::get),
                new Doctor() {
                    @Override
                    public DoctorView examine() {
                        return new DoctorView(List.of(), List.of(), 0, 0, List.of());
                    }

                    @Override
                    public CapabilitiesView capabilities() {
                        return new CapabilitiesView("6.18", List.of(), Map.of(), List.of());
                    }
                },
                new Copies() {
                    @Override
                    public CompletionStage<Flow.Publisher<ByteBuffer>> backup() {
                        throw new UnsupportedOperationException("there is no disk");
                    }

                    @Override
                    public CompletionStage<RestoreView> restore(ArtifactFormat format, InputStream body) {
                        throw new UnsupportedOperationException("there is no disk");
                    }
                },
                Runnable::run);
    }

    /** Waits, at most five seconds of the real clock, for an answer. */
    static <T> T get(CompletionStage<T> stage) {
        return stage.toCompletableFuture().orTimeout(5, TimeUnit.SECONDS).join();
    }

    static Refusal refusal(CompletionStage<?> stage) {
        try {
            Object answer = get(stage);
            throw new AssertionError("not refused: " + answer);
        } catch (CompletionException e) {
            if (e.getCause() instanceof RefusedException refused) {
                return refused.refusal();
            }
            throw e;
        }
    }

    static void eventually(ThrowingRunnable assertion) {
        Awaitility.await()
                .atMost(Duration.ofSeconds(5))
                .pollInterval(Duration.ofMillis(2))
                .ignoreException(CompletionException.class) // what is asked for may come a moment later
                .untilAsserted(assertion);
    }

    void pass(Duration duration) {
        now.updateAndGet(t -> t.plus(duration));
        steady.updateAndGet(t -> t.plus(duration));
        time.timePasses(duration);
    }

    void tenant(String id) {
        get(operations.createTenant(id, Optional.empty()));
    }

    Map<Integer, List<Backend>> published() {
        return kernel.filter().contents().published();
    }

    /** Addresses that a published port leads to. */
    List<String> led(int port) {
        return published().getOrDefault(port, List.of()).stream()
                .map(b -> b.address().getHostAddress())
                .toList();
    }

    List<SandboxView> sandboxes(String tenant, String app) {
        return get(operations.sandboxes(tenant, app));
    }

    String addressOf(String sandbox) {
        return supervisors.plans().stream()
                .filter(p -> p.id().equals(sandbox))
                .findFirst()
                .flatMap(p -> p.address())
                .map(a -> a.getHostAddress())
                .orElseThrow();
    }

    List<String> eventKinds(String tenant) {
        return state.events(Optional.of(tenant), 0, 1_000).stream()
                .map(e -> e.kind())
                .toList();
    }

    List<AppView> apps(String tenant) {
        return all(operations.apps(tenant));
    }

    List<ReleaseView> releases(String tenant, String app) {
        return all(operations.releases(tenant, app));
    }

    private <T> List<T> all(CompletionStage<Flow.Publisher<T>> items) {
        return get(JavaFlowSupport.Source.fromPublisher(get(items)).runWith(Sink.seq(), kit.system()));
    }

    CompletableFuture<List<EventView>> follow(Optional<String> tenant, int count) {
        return surroundings
                .events()
                .after(tenant, 0, true)
                .take(count)
                .runWith(Sink.seq(), kit.system())
                .toCompletableFuture();
    }

    /** All events that there are after a number. */
    CompletionStage<List<EventView>> read(Optional<String> tenant, long since) {
        return new EventLog(state, now::get).after(tenant, since, false).runWith(Sink.seq(), kit.system());
    }

    ActorTestKit kit() {
        return kit;
    }

    ActorRef<TenantDirectory.Message> directory() {
        return directory;
    }

    ActorRef<TenantMessage> tenantActor(int index) {
        return get(AskPattern.<TenantDirectory.Message, Reply<List<ActorRef<TenantMessage>>>>ask(
                                directory, TenantDirectory.Tenants::new, WAIT, kit.scheduler())
                        .thenApply(Town::value))
                .get(index);
    }

    ActorRef<AppMessage> appActor(int tenant, int index) {
        return get(AskPattern.<TenantMessage, Reply<List<ActorRef<AppMessage>>>>ask(
                                tenantActor(tenant), TenantMessage.Apps::new, WAIT, kit.scheduler())
                        .thenApply(Town::value))
                .get(index);
    }

    private static <T> T value(Reply<T> reply) {
        return ((Reply.Done<T>) reply).value();
    }

    @Override
    public void close() {
        kit.shutdownTestKit();
    }

    ProcessView process(String tenant, String app, String process) {
        return Objects.requireNonNull(
                get(operations.app(tenant, app)).processes().get(process));
    }
}
