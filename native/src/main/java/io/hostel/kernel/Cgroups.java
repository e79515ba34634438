package io.hostel.kernel;

import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Control groups, whatever version the machine has (cgroups(7)): v2 alone, v1 alone, or controllers on v1 beside an empty v2.
 * A group is named by its path below the host's own group: {@code t-5} for a tenant, {@code t-5/hs-a7xyz} for a sandbox of its.
 */
public interface Cgroups {
    /** Name of the group of monitors within a tenant's, or within the host's own. */
    String MONITORS = "monitors";

    /** Makes the host's own group, and in it one for the monitors, with the controllers delegated. */
    void prepare() throws KernelException;

    /** Takes the host's own group away; no sandbox's is left in it. */
    void unprepare() throws KernelException;

    /**
     * Makes a tenant's group, and in it one for the monitors of its sandboxes; or gives the one that is there another bound, which
     * all that is in it is held to together. Among tenants the processors are shared out by equal weight.
     *
     * @throws KernelException EBUSY where what is in it uses more memory than that, files that are cached apart
     */
    void bound(String tenant, Limits limits) throws KernelException;

    /** The group of a tenant's monitors and attendants. */
    static String monitorsOf(String tenant) {
        return tenant + "/" + MONITORS;
    }

    /** Fails with ENOENT where the group that it is to be in is not there. */
    void create(String group, Limits limits) throws KernelException;

    /** Moves all processes of a group into another one, those that fork meanwhile included, and removes the first. */
    void move(String from, String to) throws KernelException;

    /** Moves processes into the group, e.g. those that somebody has moved out of it; one that has ended meanwhile is none. */
    void take(String group, Collection<Integer> pids) throws KernelException;

    /** Fails with EBUSY while processes are in it. With a tenant's goes that of its monitors. */
    void remove(String group) throws KernelException;

    /** Sends SIGKILL to every process of the group, those that fork meanwhile included. */
    default void kill(String group) throws KernelException {
        kill(group, Set.of());
    }

    /** @param spared processes that live on, by their numbers on the host */
    void kill(String group, Set<Integer> spared) throws KernelException;

    /** As {@link #kill(String)}, monitors included, and nothing can be launched in the group any more: it is to be removed. */
    void killForGood(String group) throws KernelException;

    /** Processes in the group, by their numbers on the host. */
    List<Integer> processes(String group) throws KernelException;

    /** Absent groups use nothing. */
    Usage usage(String group) throws KernelException;

    /** Whether the group is there, on v1 in every hierarchy. */
    boolean present(String group);

    /** Groups below the host's own, tenants' and sandboxes', in order; the monitors' excepted. */
    List<String> groups() throws KernelException;

    /**
     * Has somebody told of groups that have gone, by whomever, from now on.
     *
     * @param gone called with the last name of the group's path on a thread of the watch: must not block
     */
    Listening watch(Consumer<String> gone) throws KernelException;

    /** How many of a sandbox's processes are the host's own and not the tenant's; its limit on pids allows for them. */
    int attendants();

    /** {@code v1}, {@code v2} or {@code hybrid}. */
    String version();

    /** @param memory bytes, swap included */
    record Limits(long memory, double cpus, int pids) {
        /** A bound on cpus that there is stays: to set one, the kernel looks at every group of the machine. */
        public static final double ANY_CPUS = 0;
    }

    /**
     * @param memoryBytes now
     * @param peakMemoryBytes since the group was made; 0 where the kernel does not tell
     * @param oomKills since the group was made
     */
    record Usage(long memoryBytes, long peakMemoryBytes, double cpuSeconds, int pids, long oomKills) {
        public static final Usage NONE = new Usage(0, 0, 0, 0, 0);
    }
}
