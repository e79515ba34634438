package io.hostel.host;

import akka.actor.typed.ActorRef;
import akka.actor.typed.ActorSystem;
import akka.actor.typed.Behavior;
import akka.actor.typed.SpawnProtocol;
import akka.actor.typed.javadsl.Behaviors;
import io.hostel.api.CapabilitiesView;
import io.hostel.api.DoctorView;
import io.hostel.api.LogLine;
import io.hostel.api.LogQuery;
import io.hostel.config.HostelConfig;
import io.hostel.kernel.KernelException;
import io.hostel.log.LogFiles;
import io.hostel.network.BlockPool;
import io.hostel.network.PortPool;
import io.hostel.network.TenantNumbers;
import io.hostel.sandbox.LedgerEntry;
import io.hostel.sandbox.SandboxPorts;
import io.hostel.store.ArtifactStore;
import io.hostel.store.DesiredState;
import io.hostel.store.StoreThread;
import io.hostel.store.StoredAuthenticator;
import io.hostel.store.image.Images;
import io.hostel.tenant.ActorTenantOperations;
import io.hostel.tenant.ArtifactClaims;
import io.hostel.tenant.Copies;
import io.hostel.tenant.Doctor;
import io.hostel.tenant.EventLog;
import io.hostel.tenant.Known;
import io.hostel.tenant.LayerAdmission;
import io.hostel.tenant.LedgerSupervisors;
import io.hostel.tenant.Logs;
import io.hostel.tenant.PlanRoom;
import io.hostel.tenant.Readiness;
import io.hostel.tenant.Records;
import io.hostel.tenant.Resolver;
import io.hostel.tenant.Surroundings;
import io.hostel.tenant.TenantDirectory;
import io.hostel.tenant.Usages;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Flow;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Puts together what the tenants' actors act upon, and starts them. */
final class TenantsWiring {
    private static final Logger LOG = LoggerFactory.getLogger(TenantsWiring.class);

    private static final Duration SWEEP_LOGS = Duration.ofMinutes(10);
    private static final Duration BOUND_LOGS = Duration.ofSeconds(10);

    private final HostelConfig config;
    private final Machine machine;
    private final SandboxPorts ports;
    private final LogFiles logs;
    private final HostDoctor doctor;
    private final ExecutorService blocking;
    private final Clock clock;
    private final PortPool publishedPorts;

    TenantsWiring(
            HostelConfig config,
            Machine machine,
            SandboxPorts ports,
            LogFiles logs,
            HostDoctor doctor,
            ExecutorService blocking,
            Clock clock) {
        this.config = config;
        this.machine = machine;
        this.ports = ports;
        this.logs = logs;
        this.doctor = doctor;
        this.blocking = blocking;
        this.clock = clock;
        this.publishedPorts = new PortPool(config.network().publishedPorts(), this::listening);
    }

    private Set<Integer> listening() {
        try {
            return machine.kernel().hostNetwork().listening();
        } catch (KernelException e) {
            throw new IllegalStateException("which ports of the machine are listened on: " + e.getMessage(), e);
        }
    }

    /** @param ready completes when every adopted sandbox has been heard of */
    record Started(
            ActorTenantOperations operations,
            EventLog events,
            PortPool ports,
            CompletionStage<TenantDirectory.Ready> ready) {}

