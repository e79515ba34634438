package io.hostel.kernel.linux;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Where control groups are mounted on this machine; cgroups(7).
 *
 * @param v1 mount point by controller; controllers that are mounted together (cpu,cpuacct) have the same
 * @param unified mount point of v2
 */
record CgroupHierarchies(Map<String, Path> v1, Optional<Path> unified) {

    /** Controllers that are used. On v2 cpuacct is part of cpu. */
    static final List<String> CONTROLLERS_V1 = List.of("memory", "cpu", "cpuacct", "pids");

    static final List<String> CONTROLLERS_V2 = List.of("memory", "cpu", "pids");

    CgroupHierarchies {
        v1 = Map.copyOf(v1);
    }

    /** @param mounts /proc/self/mountinfo; of a hierarchy that is mounted several times the first whole one counts */
    static CgroupHierarchies parse(String mounts) {
        Map<String, Path> v1 = new LinkedHashMap<>();
        Optional<Path> unified = Optional.empty();
        for (MountEntry mount : MountEntry.parse(mounts)) {
            if (!mount.root().equals("/")) continue;
            if (mount.type().equals("cgroup2") && unified.isEmpty()) unified = Optional.of(mount.point());
            if (!mount.type().equals("cgroup")) continue;
            Arrays.stream(mount.superOptions().split(",", -1))
                    .filter(CONTROLLERS_V1::contains)
                    .forEach(controller -> v1.putIfAbsent(controller, mount.point()));
        }
        return new CgroupHierarchies(v1, unified);
    }

    boolean allOnV1() {
        return v1.keySet().containsAll(CONTROLLERS_V1);
    }

    /** @param offered cgroup.controllers of the root of v2 */
    static boolean allOnV2(Set<String> offered) {
        return offered.containsAll(CONTROLLERS_V2);
    }
}
