package io.hostel.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.hostel.acceptance.Shell;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What ops/up does with a host that is there, or that takes its time; systemctl and hostwatch are stand-ins. */
class UpTest {
    private static final String SETTING =
            """
            set -euo pipefail
            root=%1$s dist=%2$s
            . "$root/ops/lib/say.sh"
            . "$root/ops/lib/daemon.sh"
            . "$root/ops/lib/service.sh"
            run_dir=$dist/run log_dir=$dist/log
            pid_file=$run_dir.pid watch_file=$run_dir.watch host_log=$log_dir/hostd.log
            """;

    @TempDir
    private Path dist;

    @BeforeEach
    void aBuild() throws IOException {
        for (String part : new String[] {"bin", "lib", "native"}) {
            Files.createDirectories(dist.resolve(part));
        }
        Path watcher = Files.writeString(dist.resolve("bin/hostwatch"), "#!/bin/sh\nexec sleep 5\n");
        Files.setPosixFilePermissions(watcher, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private Shell.Outcome bash(String script) {
        return Shell.outcome(Map.of(), "bash", "-c", SETTING.formatted(Shell.root(), dist) + script);
    }

    private String startService(String started) {
        return bash("systemctl() { if [[ $1 == show ]]; then LC_ALL=C date -d '" + started
                        + "' '+%a %Y-%m-%d %H:%M:%S %Z'; else echo \"systemctl $*\"; fi; }; start_service")
                .output();
    }

    @Test
    void aServiceThatIsOlderThanTheBuildIsStartedAnew() {
        assertThat(startService("1 hour ago")).contains("of an earlier build", "systemctl try-restart hostel.service");
        assertThat(startService("1 hour")).contains("systemctl start hostel.service").doesNotContain("restart");
    }

    @Test
    void aHostIsWaitedForAsLongAsItsWatcherLives() {
        Shell.Outcome outcome =
                bash("sleep() { :; }; asked=0; ready_line() { ((++asked > 700)); }; start_host; echo serves");

        assertThat(outcome.output()).contains("not ready after 30 s", "not ready after 60 s").endsWith("serves\n");
        assertThat(outcome.code()).isZero();
    }

    @Test
    void aHostWhoseWatcherEndsIsNotWaitedFor() throws IOException {
        Files.writeString(dist.resolve("bin/hostwatch"), "#!/bin/sh\necho will not do >&2\nexit 78\n");

        Shell.Outcome outcome = bash("ready_line() { return 1; }; start_host");

        assertThat(outcome.output()).contains("will not do", "the host ended with exit code 78");
        assertThat(outcome.code()).isEqualTo(1);
    }
}
