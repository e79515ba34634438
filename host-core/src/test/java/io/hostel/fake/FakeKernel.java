package io.hostel.fake;

import io.hostel.kernel.Kernel;
import io.hostel.kernel.KernelException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * A machine in memory. What depends on something else fails without it (a veth without its namespace, a launch without a
 * cgroup), what is made twice is there once, and taking away what is absent succeeds, as {@link Kernel} promises.
 *
 * <p>Play the outside world with {@link #processes()} (kill, end, OOM), faults with {@link #effects()}.
 */
public final class FakeKernel implements Kernel {
    private final Effects effects = new Effects();
    private final FakeProcesses processes = new FakeProcesses(effects);
    private final FakeNetns netns = new FakeNetns(effects, processes);
    private final FakeLinks links = new FakeLinks(effects, netns);
    private final FakeFilter filter = new FakeFilter(effects);
    private final FakeCgroups cgroups = new FakeCgroups(effects, processes);
    private final FakeLayers layers = new FakeLayers(effects);
    private final FakeLauncher launcher = new FakeLauncher(effects, processes, netns, cgroups, layers);
    private final FakeHostNetwork hostNetwork = new FakeHostNetwork(effects);

    /** Everything that sandboxes have on the machine, a line each, sorted; the host's own things excepted. */
    public List<String> holdings() {
        List<String> all = new ArrayList<>();
        all.addAll(netns.holdings());
        all.addAll(links.holdings());
        all.addAll(filter.holdings());
        all.addAll(cgroups.holdings());
        all.addAll(layers.holdings());
        all.addAll(processes.holdings());
        Collections.sort(all);
        return List.copyOf(all);
    }

    public Effects effects() {
        return effects;
    }

    @Override
    public FakeNetns netns() {
        return netns;
    }

    @Override
    public FakeLinks links() {
        return links;
    }

    @Override
    public FakeFilter filter() {
        return filter;
    }

    @Override
    public FakeCgroups cgroups() {
        return cgroups;
    }

    @Override
    public FakeLayers layers() {
        return layers;
    }

    @Override
    public FakeLauncher launcher() {
        return launcher;
    }

    @Override
    public FakeProcesses processes() {
        return processes;
    }

    @Override
    public FakeHostNetwork hostNetwork() {
        return hostNetwork;
    }

    static KernelException missing(String operation, String target, String words) {
        return new KernelException("ENOENT", operation, target, words);
    }
}
