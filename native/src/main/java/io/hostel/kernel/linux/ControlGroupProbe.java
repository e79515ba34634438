package io.hostel.kernel.linux;

import io.hostel.kernel.KernelException;
import io.hostel.sys.KernelFile;
import io.hostel.sys.SysException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What of control groups a machine offers. */
final class ControlGroupProbe {
    private static final String TO_V2 = "boot with systemd.unified_cgroup_hierarchy=1 and cgroup_no_v1=all";

    private ControlGroupProbe() {}

    static void look(Findings findings) throws SysException {
        String version;
        try {
            version = new LinuxCgroups("probe").version();
        } catch (KernelException e) {
            findings.lacks("cgroup", e.kernelWords());
            return;
        }
        if (version.equals("v2")) {
            findings.offers("cgroup", version);
            findings.offers("cgroup.kill", "yes");
        } else {
            findings.degrades("cgroup", version, "processes enter v1 groups one write at a time", TO_V2);
            findings.offers("cgroup.kill", "by looking and killing");
        }
        swap(findings, version);
    }

    private static void swap(Findings findings, String version) throws SysException {
        boolean accounted =
                version.equals("v2") ? !KernelFile.read("/proc/cmdline").contains("swapaccount=0") : memswIsThere();
        boolean used = KernelFile.read("/proc/swaps").lines().count() > 1;
        if (accounted) {
            findings.offers("swap-accounting", "yes");
        } else if (used) {
            findings.degrades(
                    "swap-accounting",
                    "missing",
                    "sandboxes may swap beyond their memory limit",
                    "boot with swapaccount=1, or swapoff -a");
        } else {
            findings.offers("swap-accounting", "none needed: there is no swap");
        }
    }

    private static boolean memswIsThere() throws SysException {
        Path memory = CgroupHierarchies.parse(KernelFile.read("/proc/self/mountinfo"))
                .v1()
                .get("memory");
        return memory != null && Files.exists(memory.resolve("memory.memsw.limit_in_bytes"));
    }
}
