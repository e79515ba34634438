package io.hostel.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * A running host for the tests of one class: started before the first, and taken away with {@code --reap} after the last, when
 * the machine has to be as it was before. A test that fails shows what the machine looked like.
 */
public final class Host implements BeforeAllCallback, AfterAllCallback, AfterEachCallback {
    private static final AtomicInteger COUNT = new AtomicInteger();
    /** Time for what the kernel does in its own time; no test depends on how long it takes. */
    public static final Duration PATIENCE = Patience.seconds(90);

    private final String bridge = "hst" + ProcessHandle.current().pid() % 10_000 + "x" + COUNT.getAndIncrement() % 100;
    private final List<String> extraSettings;
    private final List<String> problems = new ArrayList<>();
    private @Nullable Path directory;
    private @Nullable Daemon daemon;
    private List<String> before = List.of();

    public Host(String... extraSettings) {
        this.extraSettings = List.of(extraSettings);
    }

    private @Nullable Path disk;

    /** Its state lies on this disk. */
    public Host on(Path disk) {
        this.disk = disk;
        return this;
    }

    @Override
    public void beforeAll(ExtensionContext context) throws Exception {
        World.reachable();
        directory = Files.createTempDirectory(Shell.disk(), bridge + "-");
        before = Machine.state(bridge);
        daemon = Daemon.start(settings(), log());
    }

    @Override
    public void afterEach(ExtensionContext context) {
        if (context.getExecutionException().isPresent()) {
            System.err.println("==== " + context.getDisplayName() + " failed: the machine");
            System.err.println(Machine.portrait(bridge));
            System.err.println("==== the host's log, its end");
            List<String> lines = Machine.read(log()).lines().toList();
            lines.subList(Math.max(0, lines.size() - 60), lines.size()).forEach(System.err::println);
        }
    }

    @Override
    public void afterAll(ExtensionContext context) throws Exception {
        if (daemon != null && daemon.isAlive()) {
            problems.addAll(doctorsFindings());
            daemon.stop();
        }
        reap();
        assertThat(problems).as("what the doctor found, and what is left").isEmpty();
    }

    private List<String> doctorsFindings() {
        // Whatever is on its way out is given the time it needs.
        try {
            Awaitility.await().atMost(PATIENCE).ignoreExceptions().untilAsserted(() -> {
                var doctor = operator().get("/v1/doctor").is(200);
                assertThat(doctor.path("leaked")).isEmpty();
                assertThat(doctor.path("missing")).isEmpty();
            });
            return List.of();
        } catch (org.awaitility.core.ConditionTimeoutException e) {
            return List.of(String.valueOf(e.getMessage()));
        }
    }

    private void reap() throws IOException {
        Shell.Outcome reaped = reapNow();
        if (reaped.code() != 0) {
            problems.add("--reap ended with " + reaped.code() + ": " + reaped.output());
        }
        try {
            Awaitility.await().atMost(PATIENCE).untilAsserted(() -> Machine.assertAsBefore(bridge, before));
        } catch (org.awaitility.core.ConditionTimeoutException e) {
            problems.add(String.valueOf(e.getMessage()));
        }
        Shell.run("rm", "-rf", "--one-file-system", directory().toString());
    }

    /** Takes away all that a host with these settings left; no host may run. */
    public Shell.Outcome reapNow() {
        List<String> arguments = new ArrayList<>(settings());
        arguments.add("--reap");
        return Daemon.outcome(arguments);
    }

    public List<String> settings() {
        List<String> all = new ArrayList<>(List.of(
                "-Dhostel.state-dir=" + stateDir(),
                "-Dhostel.run-dir=" + runDir(),
                "-Dhostel.log-dir=" + directory().resolve("log"),
                "-Dhostel.api.port=" + apiPort(),
                "-Dhostel.ingress.port=0",
                "-Dhostel.network.bridge=" + bridge,
                "-Dhostel.network.cidr=10.123.0.0/16",
                "-Dhostel.network.published-ports=24000-24999",
                "-Dhostel.network.dns=[\"" + World.ADDRESS + "\"]",
                "-Dhostel.layers.pool-size=1GiB",
                // Hundreds of deploys would each wait for what ProofIT alone looks at.
                "-Dhostel.deploys.alive-seconds=0",
                "-Dhostel.deploys.alive-without-port-seconds=1"));
        all.addAll(extraSettings);
        return all;
    }

    private int port;

    /** The same for all starts of this host, so that a second one is found where the first was. */
    private int apiPort() {
        if (port == 0) {
            try (ServerSocket free = new ServerSocket(0)) {
                port = free.getLocalPort();
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        }
        return port;
    }

    public Path directory() {
        if (directory == null) {
            throw new IllegalStateException("the host has not been started");
        }
        return directory;
    }

    public Path runDir() {
        return directory().resolve("run");
    }

    public Path stateDir() {
        return (disk != null ? disk : directory()).resolve("state");
    }

    public Path log() {
        return directory().resolve("hostd.log");
    }

    public String bridge() {
        return bridge;
    }

    public Daemon daemon() {
        if (daemon == null) {
            throw new IllegalStateException("the host has not been started");
        }
        return daemon;
    }

    /** Starts the host again, after it has ended. */
    public Daemon startAgain() throws IOException {
        return startAgain(Map.of());
    }

    /** @param environment beside this JVM's own */
    public Daemon startAgain(Map<String, String> environment) throws IOException {
        daemon = Daemon.start(settings(), log(), environment);
        return daemon;
    }

    /** Begins to start the host again, after it has ended; it need not come to serve. */
    public Daemon beginAgain() throws IOException {
        daemon = Daemon.begin(settings(), log(), Map.of());
        return daemon;
    }

    public Api operator() {
        return new Api(
                address(), Machine.read(stateDir().resolve("operator.token")).strip());
    }

    public Api anonymous() {
        return new Api(address(), "");
    }

    /** Where its interface is, whenever there is one. */
    private String address() {
        return "http://127.0.0.1:" + apiPort();
    }

    /** A new tenant. */
    public Tenant tenant(String id) {
        return Tenant.create(this, id, Map.of());
    }

    public Tenant tenant(String id, Map<String, Object> quota) {
        return Tenant.create(this, id, quota);
    }
}
