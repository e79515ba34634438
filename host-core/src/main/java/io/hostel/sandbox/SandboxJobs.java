package io.hostel.sandbox;

import io.hostel.kernel.Cgroups;
import io.hostel.kernel.Kernel;
import io.hostel.kernel.KernelException;
import io.hostel.kernel.Launcher;
import io.hostel.kernel.ProcessIdentity;
import io.hostel.kernel.Processes;
import io.hostel.resource.Leftover;
import io.hostel.resource.Step;
import io.hostel.resource.StepRunner;
import io.hostel.resource.step.RecordsStep;
import io.hostel.sandbox.LedgerEntry.Phase;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What a supervisor has done on the kernel dispatcher, one job at a time. Every method blocks and returns data. */
final class SandboxJobs {
    private final SandboxPlan plan;
    private final SandboxPorts ports;
    private final Kernel kernel;
    private final StepRunner runner;

    SandboxJobs(SandboxPlan plan, SandboxPorts ports) {
        this.plan = plan;
        this.ports = ports;
        this.kernel = ports.kernel();
        this.runner = new StepRunner(ports.faults(), ports.phases()::observe);
    }

    /** Whom to tell that a process has ended; called on the epoll thread. */
    record Deaths(Runnable ofInit, Runnable ofMonitor) {}

    /** An init and its monitor, watched. */
    record Watched(LedgerEntry entry, List<Processes.Watch> watches) {}

    /** What is left of a launch whose init is dead. */
    record Remains(Optional<Launcher.Exit> exit, Cgroups.Usage usage, boolean anyAlive) {}

    sealed interface Adoption {}

    /** There was a launch; whether its processes still live, the watches tell. */
    record Found(Watched watched) implements Adoption {}

    /** All stands, and nothing runs in it. */
    record Idle() implements Adoption {}

    /** Not what the ledger says: it has to be put up anew. */
    record Broken(String why) implements Adoption {}

    /**
     * Puts up what is not there yet.
     *
     * @param entry already in {@link LedgerEntry#launching()}: what is readied here is for that launch
     */
    Outcome<LedgerEntry> stand(LedgerEntry entry) {
        return Outcome.of(() -> {
            record(entry.in(Phase.APPLYING));
            List<Step> steps = ports.slots().claim(plan.id())
                    ? SandboxSteps.leased(plan, kernel)
                    : SandboxSteps.of(plan, entry.launch(), kernel);
            if (runner.apply(steps) instanceof StepRunner.Failed failed) {
                List<Leftover> leftovers = runner.revert(SandboxSteps.of(plan, entry.launch(), kernel));
                throw new KernelException(
                        "ECANCELED",
                        "put up",
                        plan.id(),
                        failed.why() + (leftovers.isEmpty() ? "" : "; left: " + leftovers));
            }
            return entry.in(Phase.STANDING);
        });
    }

    /** @param entry in {@link LedgerEntry#launching()} and in the ledger, this launch as one that may be under way */
    Outcome<Watched> launch(LedgerEntry entry, Deaths deaths) {
        return Outcome.of(() -> launched(entry, deaths));
    }

    /** A launch where an earlier one was. */
    Outcome<Watched> relaunch(LedgerEntry entry, Deaths deaths) {
        return Outcome.of(() -> {
            record(entry);
            Files.createDirectories(plan.recordDir(entry.launch()));
            RecordsStep.deleteTree(plan.recordDir(entry.launch() - 1));
            return launched(entry, deaths);
        });
    }

    /** Not recorded here, where somebody waits: until it is, the launch's own record tells of it. */
    private Watched launched(LedgerEntry entry, Deaths deaths) throws KernelException {
        Cgroups.Usage before = kernel.cgroups().usage(plan.cgroup());
        ports.faults().reached("launch");
        long began = System.nanoTime();
        Launcher.Launched launched = kernel.launcher().launch(plan.launch(entry.launch()), ports.phases()::lap);
        ports.phases().lap("all", Duration.ofNanos(System.nanoTime() - began));
        try {
            LedgerEntry running = entry.launched(launched, before, ports.clock().instant());
            return new Watched(running, watch(launched, deaths));
        } catch (KernelException | RuntimeException e) {
            kernel.cgroups().kill(plan.cgroup());
            throw e;
        }
    }

    Outcome<LedgerEntry> note(LedgerEntry entry) {
        return Outcome.of(() -> {
            record(entry);
            return entry;
        });
    }

    Outcome<Boolean> signal(ProcessIdentity init, int signal) {
        return Outcome.of(() -> {
            kernel.processes().signal(init, signal);
            return true;
        });
    }

