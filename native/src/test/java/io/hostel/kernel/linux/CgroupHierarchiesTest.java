package io.hostel.kernel.linux;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class CgroupHierarchiesTest {
    @Test
    void controllersMountedTogetherShareTheirPlace() {
        CgroupHierarchies found = CgroupHierarchies.parse("""
                32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw,relatime shared:9 - cgroup cgroup rw,cpu,cpuacct
                35 31 0:32 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory
                39 31 0:36 / /sys/fs/cgroup/pids rw,relatime - cgroup cgroup rw,pids
                40 31 0:37 / /sys/fs/cgroup/systemd rw,relatime - cgroup cgroup rw,xattr,name=systemd
                41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw
                """);
        assertThat(found.v1())
                .isEqualTo(Map.of(
                        "cpu", Path.of("/sys/fs/cgroup/cpu,cpuacct"),
                        "cpuacct", Path.of("/sys/fs/cgroup/cpu,cpuacct"),
                        "memory", Path.of("/sys/fs/cgroup/memory"),
                        "pids", Path.of("/sys/fs/cgroup/pids")));
        assertThat(found.allOnV1()).isTrue();
        CgroupV1 v1 = new CgroupV1(found, "hostel0");
        assertThat(v1.name()).isEqualTo("hybrid");
        assertThat(v1.directories("hs-a"))
                .containsExactly(
                        Path.of("/sys/fs/cgroup/memory/hostel0/hs-a"),
                        Path.of("/sys/fs/cgroup/cpu,cpuacct/hostel0/hs-a"),
                        Path.of("/sys/fs/cgroup/pids/hostel0/hs-a"));
    }

    @Test
    void v2AloneIsFoundAtItsMount() {
        CgroupHierarchies found = CgroupHierarchies.parse(
                "30 23 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate\n");
        assertThat(found.allOnV1()).isFalse();
        assertThat(found.unified()).isEqualTo(Optional.of(Path.of("/sys/fs/cgroup")));
        assertThat(CgroupHierarchies.allOnV2(Set.of("cpuset", "cpu", "io", "memory", "pids")))
                .isTrue();
        assertThat(CgroupHierarchies.allOnV2(Set.of("cpu", "pids"))).isFalse();
    }

    @Test
    void aPartOfAHierarchyMountedElsewhereDoesNotCount() {
        assertThat(CgroupHierarchies.parse("9 8 0:32 /docker/x /mnt rw - cgroup cgroup rw,memory\n")
                        .v1())
                .isEmpty();
    }

    @Test
    void placesWithBlanksAreUnescaped() {
        assertThat(MountEntry.parse("1 2 7:0 / /a\\040b\\134c rw shared:1 - btrfs /dev/loop0 rw,ssd\n"))
                .containsExactly(new MountEntry("7:0", "/", Path.of("/a b\\c"), "btrfs", "/dev/loop0", "rw,ssd"));
    }

    @Test
    void aFlatKeyedFileIsReadByKey() {
        String events = "oom_kill_disable 0\nunder_oom 0\noom_kill 3\n";
        assertThat(FlatKeyed.value(events, "oom_kill")).isEqualTo(3);
        assertThat(FlatKeyed.value(events, "oom")).isZero();
    }

    @Test
    void aProcessNameMayHoldAnything() {
        String line = "42 (a) R (b) Z 7 42 42 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 1 0 5678 0 0 18446744073709551615";
        ProcessStat stat = ProcessStat.parse(line);
        assertThat(stat).isEqualTo(new ProcessStat('Z', 7, 5678));
        assertThat(stat.ended()).isTrue();
    }
}
