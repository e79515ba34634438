package io.hostel.sandbox;

import io.hostel.kernel.Cgroups;
import io.hostel.kernel.Kernel;
import io.hostel.kernel.KernelException;
import io.hostel.kernel.Launcher;
import io.hostel.kernel.Links;
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
import java.util.concurrent.CompletionStage;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/** What a supervisor has done on the kernel dispatcher, one job at a time. Every method blocks and returns data. */
final class SandboxJobs {
    private final SandboxPlan plan;
    private final SandboxPorts ports;
    private final Kernel kernel;
    private final StepRunner runner;
    /** The next launch, begun already. Of the job that runs, like {@code cleared}: there is only one at a time. */
    private Optional<Early> early = Optional.empty();

    /** Nothing has been in the sandbox since its init ended but what was begun. */
    private boolean cleared;

    /** What the control group had used when nothing ran in it any more. */
    private Optional<Cgroups.Usage> used = Optional.empty();

    SandboxJobs(SandboxPlan plan, SandboxPorts ports) {
        this.plan = plan;
        this.ports = ports;
        this.kernel = ports.kernel();
        this.runner = new StepRunner(ports.faults(), ports.phases()::observe);
    }

    /** Whom to tell that a process has ended, called on the epoll thread, or that a monitor was stopped. */
    record Deaths(Runnable ofInit, Runnable ofMonitor, Consumer<StoppedMonitors.Found> stopped) {}

    /**
     * All steps are made, and there was a launch.
     *
     * @param entry of what stands
     * @param outcome of the launch; empty where the command was not wanted any more
     */
    record Started(LedgerEntry entry, Optional<Outcome<Watched>> outcome) {}

    private record Early(int launch, Launcher.Launching launching) {}

    /** A launch that has come as far as it can before its command may run. */
    private record Begun(LedgerEntry entry, Launcher.Launching launching, Cgroups.Usage before) {}

    /**
     * An init and its monitor, watched.
     *
     * @param firstAnswer of a server that has just been launched
     */
    record Watched(
            LedgerEntry entry, List<Processes.Watch> watches, Optional<CompletionStage<Prober.Answer>> firstAnswer) {}

    /** What is left of a launch whose init is dead. */
    record Remains(Optional<Launcher.Exit> exit, Cgroups.Usage usage, boolean anyAlive) {}

    sealed interface Adoption {}

    /** There was a launch; whether its processes still live, the watches tell. */
    record Found(Watched watched) implements Adoption {}

    /** It was being put up, and no command has been executed in it. */
    record Unfinished() implements Adoption {}

    /** All stands, and nothing runs in it. */
    record Idle() implements Adoption {}

    /** Not what the ledger says: it has to be put up anew. */
    record Broken(String why) implements Adoption {}

    /**
     * Puts up what is not there yet, and launches; the launch is under way before all is up. In a slot it is so before the sandbox is
     * recorded: what is begun there is found by the slot's own records, and comes to nothing with the daemon.
     *
     * @param entry already in {@link LedgerEntry#launching()}: what is readied here is for that launch
     * @param wanted asked once more before the command runs
     * @return trouble where it could not be put up; then all was taken back
     */
    Outcome<Started> start(LedgerEntry entry, BooleanSupplier wanted, Deaths deaths) {
        return Outcome.of(() -> {
            Optional<Launcher.Launching> early = ports.slots().holds(plan.id()) ? beginEarly(entry) : Optional.empty();
            List<Step> steps = new ArrayList<>();
            try {
                record(entry.in(Phase.APPLYING));
                steps.addAll(missing(ports.slots().claim(plan.id()), entry.launch()));
            } catch (KernelException | IOException | RuntimeException e) {
                if (early.isPresent()) {
                    early.get().close();
                }
                throw e;
            }
            if (early.isEmpty()) {
                steps.addAll(SandboxSteps.owned(plan, kernel));
            }
            long began = System.nanoTime();
            Begun begun;
            try {
                ports.groups().stand(plan.cgroup());
                apply(steps);
                begun = standing(entry, early);
            } catch (KernelException | RuntimeException e) {
                List<Leftover> leftovers = runner.revert(SandboxSteps.of(plan, entry.launch(), kernel));
                throw new KernelException(
                        "ECANCELED",
                        "put up",
                        plan.id(),
                        (e instanceof KernelException ? e.getMessage() : e.toString())
                                + (leftovers.isEmpty() ? "" : "; left: " + leftovers));
            }
            observe("stand", began);
            if (!wanted.getAsBoolean()) {
                begun.launching().close();
                return new Started(begun.entry(), Optional.empty());
            }
            return new Started(begun.entry(), Optional.of(Outcome.of(() -> launched(begun, deaths))));
        });
    }

