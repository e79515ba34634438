package io.hostel.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Something befalls the host's own processes beside a sandbox: it is noticed, and nothing is left behind. */
final class MonitorsIT {
    @RegisterExtension
    static final Host HOST = new Host();

    /**
     * Joins the monitors' group, which is allowed 64 MiB more than it has then, and fills a file in memory, which counts for the
     * group and for no process, page by page until the kernel has killed the one that it is told to take first.
     */
    private static final String HOG = """
            import os, re, sys
            group, monitor = sys.argv[1:]
            v2 = os.path.exists(group + "/memory.max")
            limit = group + ("/memory.max" if v2 else "/memory.limit_in_bytes")
            def put(path, text):
                with open(path, "w") as f: f.write(str(text))
            def get(path):
                with open(path) as f: return f.read()
            def kills():
                events = get(group + ("/memory.events" if v2 else "/memory.oom_control"))
                return re.search("(?m)^oom_kill ([0-9]+)$", events).group(1)
            before = get(limit)
            put("/proc/%s/oom_score_adj" % monitor, 1000)
            try:
                if v2 and os.path.exists(group + "/memory.swap.max"): put(group + "/memory.swap.max", 0)
                used = int(get(group + ("/memory.current" if v2 else "/memory.usage_in_bytes")))
                hog = os.fork()
                if hog == 0:
                    put("/proc/self/oom_score_adj", 0)
                    put(group + "/cgroup.procs", os.getpid())
                    put(limit, used + (64 << 20))
                    room = os.memfd_create("room")
                    written = 0
                    while written < 256 << 20 and kills() == "0": # it is the next where the monitor had too little to give
                        written += os.write(room, bytes(4096))
                    os._exit(0)
                os.waitpid(hog, 0)
            finally:
                put(limit, before.strip() if v2 else -1)
                if v2 and os.path.exists(group + "/memory.swap.max"): put(group + "/memory.swap.max", "max")
            print(kills())
            """;

    private Tenant alice;
    private App app;
    private Sandbox sandbox;

    @BeforeEach
    void deploy() {
        alice = HOST.tenant("alice");
        app = alice.web("web", Program.webServer());
        sandbox = app.sandbox();
    }

    @AfterEach
    void clean() {
        alice.delete();
    }

    private long monitor() throws IOException {
        return monitor(sandbox);
    }

    private static long monitor(Sandbox sandbox) throws IOException {
        try (DirectoryStream<Path> launches =
                Files.newDirectoryStream(HOST.runDir().resolve("launches").resolve(sandbox.id()), "[0-9]*")) {
            for (Path launch : launches) {
                if (Files.exists(launch.resolve("launch"))) {
                    return number("monitor", launch.resolve("launch"));
                }
            }
        }
        throw new AssertionError(sandbox + " has no launch");
    }

    private long zygote() {
        return number(
                "zygote",
                HOST.runDir().resolve("launches").resolve(sandbox.id()).resolve("zygote"));
    }

    private static long number(String key, Path record) {
        Matcher line = Pattern.compile("(?m)^" + key + "=([0-9]+)$").matcher(Machine.read(record));
        assertThat(line.find()).as(record.toString()).isTrue();
        return Long.parseLong(line.group(1));
    }

    private static void signal(String name, long pid) {
        Shell.run("kill", "-" + name, Long.toString(pid));
    }

    private static char state(long pid) {
        String stat = Machine.read(Path.of("/proc/" + pid + "/stat"));
        return stat.charAt(stat.lastIndexOf(')') + 2);
    }

    /** Once it has been killed, its end and its parent's word for it take a moment. */
    private static void isGone(long pid) {
        Awaitility.await(pid + " is gone").atMost(Host.PATIENCE).until(() -> !Files.exists(Path.of("/proc/" + pid)));
    }

    private String events() {
        return alice.api().get(alice.path() + "/events?since=0").text();
    }

    private void lostItsMonitorAndRunsAgain(long init, long monitor) throws IOException {
        sandbox.awaitRestart(init);
        assertThat(sandbox.view().path("lastExit").path("reason").asText()).isEqualTo("lost its monitor");
        assertThat(monitor()).isNotEqualTo(monitor);
        isGone(init);
        assertThat(Shell.curl(app.url("web"))).isEqualTo(sandbox.id());
    }

    @Test
    void aKilledMonitorIsReplacedTogetherWithItsCommand() throws Exception {
        long init = sandbox.pid();
        long monitor = monitor();
        signal("KILL", monitor);
        lostItsMonitorAndRunsAgain(init, monitor);
    }

