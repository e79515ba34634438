package io.hostel.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** {@code ops/up} and {@code ops/down}, twice each, with everything in between that leaves something on the machine. */
final class UpDownIT {
    private static final Pattern URL = Pattern.compile("(?:alice/guestbook|bob/clock) +(http://\\S+)");
    /** Control groups and processes are the whole machine's: a run beside this one must not be taken for it. */
    private static final String BRIDGE = "hstu" + ProcessHandle.current().pid() % 10_000;

    private static final Pattern ALL_ADOPTED = Pattern.compile("sandboxes=([1-9]\\d*) adopted=\\1\\n");

    private Path directory = Path.of("");
    private Path temporary = Path.of("");

    @BeforeEach
    void aMachine() throws Exception {
        World.reachable();
        directory = Files.createTempDirectory(Shell.disk(), BRIDGE + "-");
        temporary = Files.createDirectory(directory.resolve("tmp"));
        Files.writeString(
                settings(),
                "hostel { state-dir = \"" + directory.resolve("state") + "\", log-dir = \"" + directory.resolve("log")
                        + "\" }\n");
    }

    @AfterEach
    void takeAway() {
        script("down", "--reap");
        Shell.run("rm", "-rf", "--one-file-system", directory.toString());
    }

    /** What the scripts need to know of stands in here, and what wins over it on the command line. */
    private Path settings() {
        return directory.resolve("host.conf");
    }

    private Shell.Outcome script(String name, String... arguments) {
        List<String> command =
                new ArrayList<>(List.of(Shell.root().resolve("ops/" + name).toString()));
        command.addAll(List.of(arguments));
        command.addAll(List.of(
                "--config",
                settings().toString(),
                "-Dhostel.run-dir=" + directory.resolve("run"),
                "-Dhostel.api.port=17070",
                "-Dhostel.ingress.port=17080",
                "-Dhostel.network.bridge=" + BRIDGE,
                "-Dhostel.network.cidr=10.125.0.0/16",
                "-Dhostel.network.dns=[]",
                "-Dhostel.layers.pool-size=256MiB"));
        return Shell.outcome(
                Map.of("HOSTEL_JAVA_OPTIONS", "-Djava.io.tmpdir=" + temporary, "TMPDIR", temporary.toString()),
                command.toArray(String[]::new));
    }

    /** The operator's command line. */
    private String hostel(String... arguments) {
        List<String> command =
                new ArrayList<>(List.of(Shell.root().resolve("ops/hostel").toString()));
        command.addAll(List.of(arguments));
        Shell.Outcome outcome = Shell.outcome(
                Map.of(
                        "HOSTEL_URL",
                        "http://127.0.0.1:17070",
                        "HOSTEL_TOKEN",
                        Machine.read(directory.resolve("state/operator.token")).strip()),
                command.toArray(String[]::new));
        assertThat(outcome.code()).as(outcome.output()).isZero();
        return outcome.output();
    }

    private static List<String> names(Path place) throws IOException {
        try (Stream<Path> files = Files.list(place)) {
            return files.map(file -> String.valueOf(file.getFileName()))
                    .sorted()
                    .toList();
        }
    }

    private static List<String> urls(String output) {
        List<String> urls = new ArrayList<>();
        Matcher matcher = URL.matcher(output);
        while (matcher.find()) {
            urls.add(matcher.group(1));
        }
        return urls;
    }

    @Test
    void upServesTheDemoTwiceChangesNothingDownLeavesItServingAndReapLeavesTheMachineAsItWas() throws Exception {
        List<String> before = Machine.state(BRIDGE);
        List<String> files = Machine.files();
        Shell.Outcome first = script("up");
        assertThat(first.code()).as(first.output()).isZero();
        List<String> urls = urls(first.output());
        assertThat(urls).as(first.output()).hasSize(2);
        urls.forEach(url -> assertThat(Shell.curl(url)).contains("sandbox"));
        assertThat(Shell.run(
                                "stat",
                                "-c",
                                "%a",
                                directory.resolve("state/demo/alice.token").toString())
                        .strip())
                .isEqualTo("600");

        long host = pid("pid");
        long watcher = pid("watch");
        Shell.Outcome second = script("up");
        assertThat(second.code()).as(second.output()).isZero();
        assertThat(urls(second.output())).isEqualTo(urls);
        assertThat(pid("pid")).isEqualTo(host);
        assertThat(pid("watch")).isEqualTo(watcher);

        assertThat(hostel("capabilities")).contains("sandboxes resolve no names", "hostel.network.dns");
        hostel("link", "alice", "bob");
        hostel("scale", "alice/guestbook", "web=2");
        hostel("backup", directory.resolve("hostel.backup").toString());
        assertThat(Machine.state(BRIDGE)).isNotEqualTo(before);

        Shell.Outcome down = script("down");
        assertThat(down.code()).as(down.output()).isZero();
        urls.forEach(url -> assertThat(Shell.curl(url)).contains("sandbox"));

        Shell.Outcome reaped = script("down", "--reap");
        assertThat(reaped.code()).as(reaped.output()).isZero();
        Awaitility.await().atMost(Host.PATIENCE).untilAsserted(() -> Machine.assertAsBefore(BRIDGE, before));
        assertThat(Machine.files()).isEqualTo(files);
        // What tenants have deployed and what was logged stays: that is the operator's to delete.
        assertThat(names(directory)).containsExactly("host.conf", "hostel.backup", "log", "state", "tmp");
        Path state = directory.resolve("state");
        assertThat(names(state))
                .containsExactly("artifacts", "demo", "hostel.db", "images", Footprint.layers(state), "operator.token");
        assertThat(names(directory.resolve("log"))).containsExactly("alice", "bob", "hostd.log");
        assertThat(names(temporary)).isEmpty();
    }

