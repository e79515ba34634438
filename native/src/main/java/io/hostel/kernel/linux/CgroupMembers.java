package io.hostel.kernel.linux;

import io.hostel.sys.Errno;
import io.hostel.sys.KernelFile;
import io.hostel.sys.SysException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** Which processes are in a group, by cgroup.procs. */
final class CgroupMembers {
    private CgroupMembers() {}

    /**
     * Processes in at least one of the directories: one that was being put into a group's hierarchies when its launcher died is
     * not in all of them. Absent directories have none.
     */
    static Set<Integer> of(List<Path> directories) throws SysException {
        Set<Integer> pids = new TreeSet<>();
        for (Path directory : directories) {
            try {
                KernelFile.read(directory.resolve("cgroup.procs").toString())
                        .lines()
                        .map(Integer::parseInt)
                        .forEach(pids::add);
            } catch (SysException e) {
                if (!e.is(Errno.ENOENT) && !e.is(Errno.ENODEV)) throw e;
            }
        }
        pids.remove(0); // a process of a PID namespace that this one does not see
        return pids;
    }
}
