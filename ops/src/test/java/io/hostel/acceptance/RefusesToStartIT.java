package io.hostel.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Settings and machines that will not do: exit 78, a line for each problem, and nothing changed. */
final class RefusesToStartIT {
    private static final int CONFIGURATION_ERROR = 78;

    private static final String BRIDGE = "hstn" + ProcessHandle.current().pid() % 10_000;

    @TempDir
    static Path directory;

    @BeforeAll
    static void aMachine() {
        World.reachable();
    }

    private static List<String> settings(String... more) {
        List<String> all = new ArrayList<>(List.of(
                "-Dhostel.state-dir=" + directory.resolve("state"),
                "-Dhostel.run-dir=" + directory.resolve("run"),
                "-Dhostel.log-dir=" + directory.resolve("log"),
                "-Dhostel.api.port=0",
                "-Dhostel.ingress.port=0",
                "-Dhostel.network.bridge=" + BRIDGE,
                "-Dhostel.network.cidr=10.124.0.0/16",
                "-Dhostel.layers.pool-size=256MiB"));
        all.addAll(List.of(more));
        return all;
    }

    private static String refusal(List<String> settings) {
        List<String> before = Machine.state(BRIDGE);
        Shell.Outcome outcome = Daemon.outcome(settings);
        assertThat(outcome.code()).as(outcome.output()).isEqualTo(CONFIGURATION_ERROR);
        assertThat(outcome.output()).doesNotContain("\tat ").doesNotContain("hostel ready");
        Machine.assertAsBefore(BRIDGE, before);
        return outcome.output();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "hostel.network.cidr=10.77.0.1/16",
                "hostel.network.bridge=a-name-that-is-far-too-long",
                "hostel.network.published-ports=2-1",
                "hostel.api.port=http",
                "hostel.tenants.uid-base=0",
                "hostel.colour=red",
                "hostel.layers.pool-size=lots",
                "hostel.state-dir=relative"
            })
    void aSettingThatWillNotDoIsNamed(String setting) {
        assertThat(refusal(settings("-D" + setting))).contains(setting.split("=")[0].replace("hostel.", ""));
    }

    @Test
    void allBadSettingsAreNamedAtOnceWithFileAndLine() throws IOException {
        Path file = directory.resolve("bad.conf");
        Files.writeString(file, "hostel {\n  colour = red\n  network.cidr = nonsense\n}\n");
        String output = refusal(settings("--config", file.toString()).stream()
                .filter(argument -> !argument.contains("network.cidr"))
                .toList());
        assertThat(output)
                .contains("bad.conf")
                .contains("colour")
                .contains("network.cidr")
                .contains("2")
                .contains("3");
    }

    @Test
    void aFileThatIsNotThereIsNamed() {
        assertThat(refusal(settings("--config", "/nowhere.conf"))).contains("/nowhere.conf");
    }

    @Test
    void anArgumentThatIsUnknownIsNamed() {
        Shell.Outcome outcome = Daemon.outcome(List.of("--frobnicate"));
        assertThat(outcome.code()).isIn(2, 64, CONFIGURATION_ERROR);
        assertThat(outcome.output()).contains("--frobnicate");
    }

    @Test
    void addressesThatTheMachineUsesItselfAreRefused() {
        assertThat(refusal(settings("-Dhostel.network.cidr=203.0.113.0/24"))).contains("203.0.113.0/24");
    }

    @Test
    void aPortThatIsTakenIsNamed() throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, java.net.InetAddress.getLoopbackAddress())) {
            String port = Integer.toString(taken.getLocalPort());
            assertThat(refusal(settings("-Dhostel.api.port=" + port))).contains(port);
        }
    }

    @Test
    void whoeverIsNotRootIsTold() throws IOException {
        List<String> command = new ArrayList<>(List.of("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"));
        // The distribution may lie where only root looks: a copy that everyone can read.
        Path copy = Files.createTempDirectory(Shell.disk(), "hostel-dist-");
        try {
            Shell.run("cp", "-rL", Shell.root().resolve("ops/target/dist") + "/.", copy.toString());
            Shell.run("chmod", "-R", "a+rX", copy.toString());
            command.add(copy.resolve("bin/hostd").toString());
            command.addAll(settings());
            Shell.Outcome outcome = Shell.outcome(Map.of(), command.toArray(String[]::new));
            assertThat(outcome.code()).as(outcome.output()).isEqualTo(CONFIGURATION_ERROR);
            assertThat(outcome.output()).containsIgnoringCase("root");
        } finally {
            Shell.run("rm", "-rf", copy.toString());
        }
    }
}
