package io.hostel.kernel.linux;

import io.hostel.sys.Errno;
import io.hostel.sys.Fd;
import io.hostel.sys.KernelFile;
import io.hostel.sys.Pidfd;
import io.hostel.sys.SysException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;

/**
 * Kills a group without cgroup.kill, which is for good: looks and kills until a look finds nobody who is not killed already. A
 * process with SIGKILL pending can't fork, so only those not yet seen can; who keeps outrunning it is forbidden to fork. A
 * killed process still needs the processor to die: where hundreds would do so within their group's bound, that is lifted.
 */
final class CgroupKiller {
    private static final int SIGKILL = 9;
    private static final int ROUNDS = 200;
    private static final int ROUNDS_OF_PATIENCE = 10;
    private static final int ROUNDS_WITHIN_THE_BOUND = 5;
    private static final Duration BETWEEN = Duration.ofMillis(1);

    private final CgroupVersion version;
    private final String group;
    private final Set<Integer> spared;
    private final boolean forGood;
    /** Of the group in a line of /proc/PID/cgroup, HIERARCHY:CONTROLLERS:PATH; cgroups(7). */
    private final String pathEnd;

    /** @param forGood whether the group is not used again, so that its bound on processors may be lifted */
    CgroupKiller(CgroupVersion version, String group, Set<Integer> spared, boolean forGood) {
        this.version = version;
        this.group = group;
        this.spared = Set.copyOf(spared);
        this.forGood = forGood;
        Path directory = version.directories(group).get(0);
        this.pathEnd = "/" + version.mount(directory).relativize(directory);
    }

    void kill() throws SysException {
        String pidsFile = version.pidsFile(group).toString();
        String limit = "";
        Set<Integer> killed = new HashSet<>();
        try {
            for (int round = 0; round < ROUNDS; round++) {
                Set<Integer> found = new HashSet<>(CgroupMembers.of(version.directories(group)));
                found.removeAll(spared);
                boolean fresh = killed.addAll(found);
                // A number seen before may have passed to a new process: all are killed again.
                for (int pid : found) kill(pid);
                if (found.isEmpty() || (!fresh && round >= ROUNDS_OF_PATIENCE)) return;
                if (forGood && round == ROUNDS_WITHIN_THE_BOUND) version.liftCpus(group);
                if (round == ROUNDS_OF_PATIENCE) {
                    limit = KernelFile.read(pidsFile).strip();
                    KernelFile.write(pidsFile, "0");
                }
                LockSupport.parkNanos(BETWEEN.toNanos());
            }
        } finally {
            if (!limit.isEmpty()) KernelFile.write(pidsFile, limit);
        }
        throw new SysException(Errno.EAGAIN, "kill group", group);
    }

    /** The number may have passed to a process of somebody else's since it was read: its group is looked up under a pidfd. */
    private void kill(int pid) throws SysException {
        try (Fd pidfd = Pidfd.open(pid)) {
            if (KernelFile.read("/proc/" + pid + "/cgroup").lines().anyMatch(line -> line.endsWith(pathEnd))) {
                Pidfd.signal(pidfd, SIGKILL);
            }
        } catch (SysException e) {
            if (!e.is(Errno.ESRCH) && !e.is(Errno.EINVAL) && !e.is(Errno.ENOENT)) throw e;
        }
    }
}
