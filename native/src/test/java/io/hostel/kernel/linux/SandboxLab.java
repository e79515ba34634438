package io.hostel.kernel.linux;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.hostel.kernel.Cgroups;
import io.hostel.kernel.Cgroups.Limits;
import io.hostel.kernel.CommandOutput;
import io.hostel.kernel.KernelException;
import io.hostel.kernel.Launcher.Ahead;
import io.hostel.kernel.Launcher.ExecPlan;
import io.hostel.kernel.Launcher.ExecResult;
import io.hostel.kernel.Launcher.Exit;
import io.hostel.kernel.Launcher.Laps;
import io.hostel.kernel.Launcher.Launched;
import io.hostel.kernel.Launcher.Plan;
import io.hostel.kernel.ProcessIdentity;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A machine with one sandbox on it, its writable layer an ordinary directory: what the launcher needs and nothing more. */
final class SandboxLab implements AutoCloseable {
    static final int UID_BASE = 1_000_000;
    static final String ID = "itsandbox001";
    private static final String TENANT = "t-7";
    private static final String GROUP = TENANT + "/hs-" + ID;

    final Path root;
    final Path upper;
    final Path artifact;
    final Path image;
    final Path log;
    final LinuxLauncher launcher;
    final LinuxProcesses processes;
    private final ExecutorService executor = Executors.newSingleThreadExecutor();
    private final LinuxCgroups cgroups;
    private final LinuxNetns netns = new LinuxNetns();
    final Path pins;
    private final List<Launched> launches = new ArrayList<>();
    private Optional<Path> logDisk = Optional.empty();

    SandboxLab() throws Exception {
        // Not on tmpfs: before 6.3 it is no file system whose owners can be mapped.
        root = Files.createTempDirectory("launcher-it");
        Files.setPosixFilePermissions(root, PosixFilePermissions.fromString("rwxr-xr-x"));
        upper = made("layer/upper");
        own(upper);
        own(made("layer/work"));
        artifact = made("artifact");
        made("artifact/app");
        image = made("image");
        for (String directory : List.of("proc", "sys", "dev", "tmp", "run", "usr", "etc", "var"))
            made("image/" + directory);
        for (String link : List.of("bin", "lib", "lib64", "sbin")) {
            Files.createSymbolicLink(image.resolve(link), Path.of("usr", link));
        }
        log = made("log").resolve("web.log");
        pins = made("pins");
        cgroups = new LinuxCgroups("hostel-it" + ProcessHandle.current().pid());
        processes = new LinuxProcesses();
        launcher = new LinuxLauncher(cgroups, processes, executor);
        netns.prepare(pins);
        netns.create(pins.resolve(ID));
        cgroups.prepare();
        cgroups.bound(TENANT, new Limits(512 << 20, 2, 256));
        cgroups.create(GROUP, new Limits(256 << 20, 1, 64));
        launcher.prepare(pins);
    }

    Path made(String path) throws IOException {
        return Files.createDirectories(root.resolve(path));
    }

    private static void own(Path path) throws IOException {
        Files.setAttribute(path, "unix:uid", UID_BASE);
        Files.setAttribute(path, "unix:gid", UID_BASE);
    }

    Plan plan(String... command) throws IOException {
        return plan("/app", "0", command);
    }

    /** As another user. */
    Plan as(String user, String... command) throws IOException {
        return plan("/app", user, command);
    }

    /** In another working directory. */
    Plan in(String directory, String... command) throws IOException {
        return plan(directory, "0", command);
    }

    private Plan plan(String directory, String user, String... command) throws IOException {
        Path record = made("records/" + launches.size());
        return new Plan(
                ID,
                pins.resolve(ID),
                GROUP,
                UID_BASE,
                List.of(artifact, image),
                List.of(Path.of("/usr")),
                upper,
                root.resolve("layer/work"),
                List.of(command),
                List.of("PATH=/usr/bin:/bin:/usr/sbin:/sbin", "GREETING=hello"),
                directory,
                user,
                512,
                record,
                log,
                1 << 20,
                0);
    }

    /** With another bound for its log. */
    static Plan logging(long bytes, long rate, Plan plan) {
        return new Plan(
                plan.id(),
                plan.netns(),
                plan.cgroup(),
                plan.uidBase(),
                plan.lowerLayers(),
                plan.binds(),
                plan.upper(),
                plan.work(),
                plan.command(),
                plan.environment(),
                plan.directory(),
                plan.user(),
                plan.files(),
                plan.recordDir(),
                plan.logFile(),
                bytes,
                rate);
    }

