package io.hostel.kernel;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/**
 * Starts processes in sandboxes by the static launcher. It stays beside each sandbox as its monitor: holds the logs, waits for
 * init and writes the exit record; it outlives the daemon.
 */
public interface Launcher {

    /**
     * Compiles the seccomp filter and makes the template mount namespace that launches start from: without the pins below
     * {@code pins}, so that its copies stay small.
     */
    void prepare(Path pins) throws KernelException;

    /**
     * Readies a sandbox ahead of need: starts its zygote, which is in its control groups and forks what launches need, and
     * parks an init for the first launch. The host's next daemon finds both. Returns when they wait.
     */
    void ready(Ahead ahead) throws KernelException;

    /** The zygote below a directory of records; empty where none lives. */
    Optional<ProcessIdentity> zygote(Path records) throws KernelException;

    /** What is parked in a launch's record directory and lives; empty where nothing is, or it has been launched. */
    Optional<Parked> parked(Path recordDir) throws KernelException;

    /** Ends the zygote below a directory of records, and what is parked there; nothing happens where nothing is. */
    void unready(Path records) throws KernelException;

    /**
     * Begins a launch: of the init that is parked in the plan's record directory, or of one that the sandbox's zygote makes,
     * or first of a zygote. It goes on by itself as far as it can, and comes to its end in {@link Launching#go}. The layer
     * is there; what else the command needs may come meanwhile.
     *
     * @param forked for this launch, closed by it
     */
    Launching begin(Plan plan, Optional<Forked> forked) throws KernelException;

    /** Has the sandbox's zygote make the next launch's monitor and init before there is a plan; empty where there is no zygote. */
    Optional<Forked> fork(Path records) throws KernelException;

    /** A monitor and an init that wait for their plan. Closed before they have one, they end; then nothing happens. */
    interface Forked extends AutoCloseable {
        @Override
        void close();
    }

    /** Begins a launch and lets the command run. */
    default Launched launch(Plan plan, Laps laps) throws KernelException {
        try (Launching launching = begin(plan, Optional.empty())) {
            return launching.go(laps, () -> {});
        }
    }

    /** A launch under way, for one thread after the other. Closed before its command runs, it leaves no init and no monitor. */
    interface Launching extends AutoCloseable {
        /**
         * Lets the command run. Returns once it has been executed.
         *
         * @param meanwhile done while the launcher is at it; must not throw
         * @throws KernelException operation {@code exec} and the program as target where the command itself could not be
         *     executed; what is left is taken away by {@link #close}
         */
        Launched go(Laps laps, Runnable meanwhile) throws KernelException;

        /** Ends what has begun, unless its command runs; then nothing happens. */
        @Override
        void close() throws KernelException;
    }

    /**
     * Runs a command in a running sandbox: same namespaces, cgroup, capabilities and filter. Returns at once; the stage
     * completes when the command has ended.
     *
     * @throws KernelException ESRCH where the sandbox's init is gone
     */
    CompletionStage<ExecResult> exec(ExecPlan plan) throws KernelException;

    /** What the launch left in its record directory: for adoption; empty where no launch got as far as an init. */
    Optional<Launched> launched(Path recordDir) throws KernelException;

    /** Whether the command of the launch with this record directory has been executed, whatever has become of it since. */
    boolean executed(Path recordDir) throws KernelException;

    /** The exit record that the monitor wrote; empty while init runs or when the monitor died before it could write. */
    Optional<Exit> exit(Path recordDir) throws KernelException;

    /**
     * What is known of a sandbox before there is a tenant.
     *
     * @param id hostname inside
     * @param netns pin of the network namespace
     * @param cgroup as in {@link Cgroups}
     * @param records directory on tmpfs of this sandbox's own
     * @param first directory in it, for the records of the first launch
     */
    record Ahead(String id, Path netns, String cgroup, Path records, Path first) {}

    /** Both wait: init in the sandbox, the monitor beside it. */
    record Parked(ProcessIdentity monitor, ProcessIdentity init) {}

    /** Where it goes how long each part of a launch took. Called on the launching thread; must not block. */
    @FunctionalInterface
    interface Laps {
        Laps NOWHERE = (part, time) -> {};

        /** @param part {@code hand}, {@code mounts}, {@code confine} or, from the word to go, {@code exec} */
        void took(String part, Duration time);
    }

    /**
     * @param id hostname inside
     * @param netns pin of the network namespace
     * @param cgroup as in {@link Cgroups}
     * @param uidBase host uid of uid 0 inside; the range has 65,536
     * @param lowerLayers read-only trees, topmost first; shown ID-mapped
     * @param binds read-only trees of the host shown at the same path inside, as they are (no ID map), e.g. /usr
     * @param environment {@code KEY=value}
     * @param directory working directory inside
     * @param user uid inside, or uid:gid
     * @param files RLIMIT_NOFILE
     * @param recordDir directory on tmpfs of this launch's own: launch and exit records
     * @param logFile CRI log; rotated once to NAME.1 so that both together stay within {@code logBytes}
     * @param logRate bytes per second that are kept of what is written, 0 for all; the log says how much was dropped
     */
    record Plan(
            String id,
            Path netns,
            String cgroup,
            int uidBase,
            List<Path> lowerLayers,
            List<Path> binds,
            Path upper,
            Path work,
            List<String> command,
            List<String> environment,
            String directory,
            String user,
            int files,
            Path recordDir,
            Path logFile,
            long logBytes,
            long logRate) {
        public Plan {
            lowerLayers = List.copyOf(lowerLayers);
            binds = List.copyOf(binds);
            command = List.copyOf(command);
            environment = List.copyOf(environment);
        }

        /** Its directory of records, which holds that of this launch. */
        public Path records() {
            return Objects.requireNonNull(recordDir.getParent(), "a launch's records lie below its sandbox's");
        }
    }

    /**
     * @param namespaces of init by kind, as {@code readlink /proc/PID/ns/*} shows them
     */
    record Launched(ProcessIdentity monitor, ProcessIdentity init, Instant at, Map<String, String> namespaces) {
        public Launched {
            namespaces = Map.copyOf(namespaces);
        }
    }

    /**
     * How the command ended, or init where something else ended it.
     *
     * @param code exit status 0..255, absent where a signal ended it
     * @param signal its number
     * @param ofCommand true: this is the command's own end; false: init was killed from outside
     * @param wall from when it was executed to that end, by a clock that nobody sets; empty in a record of an earlier version
     */
    record Exit(
            Optional<Integer> code, Optional<Integer> signal, boolean ofCommand, Instant at, Optional<Duration> wall) {}

    /**
     * @param init of the sandbox entered
     * @param outputBytes bound of stdout and of stderr, each
     */
    record ExecPlan(
            ProcessIdentity init,
            String cgroup,
            List<String> command,
            List<String> environment,
            String directory,
            String user,
            int files,
            byte[] stdin,
            Duration timeout,
            int outputBytes) {
        public ExecPlan {
            command = List.copyOf(command);
            environment = List.copyOf(environment);
        }
    }

    /**
     * @param code exit status 0..255, absent where a signal ended it; 127 and 126 as a shell has them where it can't be executed
     * @param stdout closed by whoever has the result, as is {@code stderr}
     * @param timedOut whether it was killed for its timeout
     * @param wall from when it was executed to its end, by a clock that nobody sets
     * @param cpu of the command and of those of its children that it waited for
     */
    record ExecResult(
            Optional<Integer> code,
            Optional<Integer> signal,
            CommandOutput stdout,
            CommandOutput stderr,
            boolean truncated,
            boolean timedOut,
            Duration wall,
            Duration cpu) {}
}
