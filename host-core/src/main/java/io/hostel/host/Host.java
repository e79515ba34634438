package io.hostel.host;

import akka.actor.typed.ActorSystem;
import akka.actor.typed.SpawnProtocol;
import io.hostel.api.http.ApiServer;
import io.hostel.api.http.HttpApi;
import io.hostel.config.Endpoint;
import io.hostel.config.HostelConfig;
import io.hostel.kernel.KernelException;
import io.hostel.kernel.linux.FileSystemSync;
import io.hostel.kernel.linux.LinuxOpenFiles;
import io.hostel.log.LogFiles;
import io.hostel.resource.FaultPoint;
import io.hostel.resource.Ledger;
import io.hostel.sandbox.Bridges;
import io.hostel.sandbox.HostLayout;
import io.hostel.sandbox.LaunchBudget;
import io.hostel.sandbox.LedgerEntry;
import io.hostel.sandbox.NioProber;
import io.hostel.sandbox.Proof;
import io.hostel.sandbox.SandboxIds;
import io.hostel.sandbox.SandboxPorts;
import io.hostel.sandbox.SlotPlan;
import io.hostel.sandbox.StoppedMonitors;
import io.hostel.sandbox.TenantGroups;
import io.hostel.sandbox.WarmSlots;
import io.hostel.store.Database;
import io.hostel.store.DesiredState;
import io.hostel.store.DirectoryArtifacts;
import io.hostel.store.DiskReserve;
import io.hostel.store.GivingBack;
import io.hostel.store.OperatorToken;
import io.hostel.store.SqliteDesiredState;
import io.hostel.store.SqliteIdempotencyStore;
import io.hostel.store.StoreException;
import io.hostel.store.StoreThread;
import io.hostel.store.StoredAuthenticator;
import io.hostel.store.backup.StagedRestore;
import io.hostel.store.image.Images;
import io.hostel.sys.Statfs;
import io.hostel.sys.SysException;
import io.hostel.tenant.Readiness;
import io.hostel.tenant.TenantDirectory;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The running daemon: everything wired together, from the database to the listening socket. */
final class Host implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Host.class);
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Duration GIVE_BACK = Duration.ofSeconds(30);
    private static final Duration ANSWERED_WITHIN = Duration.ofSeconds(3);

    /** What to close, the last opened first. */
    private final Deque<AutoCloseable> open = new ArrayDeque<>();

    private final CountDownLatch stop = new CountDownLatch(1);
    private final CountDownLatch closed = new CountDownLatch(1);
    private Supplier<CompletionStage<?>> vital = () -> CompletableFuture.completedStage(true);
    private volatile boolean anew;
    private String url = "";
    private int sandboxes;
    private int adopted;

    private Host() {}

    static Host start(HostelConfig config, Machine machine) throws Exception {
        Host host = new Host();
        try {
            host.begin(config, machine);
            return host;
        } catch (Exception | Error e) { // the actors' threads would keep the process
            host.close();
            throw e;
        }
    }

    private void begin(HostelConfig config, Machine machine) throws Exception {
        ExecutorService blocking = Executors.blocking();
        opened(blocking::shutdownNow);
        try {
            new HostFiles(config).make();
        } catch (IOException e) {
            throw new CannotStart("make the host's directories: " + e + ": set hostel.state-dir and hostel.log-dir to where"
                    + " root can write");
        }
        // Each of these takes some tenths of a second, as does what stands on the machine at a first start.
        Future<ActorSystem<SpawnProtocol.Command>> beginning =
                blocking.submit(() -> ActorSystem.create(SpawnProtocol.create(), "hostel"));
        AutoCloseable actors = () -> {
            beginning.get().terminate();
            beginning.get().getWhenTerminated().toCompletableFuture().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        };
        opened(actors);
        Future<Images> images = blocking.submit(
                () -> Images.open(config.stateDir(), config.network().dns()));
        HostLayout layout = machine.layout();
        Database database = database(config);
        SqliteDesiredState state = new SqliteDesiredState(database);
        Ledger<LedgerEntry> ledger = Ledger.open(layout.ledger(), LedgerEntry.class);
        Ledger.Contents<LedgerEntry> left = ledger.entries();
        requireWithin(config, state, left.entries());
        state.tidy();
        stand(machine);
        Clock clock = Clock.systemUTC();
        SteadyClock steady = SteadyClock.begin();
        HostMetrics metrics = new HostMetrics();

        StagedRestore.sweep(config.stateDir());
        String operatorSecret = OperatorToken.readOrCreate(config.stateDir());
        left.unreadable().forEach(u -> LOG.warn("A ledger entry cannot be used: {}", u.why()));
        Ledger<SlotPlan> slotLedger = Ledger.open(layout.slots(), SlotPlan.class);
        Ledger.Contents<SlotPlan> slotsLeft = slotLedger.entries();
        slotsLeft.unreadable().forEach(u -> LOG.warn("A slot's entry cannot be used: {}", u.why()));
        // Before anybody reaps: what is expelled must not be thought to be there.
        machine.kernel()
                .filter()
                .admitted(left.entries().stream()
                        .filter(entry -> entry.phase() != LedgerEntry.Phase.REAPING)
                        .flatMap(entry -> entry.plan().rules().stream())
                        .toList());
        Bridges bridges = Bridges.open(
                machine.kernel().hostNetwork(), machine.ground().network(), seats(left.entries(), slotsLeft.entries()));
        metrics.gauge(
                "hostel.kernel.calls.overdue",
                "Calls to the kernel that have not returned for long",
                machine.kernelExecutor()::overdueCount);
        metrics.gauge("hostel.bridges", "Bridges that sandboxes are spread over", bridges::count);
        TenantGroups groups = new TenantGroups(machine.kernel().cgroups(), machine.kernelExecutor());
        WarmSlots slots = opened(new WarmSlots(
                machine.kernel(),
                layout,
                slotLedger,
                bridges,
                new SandboxIds(layout.tag())::next,
                config.warmSlots(),
                metrics,
                FaultPoint.INERT,
                groups,
                steady));
        metrics.gauge("hostel.slots.warm", "Sandboxes ready for a launch", slots::warm);
        metrics.gauge("hostel.slots.cold", "Sandboxes that found none ready, since the start", slots::cold);
        StoredAuthenticator authenticator = new StoredAuthenticator(operatorSecret, state.tenants(), state.tokens(), clock);

        ActorSystem<SpawnProtocol.Command> system = beginning.get();
        LogFiles logs = opened(new LogFiles(config.logDir(), config.logBytesPerSandbox(), system));
        LaunchBudget budget = LaunchBudget.of(
                system, LaunchBudget.Limits.of(Runtime.getRuntime().availableProcessors()), metrics, clock);
        SandboxPorts ports = SandboxPorts.of(
                machine.kernel(),
                machine.kernelExecutor(),
                ledger,
                slots,
                groups,
                budget,
                opened(NioProber.open()),
                opened(StoppedMonitors.open(machine.kernel().processes())),
                steady,
                metrics,
                new Proof.After(
                        config.deploys().aliveServing(), config.deploys().aliveAlone()),
                (plan, text) -> logs.append(plan.tenant(), plan.app(), plan.id(), clock.instant(), text));
        HostDoctor doctor = new HostDoctor(
                machine.kernel(),
                machine.kernelExecutor(),
                ledger,
                slotLedger,
                groups,
                layout,
                new HostFiles(config)::open,
                clock,
                steady);
        StoreThread[] store = new StoreThread[1];
        DiskReserve reserve = new DiskReserve(() -> room(config.stateDir()));
        DirectoryArtifacts artifacts = DirectoryArtifacts.open(config.stateDir(), FileSystemSync::sync, reserve);
        TenantsWiring.Started tenants = new TenantsWiring(config, machine, ports, logs, doctor, blocking, clock)
                .start(
                        system,
                        state,
                        left.entries(),
                        authenticator,
                        artifacts,
                        images.get(),
                        s -> store[0] = opened(new StoreThread(s)),
                        (thread, claims, readiness) -> new HostCopies(
                                config.stateDir(),
                                operatorSecret,
                                thread,
                                claims,
                                artifacts,
                                new Leases(config)::amiss,
                                FileSystemSync::sync,
                                reserve,
                                blocking,
                                clock,
                                () -> startAnew(readiness)));
        opened((AutoCloseable) tenants.events()::write);
        system.scheduler()
                .scheduleWithFixedDelay(
                        GIVE_BACK, GIVE_BACK, new GivingBack(store[0], database), system.executionContext());
        TenantDirectory.Ready ready = await(tenants.ready());
        vital = () -> tenants.operations().answers().thenCompose(done -> store[0].call(desired -> done));
        sandboxes = ready.sandboxes();
        adopted = ready.adopted();
        // Closed again, before all that the actors use: a prober or store that is going down would look to them like a
        // service
        // that has failed, and they would act on it.
        opened(actors);

        HttpApi api = new HttpApi(
                tenants.operations(),
                authenticator,
                new SqliteIdempotencyStore(store[0], database, clock),
                config.tenantQuota(),
                // It lists the descriptors, of which there are some to each sandbox; where no tenant's upload is in the
                // way.
                () -> CompletableFuture.supplyAsync(metrics::text, machine.kernelExecutor()),
                config.callRates(),
                config.api().host(),
                isLoopback(config.api()),
                system);
        serve(api, config.api(), system);
        opened(OpenFilesWatch.open(
                new LinuxOpenFiles(machine.kernel().processes()),
                machine.kernel().processes(),
                () -> store[0].call(DesiredState::tenants),
                tenants.events()::note));
        ConnectionTable connections = new ConnectionTable(machine.kernel().hostNetwork());
        connections.measure(metrics);
        LayerPool layers = new LayerPool(machine.kernel().layers(), layout.layerPool());
        layers.measure(metrics);
        Map<String, Supplier<Optional<String>>> shortages =
                Map.of(
                        "host.connections", connections::look,
                        "host.layers", layers::look,
                        "host.ports", new OccupiedPorts(tenants.ports())::look);
        Reconciler reconciler = opened(
                new Reconciler(machine, ledger, bridges, slots, ports.roll(), doctor, shortages, tenants.events()));
        reconciler.begin(config.comparison());
        // Only now: to make slots takes both cores for a while.
        slots.adopt(
                slotsLeft.entries(),
                left.entries().stream().map(e -> e.plan().id()).collect(Collectors.toSet()));
        groups.sweep();
        onSignal();
    }

    private static Map<String, String> seats(List<LedgerEntry> sandboxes, List<SlotPlan> slots) {
        Map<String, String> seats = new HashMap<>();
        Stream.concat(sandboxes.stream().map(e -> e.plan().slot()), slots.stream())
                .forEach(slot -> slot.veth().ifPresent(veth -> seats.put(slot.id(), veth.bridge())));
        return seats;
    }

    private static void requireWithin(HostelConfig config, DesiredState state, List<LedgerEntry> standing)
            throws CannotStart {
        Leases leases = new Leases(config);
        List<String> problems = new ArrayList<>(leases.amiss(state));
        problems.addAll(leases.outside(standing, state.tenants()));
        if (!problems.isEmpty()) {
            throw new CannotStart(problems);
        }
    }

    private static void stand(Machine machine) throws CannotStart {
        try {
            machine.ground().prepare();
        } catch (KernelException e) {
            throw new CannotStart("prepare the machine: " + e.getMessage());
        }
    }

    private static Database database(HostelConfig config) throws CannotStart {
        try {
            return Database.open(config.stateDir());
        } catch (StoreException e) {
            throw new CannotStart(String.valueOf(e.getMessage()));
        }
    }

    private void serve(HttpApi api, Endpoint endpoint, ActorSystem<?> system) throws Exception {
        ApiServer server;
        try {
            server = await(ApiServer.bind(api, endpoint, system));
        } catch (ExecutionException e) {
            throw new CannotStart("listen on " + endpoint.host() + ":" + endpoint.port() + ": "
                    + Optional.ofNullable(e.getCause())
                            .map(Throwable::getMessage)
                            .orElse("refused") + ": set hostel.api.interface and hostel.api.port to what is free");
        }
        opened(() -> server.stop(Duration.ofSeconds(2)).toCompletableFuture().get(10, TimeUnit.SECONDS));
        InetSocketAddress address = server.address();
        url = "http://" + address.getAddress().getHostAddress() + ":" + address.getPort();
    }

    private static DiskReserve.Room room(Path directory) throws IOException {
        try {
            Statfs disk = Statfs.of(directory.toString());
            return new DiskReserve.Room(disk.bytes(), disk.availableBytes(), disk.files(), disk.freeFiles());
        } catch (SysException e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    private static boolean isLoopback(Endpoint endpoint) {
        return new InetSocketAddress(endpoint.host(), endpoint.port()).getAddress() != null
                && new InetSocketAddress(endpoint.host(), endpoint.port())
                        .getAddress()
                        .isLoopbackAddress();
    }

    /** SIGTERM and SIGINT end the host in good order and with status 0; the sandboxes go on. */
    private void onSignal() {
        Thread hook = new Thread(
                () -> {
                    if (closed.getCount() == 0) {
                        return; // ending already, with a status of its own
                    }
                    stop.countDown();
                    try {
                        closed.await(PATIENCE.toSeconds(), TimeUnit.SECONDS);
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                    Runtime.getRuntime().halt(0);
                },
                "hostel-stop");
        Runtime.getRuntime().addShutdownHook(hook);
        opened(() -> forget(hook));
    }

    /** Another host may begin in this process: the hook would keep all of this one. */
    private static void forget(Thread hook) {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException running) {
            return; // it is what closes the host
        }
    }

    /** Completes when the directory of the tenants has answered, and then the thread that owns the database. */
    CompletionStage<?> answers() {
        return vital.get();
    }

    String url() {
        return url;
    }

    int sandboxes() {
        return sandboxes;
    }

    int adopted() {
        return adopted;
    }

    /** Returns when the host is to end. @return whether another is to begin, with the state that is staged */
    boolean awaitStop() throws InterruptedException {
        stop.await();
        LOG.info(anew ? "Starting anew" : "Stopping; the sandboxes go on");
        return anew;
    }

    /** In a while: that it will is still to be answered, and an answer that is under way is cut off by the end. */
    private void startAnew(Readiness readiness) {
        readiness.notReady("The host is about to start anew with a backup.");
        CompletableFuture.delayedExecutor(ANSWERED_WITHIN.toMillis(), TimeUnit.MILLISECONDS)
                .execute(() -> {
                    anew = true;
                    stop.countDown();
                });
    }

    @Override
    public void close() {
        while (!open.isEmpty()) {
            try {
                open.pop().close();
            } catch (Exception e) {
                LOG.warn("A part of the host did not stop in good order", e);
            }
        }
        closed.countDown();
    }

    private <C extends AutoCloseable> C opened(C part) {
        open.push(part);
        return part;
    }

    private static <T> T await(CompletionStage<T> stage) throws Exception {
        return stage.toCompletableFuture().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    }
}