    /**
     * @param state read here, before it belongs to the store's thread
     * @param left what the ledger holds of an earlier daemon
     */
    Started start(
            ActorSystem<SpawnProtocol.Command> system,
            DesiredState state,
            List<LedgerEntry> left,
            StoredAuthenticator authenticator,
            ArtifactStore artifacts,
            Images images,
            StoreThreads stores,
            CopiesOf copies)
            throws Exception {
        Known known = Known.read(state, left);
        // Before any of them can be leased again: an element that outlives its owner would let strangers in.
        machine.kernel().filter().retain(known.ports(), known.linked(), known.connections());
        ArtifactClaims claims = new ArtifactClaims(artifacts, state.artifacts(), blocking);
        StoreThread store = stores.own(state);
        Records records = Records.on(store);
        LoggedSupervisors supervisors =
                new LoggedSupervisors(new LedgerSupervisors(machine.layout(), ports, blocking), logs);
        system.scheduler()
                .scheduleWithFixedDelay(SWEEP_LOGS, SWEEP_LOGS, supervisors::sweepLogs, system.executionContext());
        system.scheduler()
                .scheduleWithFixedDelay(BOUND_LOGS, BOUND_LOGS, supervisors::boundLogs, system.executionContext());
        EventLog events = new EventLog(records, clock);
        Surroundings around = new Surroundings(
                config,
                records,
                events,
                authenticator,
                claims,
                new Resolver(artifacts, images::find, publishedPorts, blocking),
                new SandboxLogs(logs),
                supervisors,
                ports.slots(),
                new LayerAdmission(
                        config.layers(),
                        machine.kernel().layers(),
                        machine.layout().layerPool(),
                        ports.steady()),
                new PlanRoom(),
                ports.groups(),
                machine.kernel().filter(),
                machine.kernelExecutor(),
                new BlockPool(config.network().cidr(), config.network().tenantPrefix()),
                publishedPorts,
                new TenantNumbers(config.uidBase()),
                clock,
                ports.steady(),
                publicHost());
        Readiness readiness = new Readiness();
        CompletableFuture<TenantDirectory.Ready> ready = new CompletableFuture<>();
        ActorRef<TenantDirectory.Ready> guardian = Spawning.spawn(system, awaiting(ready), "guardian");
        ActorRef<TenantDirectory.Message> directory =
                Spawning.spawn(system, TenantDirectory.create(around, known, readiness, guardian), "tenants");
        return new Started(
                new ActorTenantOperations(
                        system,
                        directory,
                        around,
                        readiness,
                        new Usages(
                                machine.kernel().cgroups(),
                                machine.kernel().layers(),
                                machine.layout().layerPool(),
                                machine.kernelExecutor(),
                                ports.steady()),
                        new MachineDoctor(),
                        copies.with(store, claims, readiness),
                        blocking),
                events,
                publishedPorts,
                ready);
    }

    /** Hands the state to the thread that owns it from then on. */
    interface StoreThreads {
        StoreThread own(DesiredState state);
    }

    /** Makes backups of what was wired together here. */
    interface CopiesOf {
        Copies with(StoreThread store, ArtifactClaims claims, Readiness readiness);
    }

    private static Behavior<TenantDirectory.Ready> awaiting(CompletableFuture<TenantDirectory.Ready> ready) {
        return Behaviors.receiveMessage(message -> {
            ready.complete(message);
            return Behaviors.same();
        });
    }

    /** Where published ports answer: on the API's address, or where they do on one link only, on that one's. */
    private String publicHost() {
        String host = config.api().host();
        return config.network()
                .publishInterface()
                .flatMap(TenantsWiring::address)
                .orElse(host.equals("0.0.0.0") ? "127.0.0.1" : host);
    }

    private static Optional<String> address(String link) {
        try {
            return Optional.ofNullable(NetworkInterface.getByName(link))
                    .flatMap(found -> found.inetAddresses()
                            .filter(Inet4Address.class::isInstance)
                            .findFirst())
                    .map(InetAddress::getHostAddress);
        } catch (SocketException e) {
            LOG.warn("addresses of {}: {}", link, e.getMessage());
            return Optional.empty();
        }
    }

    private record SandboxLogs(LogFiles files) implements Logs {
        @Override
        public Flow.Publisher<LogLine> lines(String tenant, String app, LogQuery query) {
            return files.lines(tenant, app, query);
        }

        @Override
        public CompletionStage<List<LogLine>> last(String tenant, String app, String sandbox, int lines) {
            return files.last(tenant, app, sandbox, lines);
        }

        @Override
        public void allow(String tenant, long bytes) {
            files.allow(tenant, bytes);
        }

        @Override
        public long taken(String tenant) {
            return files.taken(tenant);
        }

        @Override
        public CompletionStage<Void> forget(String tenant, String app) {
            return files.forget(tenant, app);
        }

        @Override
        public CompletionStage<Void> forget(String tenant) {
            return files.forget(tenant);
        }
    }

    private final class MachineDoctor implements Doctor {
        @Override
        public DoctorView examine() {
            try {
                return doctor.examine();
            } catch (KernelException e) {
                throw new IllegalStateException("examine the machine: " + e.getMessage(), e);
            }
        }

        @Override
        public CapabilitiesView capabilities() {
            return machine.capabilities();
        }
    }
}