    Outcome<Boolean> kill(LedgerEntry entry) {
        return Outcome.of(() -> {
            kernel.cgroups().kill(plan.cgroup(), attendants(entry));
            return true;
        });
    }

    /** The host's own, which may be in the sandbox's group, and outlive what is killed there. */
    private Set<Integer> attendants(LedgerEntry entry) throws KernelException {
        Set<Integer> pids = new HashSet<>();
        kernel.launcher().zygote(plan.slot().records()).ifPresent(zygote -> pids.add(zygote.pid()));
        entry.launched().ifPresent(launched -> pids.add(launched.monitor().pid()));
        return pids;
    }

    /**
     * Kills whatever survived init (an exec in a namespace that is going), and collects what there is to know.
     *
     * @param enough waited for the monitor: it is killed if it still lives
     */
    Outcome<Remains> remains(LedgerEntry entry, boolean enough) {
        return Outcome.of(() -> {
            Set<Integer> attendants = attendants(entry);
            kernel.cgroups().kill(plan.cgroup(), attendants);
            Optional<Launcher.Exit> exit = kernel.launcher().exit(plan.recordDir(entry.launch()));
            if (enough) {
                killMonitor(entry);
            }
            return new Remains(
                    exit,
                    kernel.cgroups().usage(plan.cgroup()),
                    !attendants.containsAll(kernel.cgroups().processes(plan.cgroup())));
        });
    }

    Outcome<Adoption> adopt(LedgerEntry entry, Deaths deaths) {
        return Outcome.of(() -> {
            long inode = kernel.netns().inode(plan.pin());
            if (inode == 0) {
                return new Broken("its network namespace is gone");
            }
            Optional<Launcher.Launched> launched = entry.over() ? Optional.empty() : launched(entry);
            if (launched.isEmpty()) {
                kernel.cgroups().kill(plan.cgroup(), attendants(entry));
                return new Idle();
            }
            Launcher.Launched found = launched.get();
            String net = found.namespaces().getOrDefault("net", "");
            if (!net.isEmpty() && !net.equals("net:[" + inode + "]")) {
                return new Broken("its init is in " + net + ", and " + plan.pin() + " is net:[" + inode + "]");
            }
            LedgerEntry running =
                    entry.launched().isPresent() ? entry : entry.launched(found, entry.baseline(), found.at());
            return new Found(new Watched(running, watch(found, deaths)));
        });
    }

    /** Takes everything away and leaves the ledger last; what could not go is returned. */
    Outcome<List<Leftover>> takeBack(LedgerEntry entry) {
        return Outcome.of(() -> {
            record(entry.in(Phase.REAPING));
            List<Leftover> leftovers = new ArrayList<>();
            Optional<Launcher.Launched> launched = entry.over() ? Optional.empty() : launched(entry);
            leftovers.addAll(runner.revert(SandboxSteps.of(plan, entry.launch(), kernel)));
            if (launched.isPresent() && leftovers.isEmpty()) {
                killMonitor(launched.get().monitor());
                if (kernel.processes().alive(launched.get().monitor())) {
                    leftovers.add(new Leftover("monitor", "it is still alive"));
                }
            }
            if (leftovers.isEmpty()) {
                ports.faults().reached("forget");
                ports.ledger().forget(plan.id());
                ports.faults().reached("forgotten");
            }
            return List.copyOf(leftovers);
        });
    }

    private void record(LedgerEntry entry) throws KernelException, IOException {
        long began = System.nanoTime();
        ports.faults().reached("record");
        ports.ledger().record(plan.id(), entry);
        ports.phases().observe("record", Duration.ofNanos(System.nanoTime() - began));
        ports.faults().reached("recorded");
    }

    private Optional<Launcher.Launched> launched(LedgerEntry entry) throws KernelException {
        return entry.launched().isPresent()
                ? entry.launched()
                : kernel.launcher().launched(plan.recordDir(entry.launch()));
    }

    private List<Processes.Watch> watch(Launcher.Launched launched, Deaths deaths) throws KernelException {
        Processes.Watch init = kernel.processes().watch(launched.init(), deaths.ofInit());
        try {
            return List.of(init, kernel.processes().watch(launched.monitor(), deaths.ofMonitor()));
        } catch (KernelException | RuntimeException e) {
            init.close();
            throw e;
        }
    }

    private void killMonitor(LedgerEntry entry) throws KernelException {
        Optional<Launcher.Launched> launched = launched(entry);
        if (launched.isPresent()) {
            killMonitor(launched.get().monitor());
        }
    }

    private void killMonitor(ProcessIdentity monitor) throws KernelException {
        if (kernel.processes().alive(monitor)) {
            kernel.processes().signal(monitor, SignalName.KILL);
        }
    }
}
