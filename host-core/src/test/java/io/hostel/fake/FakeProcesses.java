package io.hostel.fake;

import io.hostel.kernel.Launcher;
import io.hostel.kernel.ProcessIdentity;
import io.hostel.kernel.Processes;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Inits and their monitors. When an init ends, its monitor writes the exit record and ends too, unless a test has it wait.
 * The watchers' callbacks run on the thread that makes the process end.
 */
public final class FakeProcesses implements Processes {
    private static final String BOOT = "00000000-0000-0000-0000-000000000000";
    private static final int SIGTERM = 15;
    private static final int SIGKILL = 9;
    private static final int SIGCONT = 18;

    private final Effects effects;
    private final Map<ProcessIdentity, Process> living = new LinkedHashMap<>();
    private final Map<ProcessIdentity, Attendant> attendants = new LinkedHashMap<>();
    private final Map<Path, Launcher.Exit> records = new LinkedHashMap<>();
    private final List<String> signals = new ArrayList<>();
    /** Monitors, and whether SIGCONT has them go on. */
    private final Map<ProcessIdentity, Boolean> stopped = new LinkedHashMap<>();

    private final Map<ProcessIdentity, Runnable> whenContinued = new LinkedHashMap<>();
    private int lastPid = 999;
    private boolean heedsTerm = true;
    private boolean unkillable;
    private boolean monitorsWait;
    private Set<InetSocketAddress> listening = Set.of();

    /** Where whoever runs listens. */
    public synchronized void listen(Set<InetSocketAddress> where) {
        listening = Set.copyOf(where);
    }

    @Override
    public synchronized Set<InetSocketAddress> listening(ProcessIdentity process) {
        effects.reading("sockets");
        return living.containsKey(process) ? listening : Set.of();
    }

    FakeProcesses(Effects effects) {
        this.effects = effects;
    }

    /** @param init of a monitor; absent for an init itself */
    private record Process(
            Optional<ProcessIdentity> init,
            String sandbox,
            String cgroup,
            long netns,
            Path recordDir,
            List<Runnable> watchers) {
        Process in(String group) {
            return new Process(init, sandbox, group, netns, recordDir, watchers);
        }
    }

    private record Attendant(String what, String cgroup) {}

    // What the launcher does.

    synchronized ProcessIdentity spawn(
            Optional<ProcessIdentity> init, String sandbox, String cgroup, long netns, Path recordDir) {
        ProcessIdentity identity = new ProcessIdentity(BOOT, ++lastPid, lastPid * 10L);
        living.put(identity, new Process(init, sandbox, cgroup, netns, recordDir, new ArrayList<>()));
        return identity;
    }

    /** One of the host's own, which nobody watches. */
    synchronized ProcessIdentity attend(String what, String cgroup) {
        ProcessIdentity identity = new ProcessIdentity(BOOT, ++lastPid, lastPid * 10L);
        attendants.put(identity, new Attendant(what, cgroup));
        return identity;
    }

    /** In the group of the one that forked. */
    synchronized ProcessIdentity fork(ProcessIdentity zygote, String what) {
        Attendant parent = attendants.get(zygote);
        if (parent == null) {
            throw new IllegalStateException("there is no zygote " + zygote);
        }
        return attend(what, parent.cgroup());
    }

    synchronized void dismiss(ProcessIdentity attendant) {
        attendants.remove(attendant);
    }

    synchronized boolean lives(ProcessIdentity attendant) {
        return attendants.containsKey(attendant);
    }

    synchronized Optional<Launcher.Exit> record(Path recordDir) {
        return Optional.ofNullable(records.get(recordDir));
    }

    // The port.

    @Override
    public synchronized Optional<ProcessIdentity> identify(int pid) {
        return living.keySet().stream().filter(p -> p.pid() == pid).findFirst();
    }

    @Override
    public synchronized boolean alive(ProcessIdentity process) {
        effects.reading("alive");
        return living.containsKey(process);
    }

    @Override
    public synchronized boolean stopped(ProcessIdentity process) {
        return living.containsKey(process) && stopped.containsKey(process);
    }

    @Override
    public Watch watch(ProcessIdentity process, Runnable ended) {
        effects.reading("watch");
        boolean over;
        synchronized (this) {
            Process watched = living.get(process);
            over = watched == null;
            if (watched != null) {
                watched.watchers().add(ended);
            }
        }
        if (over) {
            ended.run();
        }
        return () -> unwatch(process, ended);
    }

    private synchronized void unwatch(ProcessIdentity process, Runnable ended) {
        Process watched = living.get(process);
        if (watched != null) {
            watched.watchers().remove(ended);
        }
    }

    @Override
    public synchronized List<Integer> inside(ProcessIdentity init) {
        effects.reading("inside");
        return living.containsKey(init) ? List.of(init.pid()) : List.of();
    }

    synchronized void move(String group, Collection<Integer> pids) {
        living.replaceAll((identity, process) -> pids.contains(identity.pid()) ? process.in(group) : process);
        attendants.replaceAll(
                (identity, one) -> pids.contains(identity.pid()) ? new Attendant(one.what(), group) : one);
    }

    @Override
    public void signal(ProcessIdentity process, int signal) {
        effects.makeElsewhere("signal " + signal, () -> {});
        boolean ends;
        synchronized (this) {
            signals.add(signal + " to " + process.pid());
            ends = signal == SIGTERM && heedsTerm || signal == SIGKILL && !unkillable;
        }
        if (ends) {
            end(process, Optional.empty(), Optional.of(signal), signal == SIGTERM);
        }
        if (signal == SIGCONT) {
            goOn(process).run();
        }
    }

