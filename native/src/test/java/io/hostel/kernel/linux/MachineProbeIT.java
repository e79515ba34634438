package io.hostel.kernel.linux;

import static org.assertj.core.api.Assertions.assertThat;

import io.hostel.kernel.Capabilities;
import io.hostel.sys.KernelFile;
import io.hostel.sys.Mounts;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class MachineProbeIT {
    private static final Path STATE_DIR = Path.of(System.getProperty("hostel.test.disk", "/var/tmp"), "not", "there");

    @Test
    void thisMachineWillDoAndIsUnchanged() throws Exception {
        String links = KernelFile.read("/proc/net/dev").replaceAll("\\d+", "");
        String forwarding = KernelFile.read("/proc/sys/net/ipv4/ip_forward");
        Capabilities found = MachineProbe.look(STATE_DIR);
        assertThat(found.problems()).isEmpty();
        assertThat(found.kernel()).isEqualTo(System.getProperty("os.version"));
        assertThat(found.namespaces()).containsExactly("cgroup", "ipc", "mnt", "net", "pid", "user", "uts");
        assertThat(found.features())
                .containsEntry("btrfs", "yes")
                .containsEntry("nf_tables", "yes")
                .containsKeys("cgroup", "idmapped-mounts", "seccomp", "swap-accounting");
        assertThat(KernelFile.read("/proc/net/dev").replaceAll("\\d+", "")).isEqualTo(links);
        assertThat(KernelFile.read("/proc/sys/net/ipv4/ip_forward")).isEqualTo(forwarding);
        assertThat(Files.exists(STATE_DIR)).isFalse();
    }

    @Test
    void aDirectoryThatCannotBeMappedIsAProblemThatSaysWhatToDo() throws Exception {
        Path lower = Files.createTempDirectory("lower");
        Path merged = Files.createTempDirectory("merged");
        Mounts.mount("overlay", merged.toString(), "overlay", 1, "lowerdir=" + lower + ":/etc");
        try {
            assertThat(MachineProbe.look(merged).problems())
                    .singleElement()
                    .asString()
                    .contains("overlay")
                    .contains("put it on ext4");
        } finally {
            Mounts.unmount(merged.toString(), 0);
            Files.delete(merged);
            Files.delete(lower);
        }
    }
}
