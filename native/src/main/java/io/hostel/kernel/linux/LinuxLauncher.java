package io.hostel.kernel.linux;

import io.hostel.kernel.KernelException;
import io.hostel.kernel.Launcher;
import io.hostel.kernel.ProcessIdentity;
import io.hostel.kernel.Processes;
import io.hostel.sys.Errno;
import io.hostel.sys.Fd;
import io.hostel.sys.KernelFile;
import io.hostel.sys.Pidfd;
import io.hostel.sys.SysException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** Launches by the static launcher in {@code src/main/c}: one process per launch, which stays as monitor. */
public final class LinuxLauncher implements Launcher, AutoCloseable {
    /** A launch takes milliseconds; this is for a machine that hangs. */
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private static final int KILL = 9;

    private final LinuxCgroups cgroups;
    private final Processes processes;
    private final Executor kernel;
    private @Nullable LauncherProgram program;
    private @Nullable Fd template;

    /** @param kernel where results of {@link #exec} are read: may block for milliseconds */
    public LinuxLauncher(LinuxCgroups cgroups, Processes processes, Executor kernel) {
        this.cgroups = cgroups;
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
        } catch (SysException e) {
            throw Refused.by(e);
        }
    }

    @Override
    public Launched launch(Plan plan) throws KernelException {
        SandboxUser user = SandboxUser.parse(plan.user());
        byte[] text = launchText(plan, user);
        try {
            LauncherProgram.Started started = start(List.of("hostel-monitor", plan.id()), text, template(), List.of());
            settle(started, plan.command().get(0), Optional.of(plan.recordDir()));
        } catch (SysException e) {
            throw Refused.by(e);
        }
        return launched(plan.recordDir())
                .orElseThrow(() -> new KernelException(
                        Errno.ENOENT.name(), "read the record of", plan.id(), "the launcher left none"));
    }

    @Override
    public CompletionStage<ExecResult> exec(ExecPlan plan) throws KernelException {
        SandboxUser user = SandboxUser.parse(plan.user());
        try (Fd init = Pidfd.open(plan.init().pid())) {
            // Looked at while the descriptor holds the number.
            if (!processes.alive(plan.init())) throw gone(plan.init());
            byte[] text = execText(plan, user);
            SandboxExec exec = new SandboxExec(plan);
            try {
                LauncherProgram.Started started =
                        start(List.of("hostel-exec", plan.cgroup()), text, init, exec.descriptors());
                settle(started, plan.command().get(0), Optional.empty());
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

    @Override
    public Optional<Exit> exit(Path recordDir) throws KernelException {
        return LaunchRecords.exit(recordDir);
    }

    /** Lets go of the template, and so of the mounts that it holds. What has been launched goes on. */
    @Override
    public synchronized void close() {
        if (program != null) program.close();
        if (template != null) template.close();
        program = null;
        template = null;
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

    /** Waits for the launcher's answer. After a failure it is gone, and what it had made with it. */
    private void settle(LauncherProgram.Started started, String command, Optional<Path> recordDir)
            throws SysException, KernelException {
        try (Fd answer = started.answer();
                Fd launcher = Pidfd.open(started.pid())) {
            Optional<LauncherReport> failure = LauncherReport.await(answer, PATIENCE);
            if (failure.isEmpty()) {
                if (recordDir.isPresent()) reapWhenEnded(started.pid());
                return;
            }
            if (failure.get().errno() == Errno.ETIMEDOUT) killAll(launcher, recordDir);
            Pidfd.await(launcher);
            throw failure.get().refusal(command);
        }
    }

    /** The monitor first: it would write an exit record. Its init, should there be one already, is known by the record. */
    private void killAll(Fd launcher, Optional<Path> recordDir) throws SysException, KernelException {
        Pidfd.signal(launcher, KILL);
        Optional<Launched> half = recordDir.isPresent() ? launched(recordDir.get()) : Optional.empty();
        if (half.isPresent()) processes.signal(half.get().init(), KILL);
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

    private byte[] launchText(Plan plan, SandboxUser user) {
        Path layer = parent(plan.upper());
        if (!layer.equals(parent(plan.work()))) {
            throw new IllegalArgumentException("upper and work of one directory: " + plan.upper() + ", " + plan.work());
        }
        PlanText text = new PlanText()
                .put("mode", "launch")
                .put("id", plan.id())
                .put("netns", plan.netns())
                .put("uid_base", plan.uidBase())
                .each("lower", plan.lowerLayers())
                .each("bind", plan.binds())
                .put("layer", layer)
                .put("upper", name(plan.upper()))
                .put("work", name(plan.work()))
                .put("record", plan.recordDir())
                .put("log_dir", parent(plan.logFile()))
                .put("log_name", name(plan.logFile()))
                .put("log_bytes", plan.logBytes());
        command(text, plan.cgroup(), plan.command(), plan.environment(), plan.directory(), user, plan.files());
        for (Path directory : directories(plan.cgroup())) {
            // A hierarchy's mount point holds the host's group, which holds this one.
            text.put("view", unified(plan.cgroup()) ? "." : name(parent(parent(directory))));
        }
        return text.bytes();
    }

    private byte[] execText(ExecPlan plan, SandboxUser user) throws SysException {
        PlanText text = new PlanText()
                .put("mode", "exec")
                .put("uid_base", uidBase(plan.init().pid()))
                .put("timeout_ms", Math.max(1, plan.timeout().toMillis()))
                .put("output_bytes", plan.outputBytes());
        command(text, plan.cgroup(), plan.command(), plan.environment(), plan.directory(), user, plan.files());
        return text.bytes();
    }

    private void command(
            PlanText text,
            String cgroup,
            List<String> command,
            List<String> environment,
            String directory,
            SandboxUser user,
            int files) {
        text.each("arg", command)
                .each("env", environment)
                .put("directory", directory)
                .put("uid", user.uid())
                .put("gid", user.gid())
                .put("files", files)
                .put("unified", unified(cgroup) ? 1 : 0)
                .each("cgroup", directories(cgroup))
                .each("monitors", directories(LinuxCgroups.MONITORS));
    }

    private boolean unified(String cgroup) {
        return cgroups.directory(cgroup).isPresent();
    }

    private List<Path> directories(String cgroup) {
        return cgroups.entrances(cgroup).stream().map(LinuxLauncher::parent).toList();
    }

    /** First line of uid_map: inside, outside, count; user_namespaces(7). */
    private static int uidBase(int pid) throws SysException {
        String map = KernelFile.read("/proc/" + pid + "/uid_map");
        return Integer.parseInt(map.strip().split("\\s+")[1]);
    }

    private static KernelException gone(ProcessIdentity init) {
        return new KernelException(
                Errno.ESRCH.name(), "exec in", "sandbox", "its init, process " + init.pid() + ", is gone");
    }

    private static Path parent(Path path) {
        Path parent = path.getParent();
        if (parent == null) throw new IllegalArgumentException("an absolute path is needed: " + path);
        return parent;
    }

    private static String name(Path path) {
        return String.valueOf(path.getFileName());
    }
}