    private synchronized Runnable goOn(ProcessIdentity process) {
        if (!stopped.getOrDefault(process, false)) {
            return () -> {};
        }
        stopped.remove(process);
        return whenContinued.getOrDefault(process, () -> {});
    }

    // What the outside world does.

    /** The command of a sandbox ends with an exit status. */
    public void exit(String sandbox, int code) {
        init(sandbox).ifPresent(init -> end(init, Optional.of(code), Optional.empty(), true));
    }

    /** The command of a sandbox is ended by a signal. */
    public void kill(String sandbox, int signal) {
        init(sandbox).ifPresent(init -> end(init, Optional.empty(), Optional.of(signal), true));
    }

    /** Init itself is killed from outside. */
    public void killInit(String sandbox) {
        init(sandbox).ifPresent(init -> end(init, Optional.empty(), Optional.of(SIGKILL), false));
    }

    /** The sandbox's monitor is killed; init lives on. */
    public void killMonitor(String sandbox) {
        init(sandbox).ifPresent(init -> monitorsOf(init).forEach(this::bury));
    }

    /**
     * The sandbox's monitor is stopped; init lives on.
     *
     * @param continuable whether SIGCONT has it go on, as it does unless a tracer holds it
     */
    public synchronized void stopMonitor(String sandbox, boolean continuable) {
        init(sandbox).ifPresent(init -> monitorsOf(init).forEach(monitor -> stopped.put(monitor, continuable)));
    }

    /** Whether commands end at SIGTERM. */
    public synchronized void heedTerm(boolean heeds) {
        heedsTerm = heeds;
    }

    /** Whether processes outlive even SIGKILL, as those in an uninterruptible sleep do. */
    public synchronized void unkillable(boolean are) {
        unkillable = are;
    }

    /** Whether monitors keep the exit record to themselves, and live on, when their init ends. */
    public synchronized void monitorsWait(boolean wait) {
        monitorsWait = wait;
    }

    public synchronized List<String> signals() {
        return List.copyOf(signals);
    }

    public synchronized Optional<ProcessIdentity> init(String sandbox) {
        return living.entrySet().stream()
                .filter(e -> e.getValue().sandbox().equals(sandbox)
                        && e.getValue().init().isEmpty())
                .map(Map.Entry::getKey)
                .findFirst();
    }

    // What follows from it.

    synchronized List<Integer> inCgroup(String group) {
        List<Integer> all = new ArrayList<>();
        living.forEach((identity, process) -> {
            if (process.init().isEmpty() && process.cgroup().equals(group)) {
                all.add(identity.pid());
            }
        });
        attendants.forEach((identity, attendant) -> {
            if (attendant.cgroup().equals(group)) {
                all.add(identity.pid());
            }
        });
        return all;
    }

    synchronized boolean anyInNetns(long inode) {
        return living.values().stream().anyMatch(p -> p.init().isEmpty() && p.netns() == inode);
    }

    void killCgroup(String group, Set<Integer> spared) {
        List<ProcessIdentity> inits;
        synchronized (this) {
            attendants
                    .entrySet()
                    .removeIf(e -> e.getValue().cgroup().equals(group)
                            && !spared.contains(e.getKey().pid()));
            inits = unkillable
                    ? List.of()
                    : living.entrySet().stream()
                            .filter(e -> e.getValue().init().isEmpty()
                                    && e.getValue().cgroup().equals(group))
                            .map(Map.Entry::getKey)
                            .toList();
        }
        inits.forEach(init -> end(init, Optional.empty(), Optional.of(SIGKILL), false));
    }

    private void end(ProcessIdentity init, Optional<Integer> code, Optional<Integer> signal, boolean ofCommand) {
        List<ProcessIdentity> monitors = monitorsOf(init);
        boolean wait;
        synchronized (this) {
            Process process = living.get(init);
            wait = monitorsWait || monitors.stream().anyMatch(stopped::containsKey);
            if (process != null && wait && !monitorsWait) {
                Launcher.Exit exit = new Launcher.Exit(code, signal, ofCommand, Instant.EPOCH, Optional.empty());
                monitors.forEach(monitor -> whenContinued.put(monitor, () -> {
                    record(process.recordDir(), exit);
                    bury(monitor);
                }));
            }
            if (process != null && !monitors.isEmpty() && !wait) {
                records.put(process.recordDir(), new Launcher.Exit(code, signal, ofCommand, Instant.EPOCH, Optional.empty()));
            }
        }
        bury(init);
        if (!wait) {
            monitors.forEach(this::bury);
        }
    }

    private synchronized void record(Path recordDir, Launcher.Exit exit) {
        records.put(recordDir, exit);
    }

    private synchronized List<ProcessIdentity> monitorsOf(ProcessIdentity init) {
        return living.entrySet().stream()
                .filter(e -> e.getValue().init().filter(init::equals).isPresent())
                .map(Map.Entry::getKey)
                .toList();
    }

    private void bury(ProcessIdentity identity) {
        Process process;
        synchronized (this) {
            process = living.remove(identity);
        }
        if (process != null) {
            List.copyOf(process.watchers()).forEach(Runnable::run);
        }
    }

    synchronized List<String> holdings() {
        List<String> all = new ArrayList<>();
        living.values().forEach(p -> all.add((p.init().isPresent() ? "monitor of " : "init of ") + p.sandbox()));
        attendants.values().forEach(a -> all.add(a.what()));
        return all;
    }
}
