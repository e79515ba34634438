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