    /** From now on logs lie on a disk of their own. */
    Path logDisk(String options) throws Exception {
        Path directory = root.resolve("log");
        NetworkLab.run("mount", "-t", "tmpfs", "-o", options, "log", directory.toString());
        logDisk = Optional.of(directory);
        launcher.prepare(pins);
        return directory;
    }

    Launched launch(String... command) throws Exception {
        return launch(plan(command));
    }

    Launched launch(Plan plan) throws KernelException {
        Launched launched = launcher.launch(plan, Laps.NOWHERE);
        launches.add(launched);
        return launched;
    }

    Launched sleeper() throws Exception {
        return launch("sleep", "1000");
    }

    /** How the latest launch ended; all that it wrote is in the log. */
    Exit exit() throws Exception {
        Path record = root.resolve("records/" + (launches.size() - 1));
        Launched latest = launches.get(launches.size() - 1);
        Patience.await().until(() -> !processes.alive(latest.monitor()));
        return launcher.exit(record).orElseThrow();
    }

    /** Runs a command from beginning to end; its log, times and tags cut off. */
    String output(String... command) throws Exception {
        return output(plan(command));
    }

    String output(Plan plan) throws Exception {
        Files.deleteIfExists(log);
        launch(plan);
        exit();
        StringBuilder text = new StringBuilder();
        for (String line : Files.readAllLines(log, UTF_8)) {
            text.append(line.split(" ", 4)[3]).append('\n');
        }
        return text.toString();
    }

    ExecPlan execPlan(Launched launched, String... command) {
        return new ExecPlan(
                launched.init(),
                GROUP,
                List.of(command),
                List.of("PATH=/usr/bin:/bin:/usr/sbin"),
                "/",
                "0",
                512,
                new byte[0],
                Patience.seconds(20),
                64 << 10);
    }

    ExecResult exec(ExecPlan plan) throws Exception {
        return launcher.exec(plan).toCompletableFuture().get(Patience.milliseconds(30_000), TimeUnit.MILLISECONDS);
    }

    /** Its output, both streams. */
    String exec(Launched launched, String script) throws Exception {
        ExecResult result = exec(execPlan(launched, "sh", "-c", script));
        return text(result.stdout()) + text(result.stderr());
    }

    /** All of it; it is closed. */
    static String text(CommandOutput output) throws KernelException {
        try (output) {
            ByteBuffer bytes = ByteBuffer.allocate((int) output.size());
            while (output.read(bytes, bytes.position()) > 0) {}
            return new String(bytes.array(), 0, bytes.position(), UTF_8);
        }
    }

    /** Processes in the sandbox's group that are the tenant's, or its init. */
    List<Integer> members() throws KernelException {
        List<Integer> all = new ArrayList<>(cgroups.processes(GROUP));
        launcher.zygote(records()).ifPresent(zygote -> all.remove((Integer) zygote.pid()));
        return all;
    }

    Path records() {
        return root.resolve("records");
    }

    Ahead ahead() throws IOException {
        return new Ahead(ID, pins.resolve(ID), GROUP, records(), made("records/" + launches.size()));
    }

    /** All of {@link #members}. */
    void killMembers() throws KernelException {
        Optional<ProcessIdentity> zygote = launcher.zygote(records());
        cgroups.kill(GROUP, zygote.isPresent() ? Set.of(zygote.get().pid()) : Set.of());
    }

    List<Integer> monitors() throws KernelException {
        return cgroups.processes(Cgroups.monitorsOf(TENANT));
    }

    /** Everything that launches have started is gone; what else they left would make one of these steps fail. */
    @Override
    public void close() throws Exception {
        Optional<ProcessIdentity> zygote = launcher.zygote(records());
        launcher.unready(records());
        cgroups.killForGood(GROUP);
        if (zygote.isPresent()) Patience.await().until(() -> !processes.alive(zygote.get()));
        for (Launched launched : launches) {
            Patience.await().until(() -> !processes.alive(launched.monitor()) && !processes.alive(launched.init()));
        }
        Patience.await().until(() -> monitors().isEmpty());
        cgroups.remove(GROUP);
        cgroups.remove(TENANT);
        cgroups.unprepare();
        netns.remove(pins.resolve(ID));
        netns.unprepare(pins);
        launcher.close();
        processes.close();
        executor.shutdown();
        if (logDisk.isPresent()) NetworkLab.run("umount", logDisk.get().toString());
        try (Stream<Path> tree = Files.walk(root)) {
            for (Path path : tree.sorted(Comparator.reverseOrder()).toList()) Files.delete(path);
        }
    }
}
