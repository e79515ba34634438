package io.hostel.fake;

import io.hostel.kernel.KernelException;
import io.hostel.kernel.Launcher;
import io.hostel.kernel.ProcessIdentity;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** Launches succeed at once where namespace, cgroup and layer are there; commands run until a test ends them. */
public final class FakeLauncher implements Launcher {
    private final Effects effects;
    private final FakeProcesses processes;
    private final FakeNetns netns;
    private final FakeCgroups cgroups;
    private final FakeLayers layers;
    private final Map<Path, Launched> launches = new LinkedHashMap<>();
    private final Map<Path, ProcessIdentity> zygotes = new LinkedHashMap<>();
    private final Map<Path, Parked> parked = new LinkedHashMap<>();
    private final List<Plan> plans = new ArrayList<>();
    private final Set<String> notExecutable = new HashSet<>();
    private final List<RunningExec> execs = new ArrayList<>();

    FakeLauncher(Effects effects, FakeProcesses processes, FakeNetns netns, FakeCgroups cgroups, FakeLayers layers) {
        this.effects = effects;
        this.processes = processes;
        this.netns = netns;
        this.cgroups = cgroups;
        this.layers = layers;
    }

    /** A command under way in a sandbox; a test completes the result. */
    public record RunningExec(ExecPlan plan, CompletableFuture<ExecResult> result) {}

    @Override
    public void prepare(Path pins) throws KernelException {
        effects.make("prepare launches", () -> {});
    }

    @Override
    public synchronized void ready(Ahead ahead) throws KernelException {
        long inode = netns.inode(ahead.netns());
        if (inode == 0 || !cgroups.has(ahead.cgroup())) {
            throw FakeKernel.missing("ready", ahead.id(), "its namespace or its cgroup is not there");
        }
        effects.make("ready " + ahead.id(), () -> {
            zygotes.put(ahead.records(), processes.attend("zygote of " + ahead.id(), ahead.cgroup()));
            parked.put(
                    ahead.first(),
                    new Parked(
                            processes.attend("parked monitor of " + ahead.id(), "monitors"),
                            processes.attend("parked init of " + ahead.id(), ahead.cgroup())));
        });
    }

    @Override
    public synchronized Optional<ProcessIdentity> zygote(Path records) {
        effects.reading("zygote");
        return Optional.ofNullable(zygotes.get(records)).filter(processes::lives);
    }

    @Override
    public synchronized Optional<Parked> parked(Path recordDir) {
        effects.reading("parked");
        return Optional.ofNullable(parked.get(recordDir)).filter(p -> processes.lives(p.init()));
    }

    @Override
    public synchronized void unready(Path records) throws KernelException {
        effects.make("unready " + records.getFileName(), () -> {
            Optional.ofNullable(zygotes.remove(records)).ifPresent(processes::dismiss);
            for (Path launch : List.copyOf(parked.keySet())) {
                if (records.equals(launch.getParent())) {
                    dismiss(parked.remove(launch));
                }
            }
        });
    }

    private void dismiss(@Nullable Parked pair) {
        if (pair != null) {
            processes.dismiss(pair.monitor());
            processes.dismiss(pair.init());
        }
    }

    /**
     * Checks what a launch needs to begin; the rest when it is to go. Who was parked for it never is who is launched, as where the
     * parked are found dead or stopped.
     */
    @Override
    public synchronized Launching begin(Plan plan, Optional<Forked> forked) throws KernelException {
        forked.ifPresent(Forked::close);
        if (!layers.has(plan.upper())) {
            throw FakeKernel.missing("launch", plan.id(), "layer " + plan.upper() + " is not there");
        }
        effects.make("begin " + plan.id(), () -> {});
        return new Launching() {
            private boolean gone;

            @Override
            public Launched go(Laps laps, Runnable meanwhile) throws KernelException {
                meanwhile.run();
                Launched launched = launch(plan);
                gone = true;
                return launched;
            }

            @Override
            public void close() throws KernelException {
                if (!gone) {
                    gone = true;
                    abandon(plan);
                }
            }
        };
    }