    /** The process that {@code RUN-DIR.pid} or {@code RUN-DIR.watch} names; 0 where there is no such file. */
    private long pid(String of) {
        Path file = directory.resolve("run." + of);
        return Files.exists(file) ? Long.parseLong(Machine.read(file).split(" ")[0]) : 0;
    }

    private static boolean lives(long pid) {
        return ProcessHandle.of(pid).isPresent();
    }

    private static void signal(String signal, long pid) {
        Shell.run("kill", "-" + signal, Long.toString(pid));
    }

    private void up() {
        Shell.Outcome up = script("up");
        assertThat(up.code()).as(up.output()).isZero();
    }

    /** Another host than this one serves. */
    private long awaitAnother(long former) {
        Awaitility.await("another host serves").atMost(Host.PATIENCE).untilAsserted(() -> {
            assertThat(pid("pid")).isNotEqualTo(former).isPositive();
            assertThat(Machine.read(directory.resolve("run.ready"))).contains("hostel ready");
        });
        return pid("pid");
    }

    private void assertNothingRuns(long host, long watcher) {
        Awaitility.await("host and watcher are gone").atMost(Host.PATIENCE).until(() -> !lives(host) && !lives(watcher));
        assertThat(directory.resolve("run.pid")).doesNotExist();
        assertThat(directory.resolve("run.watch")).doesNotExist();
        assertThat(directory.resolve("run.ready")).doesNotExist();
    }

    @Test
    void aHostThatIsKilledIsStartedAgainUntilSomebodyEndsIt() {
        up();
        long watcher = pid("watch");
        long first = pid("pid");
        signal("KILL", first);
        long second = awaitAnother(first);
        assertThat(pid("watch")).isEqualTo(watcher);
        assertThat(Machine.read(directory.resolve("run.ready"))).containsPattern(ALL_ADOPTED);
        assertThat(Machine.read(directory.resolve("log/hostd.log"))).contains("ended with exit status 137");

        // In the pause before the next start.
        signal("KILL", second);
        Shell.Outcome down = script("down");
        assertThat(down.code()).as(down.output()).isZero();
        assertNothingRuns(second, watcher);

        up();
        long third = pid("pid");
        long itsWatcher = pid("watch");
        signal("TERM", third);
        assertNothingRuns(third, itsWatcher);
    }

    @Test
    void whatTheyDoNotKnowTheyRefuseBeforeTheyDoAnything() {
        for (String script : List.of("up", "down")) {
            for (String argument : List.of("--nonsense", "nonsense", "-Dother.key=1")) {
                Shell.Outcome refused = script(script, argument);
                assertThat(refused.code()).as(script + " " + argument).isNotZero();
                assertThat(refused.output()).contains(argument);
            }
        }
        assertThat(pid("pid")).isZero();
    }

    @Test
    void upAndDownNeedNoWatcher() {
        up();
        long first = pid("pid");
        signal("KILL", pid("watch"));
        assertThat(lives(first)).isTrue();

        up();
        long second = pid("pid");
        assertThat(second).isNotEqualTo(first);
        assertThat(lives(first)).isFalse();
        assertThat(Machine.read(directory.resolve("run.ready"))).containsPattern(ALL_ADOPTED);
        signal("KILL", second);
        long third = awaitAnother(second);

        long watcher = pid("watch");
        signal("KILL", watcher);
        Shell.Outcome down = script("down");
        assertThat(down.code()).as(down.output()).isZero();
        assertNothingRuns(third, watcher);
    }

    @Test
    void whatASettingStandsInTheWayOfIsTriedSeldomAndByUpAtOnce() throws Exception {
        up();
        long first = pid("pid");
        long watcher = pid("watch");
        signal("STOP", watcher); // it starts none before the port is taken
        signal("KILL", first);
        try (ServerSocket taken = new ServerSocket()) {
            taken.setReuseAddress(true);
            Awaitility.await("the port is free")
                    .atMost(Host.PATIENCE)
                    .ignoreExceptionsInstanceOf(BindException.class)
                    .until(() -> {
                        taken.bind(new InetSocketAddress("127.0.0.1", 17070));
                        return true;
                    });
            signal("CONT", watcher);
            Awaitility.await("the start fails")
                    .atMost(Host.PATIENCE)
                    .until(() -> Machine.read(directory.resolve("log/hostd.log"))
                            .contains("exit status 78, which nobody asked for; it is started again in 60 s"));
            assertThat(lives(watcher)).isTrue();
            Shell.Outcome up = script("up");
            assertThat(up.code()).as(up.output()).isNotZero();
            assertThat(up.output()).contains("hostel.api.port", "exit code 78");
            assertThat(lives(watcher)).isFalse();
            assertThat(pid("watch")).isZero();
        }
        up();
        assertThat(lives(pid("pid"))).isTrue();
    }
}
