package io.hostel.kernel.linux;

import io.hostel.kernel.Cgroups.Limits;
import io.hostel.kernel.Cgroups.Usage;
import io.hostel.sys.SysException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** What differs between the versions of control groups. */
interface CgroupVersion {
    /** Bandwidth is measured over 100 ms. */
    long CPU_PERIOD_MICROS = 100_000;

    /** The kernel takes no less: 1 ms of each period. */
    long LEAST_CPU_QUOTA_MICROS = 1_000;

    /** {@code v1}, {@code v2} or {@code hybrid}. */
    String name();

    /** See {@link io.hostel.kernel.Cgroups#attendants()}. */
    int attendants();

    /** Makes the host's own group with what its children need. */
    void prepare() throws SysException;

    /** The directories that make up a group: one for each hierarchy; the host's own group where the name is empty. */
    List<Path> directories(String group);

    void limit(String group, Limits limits) throws SysException;

    /**
     * Readies a group that is there to hold others, and bounds them together. Kills nobody for a bound above what is
     * {@linkplain #heldMemory held}.
     *
     * @throws SysException EBUSY where the kernel gives up what is cached too slowly
     */
    void bound(String group, Limits limits) throws SysException;

    /** Bounds the group's use of processors no longer. */
    void liftCpus(String group) throws SysException;

    /** Where the hierarchy is mounted that one of {@link #directories} is in. */
    Path mount(Path directory);

    /** The file that holds a whole group still while it has 1 in it; empty where the kernel has none. */
    Optional<Path> freezeFile(String group);

    /** The file that kills a whole group when written to; empty where the kernel has none: v1, and v2 before 5.14. */
    Optional<Path> killFile(String group);

    /** The file that bounds a group's processes. */
    Path pidsFile(String group);

    /** Throws ENOENT where the group is absent. */
    Usage usage(String group) throws SysException;

    /** Bytes of memory in use that are no files' pages: those the kernel gives up, or writes back, when asked to. */
    long heldMemory(String group) throws SysException;

    /** @param stat of a group's memory: pages in memory of files on a disk, which a tmpfs is not */
    static long cached(String stat, String prefix) {
        return FlatKeyed.value(stat, prefix + "inactive_file") + FlatKeyed.value(stat, prefix + "active_file");
    }

    static long quotaMicros(double cpus) {
        return Math.max(LEAST_CPU_QUOTA_MICROS, Math.round(cpus * CPU_PERIOD_MICROS));
    }
}