    /** A process in the sandbox's group until it is let go, or launched. */
    @Override
    public synchronized Optional<Forked> fork(Path records) throws KernelException {
        ProcessIdentity zygote = zygotes.get(records);
        if (zygote == null || !processes.lives(zygote)) {
            return Optional.empty();
        }
        List<ProcessIdentity> forked = new ArrayList<>();
        effects.make(
                "fork " + records.getFileName(),
                () -> forked.add(processes.fork(zygote, "forked by the zygote of " + records.getFileName())));
        return Optional.of(() -> forked.forEach(processes::dismiss));
    }

    private synchronized void abandon(Plan plan) throws KernelException {
        effects.make("abandon " + plan.id(), () -> dismiss(parked.remove(plan.recordDir())));
    }

    private synchronized Launched launch(Plan plan) throws KernelException {
        long inode = netns.inode(plan.netns());
        if (inode == 0) {
            throw FakeKernel.missing("launch", plan.id(), "its namespace is not pinned");
        }
        if (!cgroups.has(plan.cgroup())) {
            throw FakeKernel.missing("launch", plan.id(), "cgroup " + plan.cgroup() + " is not there");
        }
        if (cgroups.killsAtBirth(plan.cgroup())) {
            throw new KernelException("ESRCH", "start", "init", "it was killed while it was set up");
        }
        String program = plan.command().get(0);
        if (notExecutable.contains(program)) {
            throw new KernelException("ENOENT", "exec", program, "");
        }
        effects.make("launch " + plan.id(), () -> {
            zygotes.computeIfAbsent(
                    plan.records(), records -> processes.attend("zygote of " + plan.id(), plan.cgroup()));
            dismiss(parked.remove(plan.recordDir()));
            ProcessIdentity init = processes.spawn(Optional.empty(), plan.id(), plan.cgroup(), inode, plan.recordDir());
            ProcessIdentity monitor = processes.spawn(Optional.of(init), plan.id(), "monitors", 0, plan.recordDir());
            Map<String, String> namespaces = new HashMap<>();
            for (String kind : List.of("pid", "mnt", "uts", "ipc", "user", "cgroup")) {
                namespaces.put(kind, kind + ":[" + (4_100_000_000L + init.pid()) + "]");
            }
            namespaces.put("net", "net:[" + inode + "]");
            launches.put(plan.recordDir(), new Launched(monitor, init, Instant.EPOCH, namespaces));
            plans.add(plan);
        });
        Launched launched = launches.get(plan.recordDir());
        if (launched == null) {
            throw new AssertionError("the launch left no record");
        }
        return launched;
    }

    @Override
    public synchronized CompletionStage<ExecResult> exec(ExecPlan plan) throws KernelException {
        if (!processes.alive(plan.init())) {
            throw new KernelException("ESRCH", "exec", plan.command().get(0), "init is gone");
        }
        RunningExec exec = new RunningExec(plan, new CompletableFuture<>());
        execs.add(exec);
        return exec.result();
    }

    @Override
    public synchronized Optional<Launched> launched(Path recordDir) {
        effects.reading("launched");
        return Optional.ofNullable(launches.get(recordDir));
    }

    @Override
    public synchronized boolean executed(Path recordDir) {
        effects.reading("launched");
        return launches.containsKey(recordDir);
    }

    @Override
    public Optional<Exit> exit(Path recordDir) {
        effects.reading("exit");
        return processes.record(recordDir);
    }

    /** From now on this program can't be executed. */
    public synchronized void notExecutable(String program) {
        notExecutable.add(program);
    }

    /** Every launch there was, in order. */
    public synchronized List<Plan> plans() {
        return List.copyOf(plans);
    }

    public synchronized List<RunningExec> execs() {
        return List.copyOf(execs);
    }
}