    private List<Step> missing(Slots.Made made, int launch) {
        return switch (made) {
            case NOTHING -> SandboxSteps.ahead(plan.slot(), launch, kernel);
            case PLACE -> SandboxSteps.grouped(plan.slot(), launch, kernel);
            case ALL -> List.of();
        };
    }

    /** Empty where that was refused: it is tried again once the sandbox is recorded, and told of then. */
    private Optional<Launcher.Launching> beginEarly(LedgerEntry entry) {
        try {
            apply(SandboxSteps.owned(plan, kernel));
            return Optional.of(begin(entry));
        } catch (KernelException refused) {
            return Optional.empty();
        }
    }

    private Begun standing(LedgerEntry entry, Optional<Launcher.Launching> early) throws KernelException {
        Launcher.Launching launching = early.isPresent() ? early.get() : begin(entry);
        try {
            Cgroups.Usage before = kernel.cgroups().usage(plan.cgroup());
            apply(SandboxSteps.leased(plan, kernel));
            return new Begun(entry.in(Phase.STANDING), launching, before);
        } catch (KernelException | RuntimeException e) {
            launching.close();
            throw e;
        }
    }

    private void apply(List<Step> steps) throws KernelException {
        if (runner.apply(steps) instanceof StepRunner.Failed failed) {
            throw new KernelException("ECANCELED", "apply", failed.step(), failed.why());
        }
    }

    private Launcher.Launching begin(LedgerEntry entry) throws KernelException {
        return begin(entry, Optional.empty());
    }

    private Launcher.Launching begin(LedgerEntry entry, Optional<Launcher.Forked> forked) throws KernelException {
        ports.faults().reached("begin");
        long began = System.nanoTime();
        Launcher.Launching launching = kernel.launcher().begin(plan.launch(entry.launch()), forked);
        observe("launch_begin", began);
        return launching;
    }

    /** @param found what asking it came to */
    Outcome<String> whyUnanswered(ProcessIdentity init, int port, String found) {
        return Outcome.of(() -> Listening.why(found, port, kernel.processes().listening(init)));
    }

    /** A launch where an earlier one was. It is recorded while it is under way: with the daemon it would come to nothing. */
    Outcome<Watched> relaunch(LedgerEntry entry, Deaths deaths) {
        return Outcome.of(() -> {
            Cgroups.Usage before =
                    used.isPresent() ? used.get() : kernel.cgroups().usage(plan.cgroup());
            used = Optional.empty();
            Launcher.Launching launching = begun(entry);
            try {
                record(entry);
                return launched(new Begun(entry, launching, before), deaths);
            } catch (KernelException e) {
                launching.close();
                if (!e.operation().equals("exec")) {
                    renewGroup(e);
                }
                throw e;
            } catch (IOException | RuntimeException e) {
                launching.close();
                throw e;
            }
        });
    }

    private Launcher.Launching begun(LedgerEntry entry) throws KernelException, IOException {
        Optional<Early> ahead = early;
        if (ahead.isEmpty() || ahead.get().launch() != entry.launch()) {
            endEarly();
            return beginAnew(entry);
        }
        early = Optional.empty();
        return ahead.get().launching();
    }