    @Test
    void aMonitorThatTheKernelKillsForMemoryIsReplacedAndNoOtherIsTouched() throws Exception {
        Sandbox other = alice.web("quiet", Program.webServer()).sandbox();
        long othersInit = other.pid();
        long othersMonitor = monitor(other);
        long init = sandbox.pid();
        long monitor = monitor();
        String group = Shell.run("find", "/sys/fs/cgroup", "-type", "d", "-path", "*/" + HOST.bridge() + "/t-*/monitors")
                .lines()
                .filter(path -> Files.exists(Path.of(path, "memory.max"))
                        || Files.exists(Path.of(path, "memory.limit_in_bytes")))
                .findFirst()
                .orElseThrow();

        String kills = Shell.run("/usr/bin/python3", "-c", HOG, group, Long.toString(monitor));
        assertThat(Integer.parseInt(kills.strip())).as("killed by the kernel").isPositive();

        lostItsMonitorAndRunsAgain(init, monitor);
        assertThat(other.pid()).isEqualTo(othersInit);
        assertThat(monitor(other)).isEqualTo(othersMonitor);
        assertThat(state(othersMonitor)).isEqualTo('S');
        Awaitility.await().atMost(Host.PATIENCE).untilAsserted(() -> {
            var doctor = HOST.operator().get("/v1/doctor").is(200);
            assertThat(doctor.path("leaked")).isEmpty();
            assertThat(doctor.path("missing")).isEmpty();
        });
    }

    /** By its control group where that can be had, on v2; many kernels let nobody be born there afterwards. */
    @Test
    void aSandboxThatTheOperatorKillsByItsGroupRunsAgain() throws Exception {
        long init = sandbox.pid();
        String group = Shell.run("find", "/sys/fs/cgroup", "-type", "d", "-name", "hs-" + sandbox.id());
        Path kill = Path.of(group.lines().findFirst().orElseThrow(), "cgroup.kill");
        if (Files.exists(kill) && Machine.read(kill.resolveSibling("cgroup.controllers")).contains("memory")) {
            Files.writeString(kill, "1");
        } else {
            sandbox.killInit();
        }
        sandbox.awaitRestart(init);
        assertThat(Shell.curl(app.url("web"))).isEqualTo(sandbox.id());
    }

    @Test
    void aMonitorThatWasKilledWhileThereWasNoHostIsReplaced() throws Exception {
        long init = sandbox.pid();
        long monitor = monitor();
        HOST.daemon().kill();
        signal("KILL", monitor);
        HOST.startAgain();
        lostItsMonitorAndRunsAgain(init, monitor);
    }

    @Test
    void aStoppedMonitorIsContinuedAndTheCommandRunsOn() throws Exception {
        long init = sandbox.pid();
        long monitor = monitor();
        signal("STOP", monitor);
        Awaitility.await("it is continued").atMost(Host.PATIENCE).until(() -> state(monitor) == 'S');
        Awaitility.await("it is told")
                .atMost(Host.PATIENCE)
                .until(() -> events().contains("sandbox.monitor.continued"));
        assertThat(app.api().get(app.path() + "/logs?tail=100").text()).contains("its monitor was stopped");
        assertThat(sandbox.pid()).isEqualTo(init);
    }

    @Test
    void aMonitorThatStaysStoppedIsReplacedTogetherWithItsCommand() throws Exception {
        long init = sandbox.pid();
        long monitor = monitor();
        Process stopping = new ProcessBuilder(
                        "sh", "-c", "while kill -STOP " + monitor + " 2> /dev/null; do sleep 0.01; done")
                .start();
        try {
            Awaitility.await("it is told")
                    .atMost(Host.PATIENCE)
                    .until(() -> events().contains("sandbox.monitor.killed"));
        } finally {
            stopping.destroy();
        }
        lostItsMonitorAndRunsAgain(init, monitor);
    }

    @Test
    void aMonitorThatIsStoppedWhenTheCommandEndsStillTellsHow() throws Exception {
        signal("STOP", monitor());
        long init = sandbox.killInit();
        sandbox.awaitRestart(init);
        assertThat(sandbox.view().path("lastExit").path("signal").asText()).isEqualTo("SIGKILL");
    }

    @Test
    void aStoppedZygoteIsReplacedWhenItIsNeeded() throws Exception {
        long zygote = zygote();
        signal("STOP", zygote);
        long init = sandbox.killInit();
        sandbox.awaitRestart(init);
        assertThat(zygote()).isNotEqualTo(zygote);
        isGone(zygote);
    }
}
