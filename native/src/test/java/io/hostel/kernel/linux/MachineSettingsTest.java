package io.hostel.kernel.linux;

import static org.assertj.core.api.Assertions.assertThat;

import io.hostel.kernel.Capabilities.Degradation;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MachineSettingsTest {
    @TempDir
    private Path directory;

    /** As systemd and Debian set them. */
    @BeforeEach
    void aWellSetMachine() throws Exception {
        set("fs/file-max", "9223372036854775807");
        set("kernel/pid_max", "4194304");
        set("kernel/kptr_restrict", "2");
        for (String each : List.of("symlinks", "hardlinks", "fifos", "regular")) {
            set("fs/protected_" + each, "1");
        }
    }

    @Test
    void whereAllIsSetNothingIsDegraded() {
        assertThat(look()).isEmpty();
    }

    @Test
    void fewFilesAndPidsAreToldWithWhatMendsIt() throws Exception {
        set("fs/file-max", "2470000");
        set("kernel/pid_max", "32768");

        assertThat(look()).singleElement().satisfies(it -> {
            assertThat(it.feature()).isEqualTo("room");
            assertThat(it.why()).startsWith("fs.file-max is 2470000, kernel.pid_max is 32768: ");
            assertThat(it.mend())
                    .isEqualTo("printf '%s\\n' fs.file-max=9223372036854775807 kernel.pid_max=4194304"
                            + " >> /etc/sysctl.d/60-hostel.conf; sysctl -p /etc/sysctl.d/60-hostel.conf");
        });
    }

    @Test
    void wallsThatAreDownAreToldAndThoseThatTheKernelDoesNotHaveAreNot() throws Exception {
        set("kernel/kptr_restrict", "0");
        set("fs/protected_symlinks", "0");

        assertThat(look()).singleElement().satisfies(it -> {
            assertThat(it.feature()).isEqualTo("hardening");
            assertThat(it.why()).startsWith("kernel.kptr_restrict is 0, fs.protected_symlinks is 0: ");
            assertThat(it.mend()).contains("kernel.kptr_restrict=1 fs.protected_symlinks=1 >>");
        });
    }

    private List<Degradation> look() {
        return MachineSettings.look(directory + "/");
    }

    private void set(String name, String value) throws Exception {
        Path file = directory.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, value + "\n");
    }
}