    private Launcher.Launching beginAnew(LedgerEntry entry) throws KernelException, IOException {
        Files.createDirectories(plan.recordDir(entry.launch()));
        Optional<Launcher.Forked> forked = kernel.launcher().fork(plan.slot().records());
        try {
            return begin(entry, forked);
        } catch (KernelException | RuntimeException e) {
            forked.ifPresent(Launcher.Forked::close);
            throw e;
        }
    }

    /**
     * The group may be what nobody can be launched in any more: killed for good by a host that died over it, or by the machine's
     * operator. So the next launch finds a new one; and a new zygote, since the one that there was holds on to the old.
     */
    private void renewGroup(KernelException why) {
        try {
            kernel.launcher().unready(plan.slot().records());
            kernel.cgroups().kill(plan.cgroup());
            kernel.cgroups().remove(plan.cgroup());
            kernel.cgroups().create(plan.cgroup(), plan.limits());
        } catch (KernelException more) {
            why.addSuppressed(more);
        }
    }

    /** Not recorded here, where somebody waits: until it is, the launch's own record tells of it. */
    private Watched launched(Begun begun, Deaths deaths) throws KernelException {
        long began = System.nanoTime();
        LedgerEntry entry = begun.entry();
        PairWatch pair = new PairWatch(ports, deaths);
        Launcher.Launched launched;
        try {
            launched = go(begun.launching(), () -> {
                pair.ahead(plan.recordDir(entry.launch()));
                forget(entry.launch() - 1);
            });
        } catch (KernelException | RuntimeException e) {
            pair.close();
            throw e;
        }
        Cgroups.Usage before = begun.before();
        try {
            Optional<CompletionStage<Prober.Answer>> firstAnswer = plan.target()
                    .map(target -> ports.prober()
                            .probeStarting(target, plan.spec().health().timeout()));
            LedgerEntry running = entry.launched(
                    launched, before, ports.clock().instant(), ports.steady().instant());
            Watched watched = new Watched(running, pair.of(launched), firstAnswer);
            observe("launch", began);
            return watched;
        } catch (KernelException | RuntimeException e) {
            kernel.cgroups().kill(plan.cgroup());
            throw e;
        }
    }

    /** Records of a launch that is over; what stays of them goes with the sandbox. */
    private void forget(int launch) {
        try {
            if (launch > 0) {
                RecordsStep.deleteTree(plan.recordDir(launch));
            }
        } catch (KernelException e) {
            ports.hostLog().line(plan, "its former launch's records: " + TenantWords.of(String.valueOf(e.getMessage())));
        }
    }

