package io.hostel.kernel.linux;

import io.hostel.kernel.KernelException;
import io.hostel.kernel.Launcher;
import io.hostel.kernel.ProcessIdentity;
import io.hostel.kernel.Processes;
import io.hostel.sys.Directory;
import io.hostel.sys.Errno;
import io.hostel.sys.Fd;
import io.hostel.sys.OpenFile;
import io.hostel.sys.Pidfd;
import io.hostel.sys.Sockets;
import io.hostel.sys.SysException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Launches by the static launcher in {@code src/main/c}: a zygote for each sandbox, and by it a monitor for each launch. Both
 * are spoken to by control sockets in their record directories.
 */
public final class LinuxLauncher implements Launcher, AutoCloseable {
    /** A launch takes milliseconds; this is for a machine that hangs. */
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private static final int KILL = 9;
    private static final Logger LOG = LoggerFactory.getLogger(LinuxLauncher.class);

    private final LauncherPlans plans;
    private final Processes processes;
    private final Executor kernel;
    private final UserNamespaces userNamespaces = new UserNamespaces();
    private @Nullable LauncherProgram program;
    private @Nullable Fd template;

    /** @param kernel where results of {@link #exec} are read: may block for milliseconds */
    public LinuxLauncher(LinuxCgroups cgroups, Processes processes, Executor kernel) {
        this.plans = new LauncherPlans(cgroups);
        this.processes = processes;
        this.kernel = kernel;
    }

    /** Again, it makes a new template: for mounts that have come since and were not propagated. */
    @Override
    public synchronized void prepare(Path pins) throws KernelException {
        try {
            if (program == null) program = new LauncherProgram();
            Fd before = template;
            template = TemplateNamespace.make(pins);
            if (before != null) before.close();
            Optional<byte[]> birth = plans.birth();
            if (birth.isPresent()) tryBirth(birth.get());
        } catch (SysException e) {
            throw Refused.by(e);
        }
    }

    /** What cannot be told is taken for the worse: no host is kept from starting by it. */
    private void tryBirth(byte[] birth) {
        String amiss;
        try {
            LauncherProgram.Started started = start(List.of("hostel-launcher"), birth);
            try (Fd answer = started.answer();
                    Fd launcher = Pidfd.open(started.pid())) {
                Optional<LauncherReport> failure = LauncherReport.await(answer, PATIENCE, told -> {});
                if (failure.isPresent()) Pidfd.signal(launcher, KILL);
                Pidfd.await(launcher);
                if (failure.isEmpty()) return;
                amiss = failure.get().toString();
            }
        } catch (SysException e) {
            amiss = e.getMessage();
        }
        plans.leaveFirst();
        LOG.warn(
                "Sandboxes take 10 ms longer to make, until this host is stopped and started again: its own control group was"
                        + " once killed whole, or so it seems ({})",
                amiss);
    }

    @Override
    public void ready(Ahead ahead) throws KernelException {
        zygote(ahead.id(), plans.zygote(ahead));
    }

    private void zygote(String id, byte[] plan) throws KernelException {
        try {
            LauncherProgram.Started started = start(List.of("hostel-launcher", id), plan);
            try (Fd answer = started.answer();
                    Fd launcher = Pidfd.open(started.pid())) {
                Optional<LauncherReport> failure = LauncherReport.await(answer, PATIENCE, told -> {});
                if (failure.isPresent()) {
                    Pidfd.signal(launcher, KILL);
                    Pidfd.await(launcher);
                    throw failure.get().refusal(id);
                }
                reapWhenEnded(started.pid());
            }
        } catch (SysException e) {
            throw Refused.by(e);
        }
    }

    @Override
    public Optional<ProcessIdentity> zygote(Path records) throws KernelException {
        return LaunchRecords.zygote(records).filter(processes::alive);
    }

    @Override
    public Optional<Parked> parked(Path recordDir) throws KernelException {
        return LaunchRecords.parked(recordDir).filter(p -> processes.alive(p.monitor()) && processes.alive(p.init()));
    }

    @Override
    public void unready(Path records) throws KernelException {
        Optional<ProcessIdentity> zygote = LaunchRecords.zygote(records);
        if (zygote.isPresent()) processes.signal(zygote.get(), KILL);
        for (String launch : Directory.names(records.toString())) {
            Optional<Parked> parked = LaunchRecords.parked(records.resolve(launch));
            if (parked.isEmpty()) continue;
            processes.signal(parked.get().monitor(), KILL);
            processes.signal(parked.get().init(), KILL);
        }
    }

    @Override
    public Optional<Forked> fork(Path records) throws KernelException {
        try {
            return LinuxLaunching.connect(records).map(ForkedByZygote::new);
        } catch (SysException e) {
            throw Refused.by(e);
        }
    }

    /** The zygote forks for every connection, and who was forked ends with it. */
    private record ForkedByZygote(Fd connection) implements Forked {
        @Override
        public void close() {
            connection.close();
        }
    }

    @Override
    public Launching begin(Plan plan, Optional<Forked> forked) throws KernelException {
        SandboxUser user = SandboxUser.parse(plan.user());
        try {
            Fd userns = userNamespaces.of(plan.uidBase(), this::start, PATIENCE);
            try {
                Fd planned = OpenFile.sealed("hostel-plan", plans.launch(plan, user, userns));
                return LinuxLaunching.begin(
                        this, plan, userns, planned, forked.map(f -> ((ForkedByZygote) f).connection()));
            } catch (SysException | RuntimeException e) {
                userns.close();
                throw e;
            }
        } catch (SysException e) {
            throw Refused.by(e);
        }
    }

