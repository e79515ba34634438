package io.hostel.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The host ends, one way or another; the sandboxes do not. */
final class AdoptionIT {
    /** Says its sandbox's id once for each line that it gets, on one connection as long as the client likes. */
    private static final String ECHO = """
            import os, socketserver
            class H(socketserver.StreamRequestHandler):
                def handle(self):
                    for line in self.rfile:
                        self.wfile.write(os.environ["HOSTEL_SANDBOX"].encode() + b"\\n")
            class S(socketserver.ThreadingTCPServer): allow_reuse_address = True
            S(("", int(os.environ["PORT"])), H).serve_forever()
            """;

    @RegisterExtension
    static final Host HOST = new Host();

    private Tenant alice;
    private App app;

    @BeforeEach
    void aServiceOfTwo() {
        alice = HOST.tenant("alice");
        app = alice.app("echo");
        app.deploy(Release.of(
                        "web",
                        Program.of("python3", "-c", ECHO).with("port", 8080).scale(2)))
                .live();
    }

    @AfterEach
    void clean() {
        alice.delete();
    }

    private List<Long> pids() {
        return app.running(2).stream().map(Sandbox::pid).sorted().toList();
    }

    private static String ask(Socket connection) throws IOException {
        connection.getOutputStream().write("who?\n".getBytes(StandardCharsets.UTF_8));
        BufferedReader in =
                new BufferedReader(new InputStreamReader(connection.getInputStream(), StandardCharsets.UTF_8));
        return in.readLine();
    }

    private Socket connect() throws IOException {
        Socket connection = new Socket("127.0.0.1", app.publishedPort("web"));
        connection.setSoTimeout(20_000);
        return connection;
    }

    @Test
    void killedAndStartedAgainTheHostAdoptsWhatRunsAndConnectionsGoOn() throws Exception {
        List<Long> before = pids();
        try (Socket connection = connect()) {
            String answering = ask(connection);
            HOST.daemon().kill();
            assertThat(HOST.daemon().temporaryFiles())
                    .as("left by the killed host")
                    .isEmpty();
            assertThat(ask(connection)).as("while there is no host").isEqualTo(answering);
            HOST.startAgain();
            assertThat(HOST.daemon().adopted()).isEqualTo(2);
            assertThat(pids()).isEqualTo(before);
            assertThat(ask(connection)).as("after the adoption").isEqualTo(answering);
        }
        Sandbox one = app.running(2).get(0);
        long former = one.killInit();
        one.awaitRestart(former);
        app.scale("web", 3);
        app.running(3);
        app.scale("web", 1);
        app.running(1);
    }

    @Test
    void stoppedTheHostLeavesTheSandboxesServing() throws Exception {
        List<Long> before = pids();
        int port = app.publishedPort("web");
        assertThat(HOST.daemon().stop()).isIn(0, 143);
        try (Socket connection = new Socket("127.0.0.1", port)) {
            connection.setSoTimeout(20_000);
            assertThat(ask(connection)).hasSizeBetween(1, 12);
        }
        HOST.startAgain();
        assertThat(HOST.daemon().adopted()).isEqualTo(2);
        assertThat(pids()).isEqualTo(before);
    }

