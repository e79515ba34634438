package io.hostel.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** The host as a service manager sees it: sd_notify(3), and the unit for systemd. */
final class ServiceIT {
    /** Appends each datagram that comes to a local socket to a file, its lines joined by blanks. */
    private static final String MANAGER = """
            import socket, sys
            s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
            s.bind(sys.argv[1])
            with open(sys.argv[2], "w") as out:
                while True:
                    print(s.recv(65536).decode().replace("\\n", " "), file=out, flush=True)
            """;

    private static final int WATCHDOG_MILLIS = 2_000;

    @RegisterExtension
    static final Host HOST = new Host();

    @TempDir
    Path directory;

    private List<String> heard(Path file) throws IOException {
        return Files.readAllLines(file);
    }

    @Test
    void theManagerHearsThatTheHostServesThatItLivesAndThatItStops() throws Exception {
        Path socket = directory.resolve("notify");
        Path file = directory.resolve("heard");
        HOST.daemon().stop();
        Process manager = new ProcessBuilder("/usr/bin/python3", "-c", MANAGER, socket.toString(), file.toString())
                .inheritIO()
                .start();
        try {
            Awaitility.await().atMost(Patience.seconds(30)).until(() -> Files.exists(file));
            HOST.startAgain(Map.of(
                    "NOTIFY_SOCKET",
                    socket.toString(),
                    "WATCHDOG_USEC",
                    Long.toString(1_000L * WATCHDOG_MILLIS * Patience.FACTOR)));
            Awaitility.await("signs of life")
                    .atMost(Host.PATIENCE)
                    .until(() ->
                            heard(file).stream().filter("WATCHDOG=1"::equals).count() > 2);
            assertThat(heard(file).get(0))
                    .startsWith("READY=1 STATUS=")
                    .contains("api=" + HOST.daemon().api());

            Tenant alice = HOST.tenant("alice");
            App idle = alice.app("idle");
            idle.deploy(Release.of("web", Program.idle().with("expose", "none")))
                    .live();
            String variables =
                    idle.sandbox().shell("cat /proc/[0-9]*/environ; env").stdout();
            assertThat(variables)
                    .contains("HOSTEL_SANDBOX=")
                    .doesNotContain("NOTIFY_SOCKET")
                    .doesNotContain("WATCHDOG");
            alice.delete();

            assertThat(heard(file)).noneMatch(message -> message.startsWith("STOPPING=1"));
            HOST.daemon().stop();
            Awaitility.await("the end is told")
                    .atMost(Patience.seconds(30))
                    .until(() -> heard(file).stream().anyMatch(message -> message.startsWith("STOPPING=1")));
        } finally {
            manager.destroyForcibly().waitFor();
            HOST.startAgain();
        }
    }

    @Test
    void theUnitIsOneThatSystemdTakes() throws IOException {
        Path unit = directory.resolve("hostel.service");
        String write = """
                root=$1 dist=$1/ops/target/dist
                for part in say daemon service; do . "$root/ops/lib/$part.sh"; done
                shift 2
                read_settings "$@"
                unit_text "$@" >"$OLDPWD/unit"
                """;
        Shell.run(
                "bash",
                "-euc",
                write.replace("$OLDPWD/unit", unit.toString()),
                "unit",
                Shell.root().toString(),
                "--",
                "-Dhostel.state-dir=/srv/hostel",
                "-Dhostel.network.dns=[\"192.0.2.1\"]",
                "-Dhostel.run-dir=/run/hostel-&-%d$");
        assertThat(Shell.run("systemd-analyze", "verify", unit.toString())).isEmpty();
        assertThat(Files.readString(unit))
                .contains("\"-Dhostel.network.dns=[\\\"192.0.2.1\\\"]\" \"-Dhostel.run-dir=/run/hostel-&-%%d$$\"")
                .contains("RequiresMountsFor=/srv/hostel")
                .contains("X-Hostel-Run-Dir=/run/hostel-&-%d$\n")
                .doesNotContainPattern("@[a-z_]+@");
    }
}
