package io.hostel.kernel.linux;

import io.hostel.kernel.Capabilities.Degradation;
import io.hostel.sys.KernelFile;
import io.hostel.sys.SysException;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/**
 * Settings below /proc/sys that are the operator's, and with which a host of many tenants is worse off than it need be: sysctl(8).
 * A distribution with systemd has most of them; the host itself changes none, since they concern all of the machine.
 */
public final class MachineSettings {
    private static final String FILE = "/etc/sysctl.d/60-hostel.conf";

    /** As many tenants as have the standard quota in full: of files 262,144 each, of pids 4,096. */
    private static final long TENANTS = 64;

    private static final List<Setting> ROOM = List.of(
            new Setting("fs.file-max", TENANTS * 262_144, Long.MAX_VALUE),
            new Setting("kernel.pid_max", TENANTS * 4096, 4_194_304));

    private static final List<Setting> WALLS = List.of(
            new Setting("kernel.kptr_restrict", 1, 1),
            new Setting("kernel.yama.ptrace_scope", 1, 1),
            new Setting("fs.protected_symlinks", 1, 1),
            new Setting("fs.protected_hardlinks", 1, 1),
            new Setting("fs.protected_fifos", 1, 1),
            new Setting("fs.protected_regular", 1, 1));

    /**
     * @param least that will do
     * @param wanted what it is best set to
     */
    private record Setting(String name, long least, long wanted) {}

    private MachineSettings() {}

    /** What could be better now, in two lines at most. */
    public static List<Degradation> look() {
        return look("/proc/sys/");
    }

    static List<Degradation> look(String root) {
        List<Degradation> degraded = new ArrayList<>();
        compare(root, degraded, "room", ROOM, "a few tenants that use their quota in full leave none for the others");
        compare(root, degraded, "hardening", WALLS, "local users, and whoever should get out of a sandbox, have it easier");
        return degraded;
    }

    private static void compare(String root, List<Degradation> degraded, String feature, List<Setting> settings, String why) {
        List<String> found = new ArrayList<>();
        List<String> wanted = new ArrayList<>();
        for (Setting setting : settings) {
            OptionalLong value = value(root, setting.name());
            // What this kernel does not have can't be set.
            if (value.isEmpty() || Long.compareUnsigned(value.getAsLong(), setting.least()) >= 0) continue;
            found.add(setting.name() + " is " + value.getAsLong());
            wanted.add(setting.name() + "=" + setting.wanted());
        }
        if (found.isEmpty()) return;
        degraded.add(new Degradation(
                feature,
                String.join(", ", found) + ": " + why,
                "printf '%s\\n' " + String.join(" ", wanted) + " >> " + FILE + "; sysctl -p " + FILE));
    }

    private static OptionalLong value(String root, String name) {
        try {
            return OptionalLong.of(Long.parseUnsignedLong(
                    KernelFile.read(root + name.replace('.', '/')).strip()));
        } catch (SysException e) {
            return OptionalLong.empty();
        }
    }
}