    /** As hosts put it up before each tenant had a group of its own. */
    @Test
    void whatStandsInTheHostsOwnControlGroupMovesIntoTheTenants() throws Exception {
        List<Long> before = pids();
        try (Socket connection = connect()) {
            String answering = ask(connection);
            HOST.daemon().kill();
            for (String root : Machine.cgroups(HOST.bridge())) {
                flatten(Path.of(root));
            }
            for (String kind : List.of("ledger", "slots")) {
                for (String name : Footprint.names(HOST.runDir().resolve(kind)).toList()) {
                    Path record = HOST.runDir().resolve(kind).resolve(name);
                    Files.writeString(record, Files.readString(record).replaceAll("\"t-[0-9]+/(hs-\\w+)\"", "\"$1\""));
                }
            }
            HOST.startAgain();
            assertThat(HOST.daemon().adopted()).isEqualTo(2);
            assertThat(pids()).isEqualTo(before);
            assertThat(ask(connection)).isEqualTo(answering);
        }
        Awaitility.await().atMost(Host.PATIENCE).untilAsserted(() -> {
            for (String root : Machine.cgroups(HOST.bridge())) {
                assertThat(Footprint.names(Path.of(root)).filter(name -> name.startsWith("hs-")))
                        .isEmpty();
            }
            var doctor = HOST.operator().get("/v1/doctor").is(200);
            assertThat(doctor.path("leaked")).isEmpty();
            assertThat(doctor.path("missing")).isEmpty();
        });
        Sandbox one = app.running(2).get(0);
        assertThat(Machine.read(Path.of("/proc/" + one.pid() + "/cgroup")))
                .containsPattern("(?m):/" + HOST.bridge() + "/t-[0-9]+/hs-" + one.id() + "$");
        long monitor = Machine.processes(line -> line.contains("hostel-monitor " + one.id())).stream()
                .map(line -> Long.parseLong(line.split(" ")[0]))
                .findFirst()
                .orElseThrow();
        assertThat(Machine.read(Path.of("/proc/" + monitor + "/cgroup")))
                .containsPattern("(?m):/" + HOST.bridge() + "/t-[0-9]+/monitors$");
        assertThat(one.exec("true").code()).isZero();
        long former = one.killInit();
        one.awaitRestart(former);
        // What is told is up to a second old.
        Awaitility.await().atMost(Host.PATIENCE).untilAsserted(() -> assertThat(
                        one.view().path("usage").path("memoryBytes").asLong())
                .isPositive());
        app.scale("web", 3);
        app.running(3);
    }

    /** Moves what is in tenants' groups of one hierarchy into groups in the host's own. */
    private static void flatten(Path root) throws IOException {
        if (!Files.isDirectory(root.resolve("monitors"))) {
            return;
        }
        for (String tenant : Footprint.names(root).filter(name -> name.startsWith("t-")).toList()) {
            for (String group : Footprint.names(root.resolve(tenant)).filter(name -> name.startsWith("hs-") || name.equals("monitors")).toList()) {
                Path from = root.resolve(tenant).resolve(group);
                Path to = Files.createDirectories(root.resolve(group));
                for (String pid : Files.readAllLines(from.resolve("cgroup.procs"))) {
                    Files.writeString(to.resolve("cgroup.procs"), pid);
                }
                Files.delete(from);
            }
            Files.delete(root.resolve(tenant));
        }
    }

    @Test
    void whatDiedWhileThereWasNoHostIsStartedAgain() throws Exception {
        Sandbox one = app.running(2).get(0);
        long former = one.pid();
        HOST.daemon().kill();
        Shell.run("kill", "-KILL", Long.toString(former));
        Awaitility.await().until(() -> !java.nio.file.Files.exists(java.nio.file.Path.of("/proc/" + former)));
        HOST.startAgain();
        List<Sandbox> all = app.running(2);
        assertThat(all.stream().map(Sandbox::pid)).doesNotContain(former);
    }

    @Test
    void reapedEverythingIsGoneAndAHostThatStartsAfterwardsBringsTheAppsBack() throws Exception {
        HOST.daemon().stop();
        Shell.Outcome reaped = HOST.reapNow();
        assertThat(reaped.code()).as(reaped.output()).isZero();
        assertThat(Shell.run("ip", "-o", "link")).doesNotContain(HOST.bridge());
        assertThat(Shell.run("nft", "list", "tables")).doesNotContain(HOST.bridge());
        Awaitility.await()
                .atMost(Host.PATIENCE)
                .untilAsserted(() -> assertThat(Machine.cgroups(HOST.bridge())).isEmpty());
        HOST.startAgain();
        assertThat(HOST.daemon().adopted()).isZero();
        app.running(2);
    }

    @Test
    void aSecondHostWithTheSameSettingsIsRefused() {
        Shell.Outcome second = Daemon.outcome(HOST.settings());
        assertThat(second.code()).as(second.output()).isEqualTo(78);
        assertThat(app.running(2)).hasSize(2);
    }
}
