package io.hostel.fake;

import io.hostel.kernel.Cgroups;
import io.hostel.kernel.KernelException;
import io.hostel.kernel.Listening;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;

public final class FakeCgroups implements Cgroups {
    private final Effects effects;
    private final FakeProcesses processes;
    private final Map<String, Limits> groups = new LinkedHashMap<>();
    private final Map<String, Limits> tenants = new LinkedHashMap<>();
    private final Map<String, Usage> usages = new LinkedHashMap<>();
    private final Set<String> killedForGood = new HashSet<>();

    FakeCgroups(Effects effects, FakeProcesses processes) {
        this.effects = effects;
        this.processes = processes;
    }

    @Override
    public int attendants() {
        return 0;
    }

    @Override
    public void prepare() throws KernelException {
        effects.make("prepare cgroups", () -> {});
    }

    @Override
    public void unprepare() throws KernelException {
        effects.make("unprepare cgroups", () -> {});
    }

    @Override
    public synchronized void bound(String tenant, Limits limits) throws KernelException {
        effects.make("bound cgroup " + tenant, () -> tenants.put(tenant, limits));
    }

    /** What a tenant is held to; empty where it has no group. */
    public synchronized Optional<Limits> bound(String tenant) {
        return Optional.ofNullable(tenants.get(tenant));
    }

    @Override
    public void move(String from, String to) throws KernelException {
        effects.make("move to cgroup " + to, () -> processes.move(to, processes.inCgroup(from)));
        remove(from);
    }

    @Override
    public synchronized void create(String group, Limits limits) throws KernelException {
        int slash = group.indexOf('/');
        if (slash > 0 && !tenants.containsKey(group.substring(0, slash))) {
            throw FakeKernel.missing("create cgroup", group, "its tenant's group is not there");
        }
        effects.make("create cgroup " + group, () -> groups.put(group, limits));
    }

    @Override
    public void take(String group, Collection<Integer> pids) throws KernelException {
        effects.make("take into cgroup " + group, () -> processes.move(group, pids));
    }

    @Override
    public Listening watch(Consumer<String> gone) {
        return () -> {};
    }

    /** Somebody takes the group away, and everybody out of it. */
    public synchronized void lose(String group) {
        processes.move("", processes.inCgroup(group));
        groups.remove(group);
    }

    @Override
    public synchronized void remove(String group) throws KernelException {
        if (groups.keySet().stream().anyMatch(other -> other.startsWith(group + "/"))) {
            throw new KernelException("EBUSY", "remove cgroup", group, "groups are in it");
        }
        if (groups.containsKey(group) && !processes.inCgroup(group).isEmpty()) {
            throw new KernelException("EBUSY", "remove cgroup", group, "processes are in it");
        }
        effects.make("remove cgroup " + group, () -> {
            groups.remove(group);
            tenants.remove(group);
            usages.remove(group);
            killedForGood.remove(group);
        });
    }

    @Override
    public void kill(String group, Set<Integer> spared) throws KernelException {
        effects.make("kill cgroup " + group, () -> {});
        processes.killCgroup(group, spared);
    }

    /** As the kernel does with who is born there afterwards: {@link #killsAtBirth}. */
    @Override
    public void killForGood(String group) throws KernelException {
        kill(group);
        synchronized (this) {
            killedForGood.add(group);
        }
    }

    synchronized boolean killsAtBirth(String group) {
        return killedForGood.contains(group);
    }

    @Override
    public List<Integer> processes(String group) {
        effects.reading("cgroup processes");
        return processes.inCgroup(group);
    }

    @Override
    public synchronized Usage usage(String group) {
        effects.reading("cgroup usage");
        return groups.containsKey(group) ? usages.getOrDefault(group, Usage.NONE) : Usage.NONE;
    }

    /** The kernel kills one more process of the group for its memory. */
    public synchronized void oomKill(String group) {
        Usage u = usages.getOrDefault(group, Usage.NONE);
        usages.put(group, new Usage(u.memoryBytes(), u.peakMemoryBytes(), u.cpuSeconds(), u.pids(), u.oomKills() + 1));
    }

    /** What the group is found to have used from now on. */
    public synchronized void use(String group, Usage usage) {
        usages.put(group, usage);
    }

    @Override
    public synchronized List<String> groups() {
        effects.reading("cgroups");
        return Stream.concat(tenants.keySet().stream(), groups.keySet().stream())
                .sorted()
                .toList();
    }

    @Override
    public synchronized boolean present(String group) {
        effects.reading("cgroup");
        return groups.containsKey(group)
                || tenants.keySet().stream().anyMatch(t -> group.equals(t) || group.equals(Cgroups.monitorsOf(t)));
    }

    synchronized boolean has(String group) {
        return groups.containsKey(group);
    }

    @Override
    public String version() {
        return "v2";
    }

    synchronized List<String> holdings() {
        return groups.entrySet().stream()
                .map(e -> "cgroup " + e.getKey() + " " + e.getValue())
                .toList();
    }
}
