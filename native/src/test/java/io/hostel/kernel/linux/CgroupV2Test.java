package io.hostel.kernel.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hostel.kernel.Cgroups.Limits;
import io.hostel.kernel.KernelException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Plain files in the kernel's stead, which are written to the beginning of. */
class CgroupV2Test {
    private static final long MIB = 1 << 20;

    @TempDir
    Path root;

    private LinuxCgroups cgroups;

    @BeforeEach
    void begin() {
        cgroups = new LinuxCgroups(new CgroupV2(root, "host"));
    }

    @Test
    void whoeverCannotBeMovedIsNotLeftFrozen() throws Exception {
        Path from = group("hs-a");
        file(from, "cgroup.freeze", "0");
        file(from, "cgroup.procs", ProcessHandle.current().pid() + "\n");
        assertThatThrownBy(() -> cgroups.move("hs-a", "t-1/hs-a"))
                .isInstanceOfSatisfying(
                        KernelException.class, e -> assertThat(e.errno()).isEqualTo("ENOENT"));
        assertThat(from.resolve("cgroup.freeze")).hasContent("0");
    }

    @Test
    void aBoundBelowWhatIsCachedHasThatGivenUpFirst() throws Exception {
        Path tenant = bounded(96 * MIB, 80 * MIB);
        // A plain file gives nothing up.
        assertBusy(32 * MIB);
        assertThat(Files.readString(tenant.resolve("memory.max"))).startsWith("none");
        assertThat(Files.readString(tenant.resolve("memory.high"))).startsWith("max");
        assertThat(Files.readString(tenant.resolve("memory.high"))).endsWith(Long.toString(32 * MIB).substring(3));
        file(tenant, "memory.current", Long.toString(31 * MIB));
        cgroups.bound("t-1", new Limits(32 * MIB, 1, 64));
        assertThat(tenant.resolve("memory.max")).hasContent(Long.toString(32 * MIB));
    }

    @Test
    void aBoundBelowWhatIsHeldIsNotTried() throws Exception {
        Path tenant = bounded(96 * MIB, 32 * MIB);
        assertBusy(63 * MIB);
        assertThat(tenant.resolve("memory.high")).hasContent("max");
    }

    private void assertBusy(long bytes) {
        assertThatThrownBy(() -> cgroups.bound("t-1", new Limits(bytes, 1, 64)))
                .isInstanceOfSatisfying(
                        KernelException.class, e -> assertThat(e.errno()).isEqualTo("EBUSY"));
    }

    private Path bounded(long current, long cached) throws Exception {
        Path tenant = group("t-1");
        group("t-1/monitors");
        for (String name : Set.of("cgroup.subtree_control", "cpu.max", "pids.max")) file(tenant, name, "");
        file(tenant, "memory.max", "none");
        file(tenant, "memory.high", "max");
        file(tenant, "memory.current", Long.toString(current));
        List<String> stat =
                List.of("anon " + (current - cached), "inactive_file " + cached / 2, "active_file " + cached / 2);
        file(tenant, "memory.stat", String.join("\n", stat));
        return tenant;
    }

    private Path group(String name) throws Exception {
        return Files.createDirectories(root.resolve("host").resolve(name));
    }

    private static void file(Path group, String name, String content) throws Exception {
        Files.writeString(group.resolve(name), content);
    }
}
