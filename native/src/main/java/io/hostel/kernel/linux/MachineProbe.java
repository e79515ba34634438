package io.hostel.kernel.linux;

import io.hostel.kernel.Capabilities;
import io.hostel.kernel.KernelException;
import io.hostel.sys.Fd;
import io.hostel.sys.KernelFile;
import io.hostel.sys.Pidfd;
import io.hostel.sys.Self;
import io.hostel.sys.SysException;
import io.hostel.sys.Uname;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Looks at what the machine offers and changes nothing: network parts are tried in a network namespace that ends with the
 * trial.
 */
public final class MachineProbe {
    private static final List<String> NAMESPACES = List.of("cgroup", "ipc", "mnt", "net", "pid", "user", "uts");
    // Overlayfs takes ID-mapped lower layers since 5.19; pidfds, clone3 and cgroup.kill are older.
    private static final int[] LEAST_KERNEL = {5, 19};
    private static final int[] TMPFS_MAPS_SINCE = {6, 3};
    private static final Map<String, String> LIMIT_NAMES =
            Map.of("mnt", "max_mnt_namespaces", "user", "max_user_namespaces", "net", "max_net_namespaces");

    private final Path stateDir;
    private final Findings findings = new Findings();

    private MachineProbe(Path stateDir) {
        this.stateDir = stateDir;
    }

    /**
     * @param stateDir where images, artifacts and the pool of layers are to lie; need not be there yet
     * @throws KernelException where it can't even be looked
     */
    public static Capabilities look(Path stateDir) throws KernelException {
        try {
            return new MachineProbe(stateDir).look();
        } catch (SysException e) {
            throw Refused.by(e);
        }
    }

    private Capabilities look() throws SysException {
        Uname uname = Uname.read();
        privileges();
        kernel(uname);
        List<String> namespaces = namespaces();
        pidfds();
        ControlGroupProbe.look(findings);
        fileSystems(uname.release());
        seccomp();
        if (Self.effectiveUid() == 0) NetworkProbe.look(findings);
        return findings.toCapabilities(uname.release(), namespaces);
    }

    private void privileges() throws SysException {
        String effective = KernelFile.read("/proc/self/status")
                .lines()
                .filter(line -> line.startsWith("CapEff:"))
                .findFirst()
                .map(line -> line.substring("CapEff:".length()).strip())
                .orElse("0");
        long capabilities = Long.parseUnsignedLong(effective, 16);
        long needed = 1L << 21 | 1L << 12 | 1L << 6 | 1L << 7; // SYS_ADMIN, NET_ADMIN, SETGID, SETUID: capabilities(7)
        boolean enough = Self.effectiveUid() == 0 && (capabilities & needed) == needed;
        findings.needs(
                "root", enough, "the host is not root with all capabilities: run it with sudo, outside containers");
    }

    private void kernel(Uname uname) {
        boolean young = !isOlder(uname.release(), LEAST_KERNEL);
        findings.needs(
                "kernel",
                young,
                "Linux " + uname.release()
                        + " is too old: 5.19 or newer is needed for ID-mapped layers under overlayfs");
        if (young) findings.offers("kernel", uname.release());
        boolean known = List.of("x86_64", "aarch64").contains(uname.machine());
        findings.needs("architecture", known, uname.machine() + " is not supported: use x86_64 or aarch64");
        if (known) findings.offers("architecture", uname.machine());
    }

    static boolean isOlder(String release, int[] least) {
        Matcher numbers = Pattern.compile("(\\d+)\\.(\\d+).*").matcher(release);
        if (!numbers.matches()) return true;
        int major = Integer.parseInt(numbers.group(1));
        int minor = Integer.parseInt(numbers.group(2));
        return major != least[0] ? major < least[0] : minor < least[1];
    }

    private List<String> namespaces() {
        for (String kind : NAMESPACES) {
            findings.needs(
                    "namespace." + kind,
                    Files.exists(Path.of("/proc/self/ns", kind)) && mayBeMade(kind),
                    "the kernel makes no " + kind + " namespaces: boot one built with them, and see /proc/sys/user/max_"
                            + kind + "_namespaces");
        }
        return NAMESPACES.stream()
                .filter(kind -> Files.exists(Path.of("/proc/self/ns", kind)))
                .toList();
    }

    private static boolean mayBeMade(String kind) {
        String limit = LIMIT_NAMES.get(kind);
        if (limit == null) return true;
        try {
            return !KernelFile.read("/proc/sys/user/" + limit).strip().equals("0");
        } catch (SysException e) {
            return true; // a kernel without the limit
        }
    }

    private void pidfds() {
        boolean there;
        try (Fd self = Pidfd.open((int) ProcessHandle.current().pid())) {
            there = self.open();
        } catch (SysException e) {
            there = false;
        }
        findings.needs("pidfd", there, "the kernel refuses pidfd_open(2): boot 5.19 or newer");
    }

    private void fileSystems(String release) throws SysException {
        KernelModules modules = KernelModules.of(release);
        findings.needs(
                "overlayfs",
                modules.hasFileSystem("overlay"),
                "the kernel has no overlayfs: modprobe overlay, or boot a kernel that has it");
        if (!Files.exists(stateDir.resolve("layers.pool")) && ProjectLayers.offered(stateDir)) {
            String type = mountOf(stateDir).map(MountEntry::type).orElse("the state disk");
            findings.offers("quota", "project quotas of " + type);
        } else {
            pool(modules);
        }
        stateDirectory();
    }

    private void pool(KernelModules modules) {
        boolean btrfs = modules.hasFileSystem("btrfs");
        boolean loop = Files.exists(Path.of("/dev/loop-control"));
        findings.needs("btrfs", btrfs, "the kernel has no btrfs: modprobe btrfs, or boot a kernel that has it");
        findings.needs("loop", loop, "there are no loop devices (/dev/loop-control): modprobe loop");
        if (btrfs && loop) findings.offers("quota", "btrfs subvolumes in a file");
    }

    private void stateDirectory() throws SysException {
        Optional<MountEntry> below = mountOf(stateDir);
        if (below.isEmpty()) return;
        String type = below.get().type();
        boolean maps = !List.of("overlay", "nfs", "nfs4", "cifs", "9p").contains(type)
                && !type.startsWith("fuse")
                && !type.equals("virtiofs")
                && !(type.equals("tmpfs") && isOlder(Uname.read().release(), TMPFS_MAPS_SINCE));
        findings.needs(
                "idmapped-mounts",
                maps,
                "hostel.state-dir " + stateDir + " lies on " + type
                        + ", which cannot be ID-mapped: put it on ext4, xfs or" + " btrfs");
        if (maps) findings.offers("idmapped-mounts", "on " + type);
    }

    private static Optional<MountEntry> mountOf(Path path) throws SysException {
        Path wanted = path.toAbsolutePath().normalize();
        return MountEntry.parse(KernelFile.read("/proc/self/mountinfo")).stream()
                .filter(mount -> wanted.startsWith(mount.point()))
                .max(Comparator.comparingInt(mount -> mount.point().getNameCount()));
    }

    private void seccomp() {
        findings.needs(
                "seccomp",
                Files.exists(Path.of("/proc/sys/kernel/seccomp/actions_avail")),
                "the kernel has no seccomp filters: boot one built with CONFIG_SECCOMP_FILTER");
    }
}
