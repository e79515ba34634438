package io.hostel.kernel.linux;

import io.hostel.kernel.Cgroups;
import io.hostel.kernel.KernelException;
import io.hostel.kernel.Listening;
import io.hostel.sys.Directory;
import io.hostel.sys.Errno;
import io.hostel.sys.KernelFile;
import io.hostel.sys.SysException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.regex.Pattern;

/** Control groups of either version, by {@link CgroupVersion}. */
public final class LinuxCgroups implements Cgroups {

    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_.-]*(/[A-Za-z0-9][A-Za-z0-9_.-]*)?");
    private static final int REMOVAL_TRIES = 50;
    private static final Duration BETWEEN_TRIES = Duration.ofMillis(10);
    private static final int MOVING_ROUNDS = 1_000;

    private final CgroupVersion version;
    private volatile Consumer<String> made = tenant -> {};

    /**
     * @param hostGroup name of the host's own group, at the root of every hierarchy that is used
     * @throws KernelException ENODEV where neither v1 nor v2 offers memory, cpu and pids
     */
    public LinuxCgroups(String hostGroup) throws KernelException {
        requireName(hostGroup);
        try {
            version = detect(hostGroup);
        } catch (SysException e) {
            throw Refused.by(e);
        }
    }

    LinuxCgroups(CgroupVersion version) {
        this.version = version;
    }

    private static CgroupVersion detect(String hostGroup) throws SysException, KernelException {
        CgroupHierarchies hierarchies = CgroupHierarchies.parse(KernelFile.read("/proc/self/mountinfo"));
        if (hierarchies.allOnV1()) return new CgroupV1(hierarchies, hostGroup);
        if (hierarchies.unified().isPresent()) {
            Path root = hierarchies.unified().get();
            String offered = KernelFile.read(root.resolve("cgroup.controllers").toString());
            if (CgroupHierarchies.allOnV2(Set.of(offered.strip().split(" ", -1)))) return new CgroupV2(root, hostGroup);
        }
        throw new KernelException(
                Errno.ENODEV.name(),
                "find",
                "control groups",
                "neither cgroup v2 nor v1 offers all of memory, cpu and pids: mount them (systemd does), and boot without"
                        + " cgroup_disable=; on v1 cpuacct too");
    }

    @Override
    public String version() {
        return version.name();
    }

    @Override
    public int attendants() {
        return version.attendants();
    }

    @Override
    public void prepare() throws KernelException {
        try {
            version.prepare();
            make(MONITORS);
        } catch (SysException e) {
            throw Refused.by(
                    e,
                    e.is(Errno.EBUSY)
                            ? "the root group has processes of its own: run in the machine's root group"
                            : "");
        }
    }

    @Override
    public void unprepare() throws KernelException {
        remove(MONITORS);
        removeDirectories("");
    }

    @Override
    public void create(String group, Limits limits) throws KernelException {
        requireName(group);
        try {
            make(group);
            version.limit(group, limits);
        } catch (SysException e) {
            throw Refused.by(e);
        }
    }

    @Override
    public void bound(String tenant, Limits limits) throws KernelException {
        requireName(tenant);
        try {
            boolean fresh = !present(Cgroups.monitorsOf(tenant));
            if (fresh) make(tenant);
            else requireRoom(tenant, limits);
            version.bound(tenant, limits);
            if (!fresh) return;
            make(Cgroups.monitorsOf(tenant));
            made.accept(tenant);
        } catch (SysException e) {
            throw Refused.by(e);
        }
    }

    /**
     * A bound below what is in use would have v2 kill for it, and v1 look for what it can free for a while. What files are
     * cached in is given up for the asking.
     */
    private void requireRoom(String tenant, Limits limits) throws SysException {
        if (version.heldMemory(tenant) > limits.memory()) throw new SysException(Errno.EBUSY, "bound", tenant);
    }

    @Override
    public void move(String from, String to) throws KernelException {
        requireName(from);
        try {
            freeze(from, "1");
            for (int round = 0; round < MOVING_ROUNDS; round++) {
                Set<Integer> found = CgroupMembers.of(version.directories(from));
                if (found.isEmpty()) break;
                take(to, found);
            }
        } catch (SysException e) {
            if (!absent(e)) throw Refused.by(e);
        } finally {
            thaw(from);
        }
        remove(from);
    }

    private void freeze(String group, String still) throws SysException {
        Optional<Path> freeze = version.freezeFile(group);
        if (freeze.isPresent()) KernelFile.write(freeze.get().toString(), still);
    }

    /** Who could not be moved goes on where it is. */
    private void thaw(String group) throws KernelException {
        try {
            freeze(group, "0");
        } catch (SysException e) {
            if (!absent(e)) throw Refused.by(e);
        }
    }

    @Override
    public void take(String group, Collection<Integer> pids) throws KernelException {
        try {
            for (Path entrance : entrances(group)) {
                for (int pid : pids) enter(entrance, pid);
            }
        } catch (SysException e) {
            throw Refused.by(e);
        }
    }

    private static void enter(Path entrance, int pid) throws SysException {
        try {
            KernelFile.write(entrance.toString(), Integer.toString(pid));
        } catch (SysException e) {
            if (!e.is(Errno.ESRCH)) throw e;
        }
    }

    @Override
    public void remove(String group) throws KernelException {
        requireName(group);
        if (group.indexOf('/') < 0) removeDirectories(Cgroups.monitorsOf(group));
        removeDirectories(group);
    }

    @Override
    public void kill(String group, Set<Integer> spared) throws KernelException {
        requireName(group);
        kill(group, spared, false);
    }

    private void kill(String group, Set<Integer> spared, boolean forGood) throws KernelException {
        try {
            new CgroupKiller(version, group, spared, forGood).kill();
        } catch (SysException e) {
            if (!absent(e)) throw Refused.by(e);
        }
    }

    /**
     * By cgroup.kill where there is one. Kernels since about 6.14, and older ones that were given the same change (Debian's 6.1
     * is one), kill at birth whatever is ever born by CLONE_INTO_CGROUP in a group that was killed so: cgroup_css_set_fork notes
     * how often the parent's group was killed, and cgroup_post_fork compares it with the child's; kernel/cgroup/cgroup.c. So the
     * monitors' group, where the parents are, is never killed so.
     */
    @Override
    public void killForGood(String group) throws KernelException {
        requireName(group);
        Optional<Path> killFile = version.killFile(group);
        if (killFile.isEmpty()) {
            kill(group, Set.of(), true);
            if (group.indexOf('/') < 0) kill(Cgroups.monitorsOf(group), Set.of(), true);
            return;
        }
        try {
            KernelFile.write(killFile.get().toString(), "1");
        } catch (SysException e) {
            if (!absent(e)) throw Refused.by(e);
        }
    }

    @Override
    public List<Integer> processes(String group) throws KernelException {
        requireName(group);
        try {
            return List.copyOf(CgroupMembers.of(version.directories(group)));
        } catch (SysException e) {
            throw Refused.by(e);
        }
    }

    @Override
    public Usage usage(String group) throws KernelException {
        requireName(group);
        try {
            return version.usage(group);
        } catch (SysException e) {
            if (absent(e)) return Usage.NONE;
            throw Refused.by(e);
        }
    }

    @Override
    public boolean present(String group) {
        requireName(group);
        return version.directories(group).stream().allMatch(Files::isDirectory);
    }

    @Override
    public List<String> groups() {
        Set<String> all = new TreeSet<>();
        for (String group : within("")) {
            all.add(group);
            for (String inner : within(group)) all.add(group + "/" + inner);
        }
        return List.copyOf(all);
    }

    private Set<String> within(String group) {
        Set<String> names = new TreeSet<>();
        for (Path directory : version.directories(group)) names.addAll(Directory.names(directory.toString()));
        names.remove(MONITORS);
        return names;
    }

    @Override
    public Listening watch(Consumer<String> gone) throws KernelException {
        try {
            CgroupWatch watch = CgroupWatch.begin(version.directories(""), gone);
            made = tenant -> watch.also(version.directories(tenant));
            within("").forEach(made);
            return watch;
        } catch (IOException e) {
            throw new KernelException(
                    Errno.EIO.name(), "watch", "control groups", e + ": raise fs.inotify.max_user_instances");
        }
    }

    /** A process enters the group by its number written to each of these files. */
    List<Path> entrances(String group) {
        requireName(group);
        return version.directories(group).stream()
                .map(directory -> directory.resolve("cgroup.procs"))
                .toList();
    }

    /** Where the hierarchy is mounted that a directory of a group is in. */
    Path mount(Path directory) {
        return version.mount(directory);
    }

    /** The group's directory for CLONE_INTO_CGROUP, clone(2); empty on v1, which has no such thing. */
    Optional<Path> directory(String group) {
        requireName(group);
        return version.name().equals("v2")
                ? Optional.of(version.directories(group).get(0))
                : Optional.empty();
    }

    private void make(String group) throws SysException {
        for (Path directory : version.directories(group)) Directory.make(directory.toString(), 0755);
    }

    private void removeDirectories(String group) throws KernelException {
        try {
            for (Path directory : version.directories(group)) removePatiently(directory);
        } catch (SysException e) {
            throw Refused.by(e, e.is(Errno.EBUSY) ? "there are processes or groups in it" : "");
        }
    }

    /** A process that has just been killed counts until it is gone. */
    private void removePatiently(Path directory) throws SysException {
        for (int tries = 1; ; tries++) {
            try {
                Directory.remove(directory.toString());
                return;
            } catch (SysException e) {
                if (!e.is(Errno.EBUSY) || tries == REMOVAL_TRIES) throw e;
                LockSupport.parkNanos(BETWEEN_TRIES.toNanos());
            }
        }
    }

    private static boolean absent(SysException e) {
        return e.is(Errno.ENOENT) || e.is(Errno.ENODEV);
    }

    /** A name that leads elsewhere would kill or bound what is not ours. */
    private static void requireName(String group) {
        if (!NAME.matcher(group).matches()) throw new IllegalArgumentException("group name: " + group);
    }
}
