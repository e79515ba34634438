package io.hostel.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
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
    private void hostel(String... arguments) {
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

        Shell.Outcome second = script("up");
        assertThat(second.code()).as(second.output()).isZero();
        assertThat(urls(second.output())).isEqualTo(urls);

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
}
