package io.hostel.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Users of the machine who are neither its operator nor a tenant. */
final class LocalUsersIT {
    private static final String SECRET = "s3cr3t-of-alice";

    @RegisterExtension
    static final Host HOST = new Host();

    private static Sandbox service;

    @BeforeAll
    static void aServiceWithASecretInItsEnvironment() {
        Shell.run("chmod", "0755", HOST.directory().toString()); // else nobody would get that far
        App app = HOST.tenant("alice").app("shop");
        app.deploy(Release.of("web", Program.webServer()).with("env", Map.of("PASSWORD", SECRET)))
                .live();
        service = app.running(1).get(0);
    }

    @Test
    void nothingOfTheHostsIsReadableButTheNamesOfNetworkNamespaces() {
        Path pins = HOST.runDir().resolve("netns");
        for (Path place : List.of(HOST.runDir(), HOST.stateDir(), HOST.directory().resolve("log"))) {
            assertThat(asNobody("find", place.toString(), "-readable", "-not", "-path", pins + "*", "-print")
                            .output()
                            .lines()
                            .filter(line -> !line.startsWith("find: ")))
                    .isEmpty();
            assertThat(asNobody("find", place.toString(), "-writable", "-print")
                            .output()
                            .lines()
                            .filter(line -> !line.startsWith("find: ")))
                    .isEmpty();
        }
        assertThat(asNobody("ls", pins.toString()).output()).contains(service.id());
        assertThat(asNobody("nsenter", "--net=" + pins.resolve(service.id()), "true").code())
                .isNotZero();
        assertThat(Shell.outcome(Map.of(), "nsenter", "--net=" + pins.resolve(service.id()), "ip", "addr")
                        .output())
                .contains("eth0");
    }

    @Test
    void theSecretIsInNoFileThatTheyRead() {
        // Root finds it, so it is there to be found.
        String ledger = HOST.runDir().resolve("ledger").toString();
        assertThat(Shell.outcome(Map.of(), "grep", "-rl", SECRET, ledger).code()).isZero();

        assertThat(asNobody("grep", "-rsl", SECRET, HOST.directory().toString()).output())
                .isEmpty();
        assertThat(asNobody("grep", "-sl", SECRET, ledger + "/" + service.id() + ".json")
                        .output())
                .isEmpty();
        for (String process : List.of(Long.toString(HOST.daemon().pid()), Long.toString(service.pid()))) {
            assertThat(asNobody("cat", "/proc/" + process + "/environ").code()).isNotZero();
        }
    }

    @Test
    void theDoctorFindsWhatSomebodyHasOpened() throws Exception {
        assertThat(HOST.operator().get("/v1/doctor").is(200).path("exposed")).isEmpty();
        Path ledger = HOST.runDir().resolve("ledger");
        Shell.run("chmod", "0755", ledger.toString());
        try {
            var exposed = HOST.operator().get("/v1/doctor").is(200).path("exposed");
            assertThat(exposed).hasSize(1);
            assertThat(exposed.get(0).path("name").asText()).isEqualTo(ledger.toString());
            assertThat(exposed.get(0).path("detail").asText()).contains("chmod 0700");
        } finally {
            Shell.run("chmod", "0700", ledger.toString());
        }
    }

    /** As one does while the host runs, to have it when the host ends: it could not start again. */
    @Test
    void nobodyElseTakesTheHostsLock() {
        assertThat(asNobody(
                                "/usr/bin/python3",
                                "-c",
                                "import fcntl, sys; fcntl.lockf(open(sys.argv[1]), fcntl.LOCK_SH | fcntl.LOCK_NB)",
                                HOST.runDir().resolve("hostd.lock").toString())
                        .output())
                .contains("PermissionError");
    }

    /** With umask 022, and its sandboxes go on. */
    @Test
    void whatAnEarlierHostLeftOpenIsClosedByTheNext() throws Exception {
        long pid = service.pid();
        HOST.daemon().stop();
        for (String each : List.of("", "ledger", "slots", "launches")) {
            Shell.run("chmod", "0755", HOST.runDir().resolve(each).toString());
        }
        Shell.run("chmod", "0644", HOST.runDir().resolve("hostd.lock").toString());

        HOST.startAgain();

        nothingOfTheHostsIsReadableButTheNamesOfNetworkNamespaces();
        nobodyElseTakesTheHostsLock();
        assertThat(service.pid()).isEqualTo(pid);
    }

    /** kernel.core_pattern is a relative name where this is run: a core would lie in the working directory. */
    @Test
    void aHostThatIsAbortedLeavesNoCore() throws Exception {
        long pid = HOST.daemon().pid();
        Path at = Path.of("/proc/" + pid + "/cwd").toRealPath();
        assertThat(Machine.read(Path.of("/proc/sys/kernel/core_pattern"))).startsWith("core");
        List<Path> before = cores(at);
        Shell.run("prlimit", "--pid", Long.toString(pid), "--core=unlimited");

        Shell.run("kill", "-ABRT", Long.toString(pid));
        HOST.daemon().awaitEnd();

        List<Path> after = cores(at);
        after.removeAll(before);
        for (Path core : after) {
            Files.delete(core);
        }
        assertThat(after).isEmpty();
        HOST.startAgain();
        Awaitility.await().atMost(Host.PATIENCE).until(() -> HOST.operator()
                        .get("/v1/doctor")
                        .is(200)
                        .path("missing")
                        .isEmpty());
    }

    private static List<Path> cores(Path directory) throws Exception {
        try (var names = Files.newDirectoryStream(directory, "core*")) {
            List<Path> cores = new ArrayList<>();
            names.forEach(cores::add);
            return cores;
        }
    }

    private static Shell.Outcome asNobody(String... command) {
        List<String> all = new ArrayList<>(List.of("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"));
        all.addAll(List.of(command));
        return Shell.outcome(Map.of(), all.toArray(String[]::new));
    }
}