    private Launcher.Launched go(Launcher.Launching launching, Runnable meanwhile) throws KernelException {
        try (launching) {
            ports.faults().reached("go");
            long began = System.nanoTime();
            Launcher.Launched launched = launching.go(ports.phases()::lap, meanwhile);
            observe("launch_go", began);
            return launched;
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
     * Kills whatever survived init (an exec in a namespace that is going), while its monitor still writes.
     *
     * @param again whether another launch is likely to follow at once; then it is begun, up to where its command may run
     * @return what is left, if its monitor has recorded the end by then
     */
    Outcome<Optional<Remains>> clear(LedgerEntry entry, boolean again) {
        return Outcome.of(() -> {
            cleared = false;
            cleared = !anyOutlives(entry);
            if (cleared && again) {
                LedgerEntry next = entry.launching();
                early = Optional.of(new Early(next.launch(), beginAnew(next)));
            }
            Optional<Launcher.Exit> exit = kernel.launcher().exit(plan.recordDir(entry.launch()));
            return cleared && exit.isPresent() ? Optional.of(new Remains(exit, usedNow(), false)) : Optional.empty();
        });
    }

    private Cgroups.Usage usedNow() throws KernelException {
        Cgroups.Usage usage = kernel.cgroups().usage(plan.cgroup());
        used = Optional.of(usage);
        return usage;
    }

    /** No launch follows for now. */
    Outcome<Boolean> letGo() {
        return Outcome.of(() -> {
            endEarly();
            return true;
        });
    }

    private void endEarly() throws KernelException {
        if (early.isPresent()) {
            Launcher.Launching launching = early.get().launching();
            early = Optional.empty();
            launching.close();
        }
    }

    /** Has a monitor go on that was stopped; it has an end to record. */
    Outcome<Boolean> wakeMonitor(LedgerEntry entry) {
        return Outcome.of(() -> {
            Optional<Launcher.Launched> launched = launched(entry);
            if (launched.isPresent()) {
                kernel.processes().signal(launched.get().monitor(), SignalName.CONT);
            }
            return true;
        });
    }

    /**
     * Collects what there is to know of a launch whose init is dead, after another try to kill what may be left of it.
     *
     * @param enough waited for the monitor: it is killed if it still lives
     */
    Outcome<Remains> remains(LedgerEntry entry, boolean enough) {
        return Outcome.of(() -> {
            boolean anyAlive = !cleared && anyOutlives(entry);
            cleared = false;
            Optional<Launcher.Exit> exit = kernel.launcher().exit(plan.recordDir(entry.launch()));
            if (enough) {
                killMonitor(entry);
            }
            return new Remains(exit, usedNow(), anyAlive);
        });
    }

    private boolean anyOutlives(LedgerEntry entry) throws KernelException {
        endEarly();
        Set<Integer> attendants = attendants(entry);
        if (attendants.containsAll(kernel.cgroups().processes(plan.cgroup()))) {
            return false; // and who is not there cannot fork
        }
        kernel.cgroups().kill(plan.cgroup(), attendants);
        return !attendants.containsAll(kernel.cgroups().processes(plan.cgroup()));
    }

    Outcome<Adoption> adopt(LedgerEntry left, Deaths deaths) {
        return Outcome.of(() -> {
            // One whose command was executed stands as a whole, though the host ended before it had recorded that.
            if (left.phase() == Phase.APPLYING && !kernel.launcher().executed(plan.recordDir(left.launch()))) {
                return new Unfinished();
            }
            LedgerEntry entry = left.in(Phase.STANDING);
            long inode = kernel.netns().inode(plan.pin());
            if (inode == 0) {
                return new Broken("its network namespace is gone");
            }
            Optional<Launcher.Launched> launched = entry.over() ? Optional.empty() : launched(entry);
            takeAlong(entry, launched);
            if (launched.isEmpty()) {
                kernel.cgroups().kill(plan.cgroup(), attendants(entry));
                return new Idle();
            }
            Launcher.Launched found = launched.get();
            String net = found.namespaces().getOrDefault("net", "");
            if (!net.isEmpty() && !net.equals("net:[" + inode + "]")) {
                return new Broken("its init is in " + net + ", and its pin is net:[" + inode + "]");
            }
            if (plan.lease().isPresent()) {
                kernel.links().quiet(plan.lease().get());
            }
            LedgerEntry running = entry.launched().isPresent()
                    ? entry
                    : entry.launched(
                            found, entry.baseline(), found.at(), ports.steady().instant());
            return new Found(new Watched(running, new PairWatch(ports, deaths).of(found), Optional.empty()));
        });
    }

    /**
     * Moves all that an earlier daemon has put into a control group in the host's own into the one in the tenant's, and the monitor
     * to the tenant's. The zygote ends, since it holds on to the former; the next launch makes another. Interrupted, it is done again:
     * the former group is there until all are out of it.
     */
    private void takeAlong(LedgerEntry entry, Optional<Launcher.Launched> launched) throws KernelException, IOException {
        String former = plan.slot().formerGroup();
        if (former.equals(plan.cgroup()) || !kernel.cgroups().present(former)) {
            return;
        }
        ports.groups().stand(plan.cgroup());
        kernel.cgroups().create(plan.cgroup(), plan.limits());
        kernel.launcher().unready(plan.slot().records());
        if (launched.isPresent() && kernel.processes().alive(launched.get().monitor())) {
            kernel.cgroups()
                    .take(
                            Cgroups.monitorsOf(plan.slot().tenant()),
                            Set.of(launched.get().monitor().pid()));
        }
        record(entry);
        kernel.cgroups().move(former, plan.cgroup());
    }

    /**
     * Puts right what stands for the sandbox on the host: its control group with everybody in it, its link and its address.
     *
     * @return what was amiss, for people; trouble where it has to be put up anew
     */
    Outcome<List<String>> mend(LedgerEntry entry) {
        return Outcome.of(() -> {
            List<String> amiss = new ArrayList<>();
            if (!kernel.cgroups().present(plan.cgroup()) || !inside(entry)) {
                ports.groups().stand(plan.cgroup());
                kernel.cgroups().create(plan.cgroup(), plan.limits());
                kernel.cgroups().take(plan.cgroup(), members(entry));
                amiss.add("control group " + HostLayout.PREFIX + plan.id());
            }
            if (kernel.netns().inode(plan.pin()) == 0) {
                throw gone("network namespace", plan.pin().toString());
            }
            if (!kernel.layers().present(plan.layerPool(), plan.layer())) {
                throw gone("writable layer", plan.layer());
            }
            if (plan.slot().veth().isPresent()) {
                Links.Veth veth = plan.slot().veth().get();
                if (!kernel.links().present(veth.name())) {
                    amiss.add("link " + veth.name());
                }
                kernel.links().attach(veth);
            }
            if (plan.lease().isPresent()) {
                kernel.links().lease(plan.lease().get());
            }
            return List.copyOf(amiss);
        });
    }

    /** Whether the two that all others descend from are in the control group. */
    private boolean inside(LedgerEntry entry) throws KernelException {
        return kernel.cgroups().processes(plan.cgroup()).containsAll(ancestors(entry));
    }

    private Set<Integer> ancestors(LedgerEntry entry) throws KernelException {
        Set<Integer> pids = new HashSet<>();
        Optional<Launcher.Launched> launched = entry.over() ? Optional.empty() : launched(entry);
        if (launched.isPresent() && kernel.processes().alive(launched.get().init())) {
            pids.add(launched.get().init().pid());
        }
        if (kernel.cgroups().attendants() > 0) {
            kernel.launcher()
                    .zygote(plan.slot().records())
                    .filter(kernel.processes()::alive)
                    .ifPresent(zygote -> pids.add(zygote.pid()));
        }
        return pids;
    }

    /** All that belong into the sandbox's control group: to find them, all processes of the machine are looked at. */
    private Set<Integer> members(LedgerEntry entry) throws KernelException {
        Set<Integer> pids = ancestors(entry);
        Optional<Launcher.Launched> launched = entry.over() ? Optional.empty() : launched(entry);
        launched.ifPresent(living -> pids.addAll(kernel.processes().inside(living.init())));
        return pids;
    }

    private KernelException gone(String what, String name) {
        return new KernelException("ENOENT", "find the " + what + " of", plan.id(), name + " is gone");
    }

    /** Takes everything away and leaves the ledger last; what could not go is returned. */
    Outcome<List<Leftover>> takeBack(LedgerEntry entry) {
        return Outcome.of(() -> {
            record(entry.in(Phase.REAPING));
            ports.slots().claim(plan.id()); // where it came to nothing before it had
            endEarly();
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
        observe("record", began);
        ports.faults().reached("recorded");
    }

    private void observe(String phase, long began) {
        ports.phases().observe(phase, Duration.ofNanos(System.nanoTime() - began));
    }

    private Optional<Launcher.Launched> launched(LedgerEntry entry) throws KernelException {
        return entry.launched().isPresent()
                ? entry.launched()
                : kernel.launcher().launched(plan.recordDir(entry.launch()));
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
