package io.hostel.kernel.linux;

import static org.assertj.core.api.Assertions.assertThat;

import io.hostel.kernel.Launcher.Exit;
import io.hostel.kernel.Launcher.Launched;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The launcher on the real kernel. */
class LauncherIT {
    private SandboxLab lab;

    @BeforeEach
    void open() throws Exception {
        lab = new SandboxLab();
    }

    @AfterEach
    void close() throws Exception {
        lab.close();
    }

    @Test
    void aSandboxHasSevenNamespacesThatAreNotTheHosts() throws Exception {
        Launched launched = lab.sleeper();

        assertThat(launched.namespaces()).containsOnlyKeys("cgroup", "ipc", "mnt", "net", "pid", "user", "uts");
        for (Map.Entry<String, String> namespace : launched.namespaces().entrySet()) {
            Path own = Path.of("/proc/self/ns", namespace.getKey());
            assertThat(namespace.getValue())
                    .isNotEqualTo(Files.readSymbolicLink(own).toString());
        }
    }

    @Test
    void theCommandRunsWithWhatItWasGiven() throws Exception {
        assertThat(
                        lab.output(
                                "sh",
                                "-c",
                                "id -u; hostname; pwd; echo $GREETING; cat /proc/self/uid_map; ls /dev; mount; ls / /proc /sys/fs/cgroup; cat /proc/self/status"))
                .isEqualTo("0\nitsandbox001\n/app\nhello\n");
    }

    @Test
    void itsExitCodeIsRecorded() throws Exception {
        lab.launch("sh", "-c", "exit 7");

        Exit exit = lab.exit();

        assertThat(exit.code()).isEqualTo(Optional.of(7));
        assertThat(exit.ofCommand()).isTrue();
    }
}
