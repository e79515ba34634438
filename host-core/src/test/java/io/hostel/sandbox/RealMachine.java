package io.hostel.sandbox;

import akka.actor.testkit.typed.javadsl.ActorTestKit;
import akka.actor.testkit.typed.javadsl.TestProbe;
import akka.actor.typed.ActorRef;
import io.hostel.api.ProcessSpec;
import io.hostel.api.SandboxView.State;
import io.hostel.config.Cidr;
import io.hostel.kernel.HostNetwork;
import io.hostel.kernel.KernelException;
import io.hostel.kernel.linux.LinuxKernel;
import io.hostel.resource.Ledger;
import io.hostel.resource.step.RecordsStep;
import io.hostel.sandbox.SandboxSupervisor.Changed;
import io.hostel.sandbox.SandboxSupervisor.Command;
import io.hostel.sandbox.SandboxSupervisor.Event;
import io.hostel.store.Image;
import io.hostel.store.image.Images;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** The kernel itself, prepared as a host prepares it, in a network and mount namespace that are thrown away. */
final class RealMachine implements AutoCloseable {
    private static final Cidr NETWORK = Cidr.parse("10.79.0.0/16");
    private static final String BRIDGE = "hsbox0";

    /** On a disk's own file system: overlayfs and tmpfs may refuse loop devices. */
    final Path directory =
            Files.createTempDirectory(Path.of(System.getProperty("hostel.test.disk", "/var/tmp")), "hostel-it");

    final ExecutorService executor = Executors.newFixedThreadPool(4);
    final LinuxKernel kernel = LinuxKernel.open(BRIDGE, executor);
    final ActorTestKit kit = ActorTestKit.create();
    final TestProbe<Event> parent = kit.createTestProbe();
    final List<String> log = new CopyOnWriteArrayList<>();
    final HostLayout layout;
    final Ledger<LedgerEntry> ledger;
    final SandboxPorts ports;
    private final NioProber prober = NioProber.open();
    private final Image image;
    private final HostNetwork.Plan network;

    RealMachine() throws KernelException, IOException {
        layout = new HostLayout(
                directory.resolve("run"),
                directory.resolve("log"),
                1 << 20,
                0,
                directory.resolve("run/layers"),
                BRIDGE,
                NETWORK.address(1),
                SandboxIds.tag(BRIDGE));
        Path state = Files.createDirectories(directory.resolve("state"));
        Files.createDirectories(layout.pins());
        Files.createDirectories(layout.layerPool());
        image = Images.open(state, List.of()).find("host").orElseThrow();
        network = new HostNetwork.Plan(
                BRIDGE,
                NETWORK.address(1),
                16,
                layout.linkPrefix(),
                new HostNetwork.Egress(List.of(), List.of(), List.of()),
                new HostNetwork.Bounds(4096, 1024, 8192, 4032),
                Optional.empty(),
                20_000,
                20_009,
                0,
                false);
        kernel.cgroups().prepare();
        kernel.netns().prepare(layout.pins());
        kernel.layers().open(state.resolve("layers.pool"), layout.layerPool(), 256 << 20);
        kernel.hostNetwork().ensure(network);
        kernel.launcher().prepare(layout.pins());
        ledger = Ledger.open(layout.ledger(), LedgerEntry.class);
        ports = SandboxPorts.of(
                kernel,
                executor,
                ledger,
                new ColdSlots(BRIDGE),
                Plans.groups(kernel.cgroups()),
                LaunchBudget.of(kit.system(), LaunchBudget.Limits.of(2), LaunchBudget.Gauges.NONE, Clock.systemUTC()),
                prober,
                new StoppedMonitors(kernel.processes()),
                Clock.systemUTC(),
                (phase, took) -> log.add(phase + " " + took.toNanos() / 1000 + " us"),
                new Proof.After(Duration.ZERO, Duration.ofSeconds(1)),
                (plan, text) -> log.add(text));
    }

    SandboxPlan plan(ProcessSpec.RestartPolicy policy, Optional<Integer> port, String... command) {
        ProcessSpec like = Plans.spec(port, policy);
        ProcessSpec spec = new ProcessSpec(
                List.of(command),
                port,
                Optional.of(1),
                1,
                like.expose(),
                like.limits(),
                new ProcessSpec.Health(
                        like.health().http(), like.health().interval(), Patience.seconds(1), Patience.seconds(30)),
                policy,
                Duration.ofSeconds(2),
                like.network(),
                like.egress(),
                like.user());
        return SandboxPlanner.plan(
                new SandboxRequest(
                        new SandboxIds(layout.tag()).next(),
                        "acme",
                        3,
                        1_131_072,
                        "shop",
                        "web",
                        1,
                        spec,
                        Map.of(),
                        List.of(image.layer()),
                        image.binds(),
                        BRIDGE,
                        Optional.of(NETWORK.address(300))),
                layout);
    }

    ActorRef<Command> supervise(SandboxPlan plan, Optional<LedgerEntry> adopted) {
        return kit.spawn(SandboxSupervisor.create(plan, adopted, ports, parent.ref()));
    }

    /** Passes over changes until this state is shown. */
    SandboxStatus await(State state) {
        List<Event> seen = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            Event event = heard(seen);
            if (event instanceof Changed changed && changed.status().state() == state) {
                return changed.status();
            }
        }
        throw new AssertionError(state + " is never shown");
    }

    void awaitReaped() {
        List<Event> seen = new ArrayList<>();
        while (!(heard(seen) instanceof SandboxSupervisor.Reaped)) {
            if (seen.size() > 50) {
                throw new AssertionError("it is never reaped");
            }
        }
    }

    private Event heard(List<Event> seen) {
        try {
            Event event = parent.receiveMessage(Patience.seconds(20));
            seen.add(event);
            return event;
        } catch (AssertionError e) {
            throw new AssertionError("after " + seen + "; log " + log, e);
        }
    }

    /** Everything of sandboxes that the kernel and the ledger hold. */
    List<String> holdings() throws KernelException, IOException {
        List<String> all = new ArrayList<>();
        all.addAll(kernel.netns().pins(layout.pins()));
        all.addAll(kernel.links().named(layout.linkPrefix(), layout.bridge()));
        kernel.links().neighbours(BRIDGE).forEach(a -> all.add(a.toString()));
        kernel.filter().contents().addresses().keySet().forEach(a -> all.add("rules of " + a));
        kernel.cgroups().groups().stream().filter(group -> group.indexOf('/') > 0).forEach(all::add);
        all.addAll(kernel.layers().layers(layout.layerPool()));
        ledger.entries().entries().forEach(e -> all.add("entry " + e.plan().id()));
        return all;
    }

    @Override
    public void close() throws KernelException, IOException {
        kit.shutdownTestKit();
        prober.close();
        ports.monitors().close();
        for (LedgerEntry entry : ledger.entries().entries()) {
            new SandboxJobs(entry.plan(), ports).takeBack(entry);
        }
        kernel.hostNetwork().remove(network);
        kernel.close();
        kernel.layers().close(layout.layerPool());
        kernel.cgroups().remove(HostLayout.tenantGroup(3));
        kernel.netns().unprepare(layout.pins());
        kernel.cgroups().unprepare();
        executor.shutdown();
        RecordsStep.deleteTree(directory);
    }
}