    /** Whether one of those that a launch waits for is stopped, so that it would be waited for in vain. */
    boolean anyStopped(Plan plan) throws KernelException {
        Optional<Parked> pair = LaunchRecords.parked(plan.recordDir());
        return LaunchRecords.zygote(plan.records()).filter(processes::stopped).isPresent()
                || pair.filter(p -> processes.stopped(p.monitor()) || processes.stopped(p.init()))
                        .isPresent();
    }

    /** Of a sandbox whose zygote is gone or does not answer. */
    void replaceZygote(Plan plan) throws KernelException {
        unready(plan.records());
        zygote(plan.id(), plans.zygote(plan));
    }

    /** Nothing of a launch that failed stays: its monitor goes by itself, or is not waited for any longer. */
    void end(Path recordDir) throws KernelException, SysException {
        Optional<Parked> pair = LaunchRecords.parked(recordDir);
        if (pair.isEmpty()) return;
        for (ProcessIdentity each : List.of(pair.get().monitor(), pair.get().init())) {
            processes.signal(each, KILL);
            awaitEnd(each);
        }
        LaunchRecords.forget(recordDir);
    }

    private void awaitEnd(ProcessIdentity process) throws SysException {
        try (Fd pidfd = Pidfd.open(process.pid())) {
            // Looked at while the descriptor holds the number.
            if (processes.alive(process)) Sockets.readable(pidfd, (int) PATIENCE.toMillis());
        } catch (SysException e) {
            if (!e.is(Errno.ESRCH)) throw e;
        }
    }

    @Override
    public CompletionStage<ExecResult> exec(ExecPlan plan) throws KernelException {
        SandboxUser user = SandboxUser.parse(plan.user());
        try (Fd init = Pidfd.open(plan.init().pid())) {
            // Looked at while the descriptor holds the number.
            if (!processes.alive(plan.init())) throw gone(plan.init());
            SandboxExec exec = new SandboxExec(plan);
            try {
                LauncherProgram.Started started =
                        start(List.of("hostel-exec", lastName(plan.cgroup())), plans.exec(plan, user), init, exec.descriptors());
                settle(started, plan.command().get(0));
                return whenEnded(started.pid(), exec);
            } catch (SysException | KernelException | RuntimeException e) {
                exec.close();
                throw e;
            }
        } catch (SysException e) {
            if (e.is(Errno.ESRCH)) throw gone(plan.init());
            throw Refused.by(e);
        }
    }

    @Override
    public Optional<Launched> launched(Path recordDir) throws KernelException {
        return LaunchRecords.launched(recordDir);
    }

    /** The monitor forgets what was parked before it answers. */
    @Override
    public boolean executed(Path recordDir) throws KernelException {
        return LaunchRecords.launched(recordDir).isPresent()
                && LaunchRecords.parked(recordDir).isEmpty();
    }

    @Override
    public Optional<Exit> exit(Path recordDir) throws KernelException {
        return LaunchRecords.exit(recordDir);
    }

    /** Lets go of the template, and so of the mounts that it holds. What has been launched goes on. */
    @Override
    public synchronized void close() {
        if (program != null) program.close();
        if (template != null) template.close();
        userNamespaces.close();
        program = null;
        template = null;
    }

    private LauncherProgram.Started start(List<String> name, byte[] text) throws SysException {
        return start(name, text, template(), List.of());
    }

    private LauncherProgram.Started start(List<String> name, byte[] text, Fd from, List<Fd> more) throws SysException {
        LauncherProgram prepared;
        synchronized (this) {
            if (program == null) throw new IllegalStateException("launcher is not prepared");
            prepared = program;
        }
        return prepared.start(name, text, from, more);
    }

    private synchronized Fd template() {
        if (template == null) throw new IllegalStateException("launcher is not prepared");
        return template;
    }

    /** Waits for the launcher's answer to an exec. After a failure it is gone, and what it had made with it. */
    private static void settle(LauncherProgram.Started started, String command) throws SysException, KernelException {
        try (Fd answer = started.answer();
                Fd launcher = Pidfd.open(started.pid())) {
            Optional<LauncherReport> failure = LauncherReport.await(answer, PATIENCE, told -> {});
            if (failure.isEmpty()) return;
            if (failure.get().errno() == Errno.ETIMEDOUT) Pidfd.signal(launcher, KILL);
            Pidfd.await(launcher);
            throw failure.get().refusal(command);
        }
    }

    private void reapWhenEnded(int monitor) throws KernelException {
        Optional<ProcessIdentity> identity = processes.identify(monitor);
        if (identity.isPresent()) processes.watch(identity.get(), () -> {});
    }

    private CompletionStage<ExecResult> whenEnded(int pid, SandboxExec exec) throws KernelException {
        CompletableFuture<ExecResult> stage = new CompletableFuture<>();
        ProcessIdentity launcher = processes
                .identify(pid)
                .orElseThrow(() -> new KernelException(Errno.ESRCH.name(), "watch", "exec " + pid, "it is gone"));
        processes.watch(
                launcher,
                () -> kernel.execute(() -> {
                    try (exec) {
                        stage.complete(exec.result());
                    } catch (SysException e) {
                        stage.completeExceptionally(Refused.by(e));
                    } catch (KernelException | RuntimeException e) {
                        stage.completeExceptionally(e);
                    }
                }));
        return stage;
    }

    private static String lastName(String group) {
        return group.substring(group.lastIndexOf('/') + 1);
    }

    private static KernelException gone(ProcessIdentity init) {
        return new KernelException(
                Errno.ESRCH.name(), "exec in", "sandbox", "its init, process " + init.pid() + ", is gone");
    }
}
