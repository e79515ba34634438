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
import java.util.Map;
import java.util.Optional;

/**
 * Controllers on v1 hierarchies: memory, cpu, cpuacct and pids, the middle two usually mounted together;
 * Documentation/admin-guide/cgroup-v1. The host's own group is a child of each hierarchy's root.
 */
final class CgroupV1 implements CgroupVersion {
    private static final double NANOS = 1e9;

    /** Its zygote is in a sandbox's group beside the tenant's processes, since here no process can be born into a group. */
    private static final int ATTENDANTS = 1;

    private static final String SOCKETS = "memory.kmem.tcp.limit_in_bytes";
    private static final String UNLIMITED = "-1";

    private final Map<String, Path> mounts;
    private final boolean besideV2;
    private final String hostGroup;
    private final boolean accountsSwap;
    private final boolean countsSockets;

    CgroupV1(CgroupHierarchies hierarchies, String hostGroup) {
        this.mounts = hierarchies.v1();
        this.besideV2 = hierarchies.unified().isPresent();
        this.hostGroup = hostGroup;
        Path memory = mount("memory");
        this.accountsSwap = Files.exists(memory.resolve("memory.memsw.limit_in_bytes"));
        this.countsSockets = Files.exists(memory.resolve(SOCKETS));
    }

    @Override
    public String name() {
        return besideV2 ? "hybrid" : "v1";
    }

    @Override
    public int attendants() {
        return ATTENDANTS;
    }

    @Override
    public void prepare() throws SysException {
        for (Path directory : directories("")) Directory.make(directory.toString(), 0755);
        limitSockets("", UNLIMITED);
    }

    @Override
    public List<Path> directories(String group) {
        return CgroupHierarchies.CONTROLLERS_V1.stream()
                .map(controller -> directory(controller, group))
                .distinct()
                .toList();
    }

    @Override
    public void limit(String group, Limits limits) throws SysException {
        limit(group, limits, limits.pids() + ATTENDANTS);
    }

    @Override
    public void bound(String group, Limits limits) throws SysException {
        limit(group, limits, limits.pids());
    }

    private void limit(String group, Limits limits, int pids) throws SysException {
        limitMemory(group, Long.toString(limits.memory()));
        limitSockets(group, Long.toString(limits.memory()));
        // The period is the kernel's own default: to write it once more, the kernel would look at every group.
        if (limits.cpus() != Limits.ANY_CPUS) {
            write("cpu", group, "cpu.cfs_quota_us", Long.toString(CgroupVersion.quotaMicros(limits.cpus())));
        }
        write("pids", group, "pids.max", Integer.toString(pids));
    }

    @Override
    public void liftCpus(String group) throws SysException {
        write("cpu", group, "cpu.cfs_quota_us", UNLIMITED);
    }

    /**
     * Memory and swap together stay within the limit, so there is no swap. The kernel refuses a memory limit above the one for
     * both: a raised group takes both first, a fresh or a lowered one memory first.
     */
    private void limitMemory(String group, String bytes) throws SysException {
        if (!accountsSwap) {
            write("memory", group, "memory.limit_in_bytes", bytes);
            return;
        }
        try {
            write("memory", group, "memory.memsw.limit_in_bytes", bytes);
            write("memory", group, "memory.limit_in_bytes", bytes);
        } catch (SysException e) {
            if (!e.is(Errno.EINVAL)) throw e;
            write("memory", group, "memory.limit_in_bytes", bytes);
            write("memory", group, "memory.memsw.limit_in_bytes", bytes);
        }
    }

    /**
     * What lies in queues of sockets, TCP's and others', is counted by itself here, and only where it has a limit; the first one on
     * the machine takes milliseconds, so the host's own group has one from the start. Documentation/admin-guide/cgroup-v1/memory.rst,
     * 2.7.2.
     */
    private void limitSockets(String group, String bytes) throws SysException {
        if (countsSockets) write("memory", group, SOCKETS, bytes);
    }

    @Override
    public Path mount(Path directory) {
        return mounts.values().stream()
                .filter(directory::startsWith)
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("in no hierarchy: " + directory));
    }

    /** The freezer is a hierarchy of its own, which nobody is in. */
    @Override
    public Optional<Path> freezeFile(String group) {
        return Optional.empty();
    }

    @Override
    public Optional<Path> killFile(String group) {
        return Optional.empty();
    }

    @Override
    public Path pidsFile(String group) {
        return directory("pids", group).resolve("pids.max");
    }

    @Override
    public Usage usage(String group) throws SysException {
        return new Usage(
                number("memory", group, "memory.usage_in_bytes"),
                number("memory", group, "memory.max_usage_in_bytes"),
                number("cpuacct", group, "cpuacct.usage") / NANOS,
                (int) number("pids", group, "pids.current"),
                FlatKeyed.value(read("memory", group, "memory.oom_control"), "oom_kill"));
    }

    @Override
    public long heldMemory(String group) throws SysException {
        return number("memory", group, "memory.usage_in_bytes")
                - CgroupVersion.cached(read("memory", group, "memory.stat"), "total_");
    }

    private Path directory(String controller, String group) {
        return mount(controller).resolve(hostGroup).resolve(group);
    }

    private Path mount(String controller) {
        Path mount = mounts.get(controller);
        if (mount == null) throw new IllegalStateException("no hierarchy has the controller " + controller);
        return mount;
    }

    private void write(String controller, String group, String file, String content) throws SysException {
        KernelFile.write(directory(controller, group).resolve(file).toString(), content);
    }

    private String read(String controller, String group, String file) throws SysException {
        return KernelFile.read(directory(controller, group).resolve(file).toString());
    }

    private long number(String controller, String group, String file) throws SysException {
        return Long.parseLong(read(controller, group, file).strip());
    }
}
