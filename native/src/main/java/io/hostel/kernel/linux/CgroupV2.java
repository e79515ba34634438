package io.hostel.kernel.linux;

import io.hostel.kernel.Cgroups.Limits;
import io.hostel.kernel.Cgroups.Usage;
import io.hostel.sys.Directory;
import io.hostel.sys.Errno;
import io.hostel.sys.KernelFile;
import io.hostel.sys.SysException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * The one hierarchy of v2; Documentation/admin-guide/cgroup-v2.rst.
 *
 * <p>The host's own group is a child of the hierarchy's root, beside systemd's slices, and holds groups only, no process. It is
 * not below the daemon's own service although systemd would delegate that: sandboxes outlive the daemon, and a service whose
 * group has controllers enabled for children can't be started again, because no process may then enter the group itself.
 * systemd leaves groups at the root alone that it did not make, and can't take a controller from the root while ours use it.
 */
final class CgroupV2 implements CgroupVersion {
    private static final double MICROS = 1e6;
    private static final String UNLIMITED = "max";
    private static final String HIGH = "memory.high";
    private static final String ENABLE = "+" + String.join(" +", CgroupHierarchies.CONTROLLERS_V2);

    private final Path root;
    private final String hostGroup;

    CgroupV2(Path root, String hostGroup) {
        this.root = root;
        this.hostGroup = hostGroup;
    }

    @Override
    public String name() {
        return "v2";
    }

    @Override
    public int attendants() {
        return 0;
    }

    @Override
    public void prepare() throws SysException {
        enable(root);
        Directory.make(directory("").toString(), 0755);
        enable(directory(""));
    }

    @Override
    public List<Path> directories(String group) {
        return List.of(directory(group));
    }

    @Override
    public void limit(String group, Limits limits) throws SysException {
        write(group, "memory.max", Long.toString(limits.memory()));
        if (Files.exists(directory(group).resolve("memory.swap.max"))) write(group, "memory.swap.max", "0");
        if (limits.cpus() != Limits.ANY_CPUS) {
            write(group, "cpu.max", CgroupVersion.quotaMicros(limits.cpus()) + " " + CPU_PERIOD_MICROS);
        }
        write(group, "pids.max", Integer.toString(limits.pids()));
    }

    @Override
    public void bound(String group, Limits limits) throws SysException {
        enable(directory(group));
        try {
            if (current(group) > limits.memory()) reclaim(group, limits.memory());
            limit(group, limits);
        } finally {
            write(group, HIGH, UNLIMITED);
        }
    }

    /** A lowered memory.max kills for what is not given up at once; memory.high only slows down who wants more. */
    private void reclaim(String group, long bytes) throws SysException {
        write(group, HIGH, Long.toString(bytes));
        if (current(group) > bytes) throw new SysException(Errno.EBUSY, "reclaim memory of", group);
    }

    private long current(String group) throws SysException {
        return Long.parseLong(read(group, "memory.current").strip());
    }

    @Override
    public void liftCpus(String group) throws SysException {
        write(group, "cpu.max", UNLIMITED);
    }

    @Override
    public Path mount(Path directory) {
        return root;
    }

    @Override
    public Optional<Path> freezeFile(String group) {
        return Optional.of(directory(group).resolve("cgroup.freeze")).filter(Files::exists);
    }

    @Override
    public Optional<Path> killFile(String group) {
        return Optional.of(directory(group).resolve("cgroup.kill")).filter(Files::exists);
    }

    @Override
    public Path pidsFile(String group) {
        return directory(group).resolve("pids.max");
    }

    @Override
    public Usage usage(String group) throws SysException {
        boolean tellsPeak = Files.exists(directory(group).resolve("memory.peak")); // since 5.19
        return new Usage(
                current(group),
                tellsPeak ? Long.parseLong(read(group, "memory.peak").strip()) : 0,
                FlatKeyed.value(read(group, "cpu.stat"), "usage_usec") / MICROS,
                Integer.parseInt(read(group, "pids.current").strip()),
                FlatKeyed.value(read(group, "memory.events"), "oom_kill"));
    }

    @Override
    public long heldMemory(String group) throws SysException {
        return current(group) - CgroupVersion.cached(read(group, "memory.stat"), "");
    }

    private Path directory(String group) {
        return root.resolve(hostGroup).resolve(group);
    }

    /** Writing what is enabled already changes nothing. */
    private static void enable(Path group) throws SysException {
        KernelFile.write(group.resolve("cgroup.subtree_control").toString(), ENABLE);
    }

    private void write(String group, String file, String content) throws SysException {
        KernelFile.write(directory(group).resolve(file).toString(), content);
    }

    private String read(String group, String file) throws SysException {
        return KernelFile.read(directory(group).resolve(file).toString());
    }
}
