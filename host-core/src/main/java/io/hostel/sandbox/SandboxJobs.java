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
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What a supervisor has done on the kernel dispatcher, one job at a time. Every method blocks and returns data. */
final class SandboxJobs {
    private final SandboxPlan plan;
    private final SandboxPorts ports;
    private final Kernel kernel;
    private final StepRunner runner;
    private final List<Step> steps;

    SandboxJobs(SandboxPlan plan, SandboxPorts ports) {
        this.plan = plan;
        this.ports = ports;
        this.kernel = ports.kernel();
        this.runner = new StepRunner(ports.faults());
        this.steps = SandboxSteps.of(plan, kernel);
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

    Outcome<LedgerEntry> stand(LedgerEntry entry) {
        return Outcome.of(() -> {
            record(entry.in(Phase.APPLYING));
            if (runner.apply(steps) instanceof StepRunner.Failed failed) {
                throw new KernelException("ECANCELED", "put up", plan.id(), failed.why() + leftovers(failed));
            }
            LedgerEntry standing = entry.in(Phase.STANDING);
            record(standing);
            return standing;
        });
    }

    /** @param entry already in {@link LedgerEntry#launching()} */
    Outcome<Watched> launch(LedgerEntry entry, Deaths deaths) {
        return Outcome.of(() -> {
            record(entry);
            Files.createDirectories(plan.recordDir(entry.launch()));
            RecordsStep.deleteTree(plan.recordDir(entry.launch() - 1));
            Cgroups.Usage before = kernel.cgroups().usage(plan.cgroup());
            ports.faults().reached("launch");
            Launcher.Launched launched = kernel.launcher().launch(plan.launch(entry.launch()));
            try {
                LedgerEntry running =
                        entry.launched(launched, before, ports.clock().instant());
                record(running);
                return new Watched(running, watch(launched, deaths));
            } catch (KernelException | IOException | RuntimeException e) {
                kernel.cgroups().kill(plan.cgroup());
                throw e;
            }
        });
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

    Outcome<Boolean> kill() {
        return Outcome.of(() -> {
            kernel.cgroups().kill(plan.cgroup());
            return true;
        });
    }

    /**
     * Kills whatever survived init (an exec in a namespace that is going), and collects what there is to know.
     *
     * @param enough waited for the monitor: it is killed if it still lives
     */
    Outcome<Remains> remains(LedgerEntry entry, boolean enough) {
        return Outcome.of(() -> {
            kernel.cgroups().kill(plan.cgroup());
            Optional<Launcher.Exit> exit = kernel.launcher().exit(plan.recordDir(entry.launch()));
            if (enough) {
                killMonitor(entry);
            }
            return new Remains(
                    exit,
                    kernel.cgroups().usage(plan.cgroup()),
                    !kernel.cgroups().processes(plan.cgroup()).isEmpty());
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
                kernel.cgroups().kill(plan.cgroup());
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
            leftovers.addAll(runner.revert(steps));
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
        ports.faults().reached("record");
        ports.ledger().record(plan.id(), entry);
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

    private static String leftovers(StepRunner.Failed failed) {
        return failed.leftovers().isEmpty() ? "" : "; left: " + failed.leftovers();
    }
}
