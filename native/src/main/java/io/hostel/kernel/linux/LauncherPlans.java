package io.hostel.kernel.linux;

import io.hostel.kernel.Cgroups;
import io.hostel.kernel.Launcher.Ahead;
import io.hostel.kernel.Launcher.ExecPlan;
import io.hostel.kernel.Launcher.Plan;
import io.hostel.sys.Fd;
import io.hostel.sys.KernelFile;
import io.hostel.sys.SysException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** What the launcher is told in each of its modes; see {@code struct plan} in {@code launcher.h}. */
final class LauncherPlans {
    private final LinuxCgroups cgroups;
    private volatile boolean leaveFirst;

    LauncherPlans(LinuxCgroups cgroups) {
        this.cgroups = cgroups;
    }

    /** Tries whether a child of the launcher's, which starts in this process's group, lives in another; empty on v1. */
    Optional<byte[]> birth() {
        return cgroups.directory(Cgroups.MONITORS)
                .map(group -> new PlanText()
                        .put("mode", "birth")
                        .put("unified", 1)
                        .put("cgroup", group)
                        .bytes());
    }

    /** From now on everybody leaves this process's group before they have children in others. */
    void leaveFirst() {
        leaveFirst = true;
    }

    /** For a zygote that parks nothing: an init is wanted at once. */
    byte[] zygote(Plan plan) {
        return zygote(plan.id(), plan.netns(), plan.records(), plan.cgroup()).bytes();
    }

    byte[] zygote(Ahead ahead) {
        return zygote(ahead.id(), ahead.netns(), ahead.records(), ahead.cgroup())
                .put("record", ahead.first())
                .bytes();
    }

    private PlanText zygote(String id, Path netns, Path records, String cgroup) {
        PlanText text = new PlanText().put("mode", "zygote");
        sandbox(text, id, netns, records, cgroup);
        return text;
    }

    /** @param userns the tenant's user namespace, open in this process for as long as the launch takes */
    byte[] launch(Plan plan, SandboxUser user, Fd userns) {
        Path layer = parent(plan.upper());
        if (!layer.equals(parent(plan.work()))) {
            throw new IllegalArgumentException("upper and work of one directory: " + plan.upper() + ", " + plan.work());
        }
        PlanText text = new PlanText().put("mode", "launch");
        sandbox(text, plan.id(), plan.netns(), plan.records(), plan.cgroup());
        text.put("record", plan.recordDir())
                .put("userns", pathFromOutside(userns))
                .put("uid_base", plan.uidBase())
                .each("lower", plan.lowerLayers())
                .each("bind", plan.binds())
                .put("layer", layer)
                .put("upper", name(plan.upper()))
                .put("work", name(plan.work()))
                .put("log_dir", parent(plan.logFile()))
                .put("log_name", name(plan.logFile()))
                .put("log_bytes", plan.logBytes())
                .put("log_rate", plan.logRate());
        command(text, plan.command(), plan.environment(), plan.directory(), user, plan.files());
        return text.bytes();
    }

    byte[] exec(ExecPlan plan, SandboxUser user) throws SysException {
        PlanText text = new PlanText()
                .put("mode", "exec")
                .put("uid_base", uidBase(plan.init().pid()))
                .put("timeout_ms", Math.max(1, plan.timeout().toMillis()))
                .put("output_bytes", plan.outputBytes());
        command(text, plan.command(), plan.environment(), plan.directory(), user, plan.files());
        groups(text, plan.cgroup());
        return text.bytes();
    }

    static byte[] userNamespace(int uidBase) {
        return new PlanText().put("mode", "userns").put("uid_base", uidBase).bytes();
    }

    /** Where another process of the host opens what is open here. */
    static String pathFromOutside(Fd fd) {
        return "/proc/" + ProcessHandle.current().pid() + "/fd/" + fd.number();
    }

    private void sandbox(PlanText text, String id, Path netns, Path records, String cgroup) {
        text.put("id", id).put("netns", netns).put("records", records);
        boolean unified = unified(cgroup);
        for (Path directory : directories(cgroup)) {
            text.put("view", unified ? "." : name(cgroups.mount(directory)));
        }
        groups(text, cgroup);
    }

    private void groups(PlanText text, String cgroup) {
        text.put("unified", unified(cgroup) ? 1 : 0)
                .put("leave_first", leaveFirst ? 1 : 0)
                .each("cgroup", directories(cgroup))
                .each("monitors", directories(monitors(cgroup)));
    }

    /** The tenant's; one that an earlier daemon's sandboxes share, where the group is no tenant's. */
    private static String monitors(String cgroup) {
        int slash = cgroup.indexOf('/');
        return slash < 0 ? Cgroups.MONITORS : Cgroups.monitorsOf(cgroup.substring(0, slash));
    }

    private static void command(
            PlanText text,
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
                .put("files", files);
    }

    private boolean unified(String cgroup) {
        return cgroups.directory(cgroup).isPresent();
    }

    private List<Path> directories(String cgroup) {
        return cgroups.entrances(cgroup).stream().map(LauncherPlans::parent).toList();
    }

    /** First line of uid_map: inside, outside, count; user_namespaces(7). */
    private static int uidBase(int pid) throws SysException {
        String map = KernelFile.read("/proc/" + pid + "/uid_map");
        return Integer.parseInt(map.strip().split("\\s+")[1]);
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
