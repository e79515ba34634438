package io.hostel.kernel.linux;

import io.hostel.sys.KernelFile;
import io.hostel.sys.SysException;

/**
 * What the kernel has, or can load when it is asked for.
 *
 * @param fileSystems content of /proc/filesystems
 * @param loadable names of files under /lib/modules
 */
record KernelModules(String fileSystems, String loadable) {

    static KernelModules of(String release) throws SysException {
        String directory = "/lib/modules/" + release + "/";
        return new KernelModules(
                KernelFile.read("/proc/filesystems"),
                orNothing(directory + "modules.dep") + orNothing(directory + "modules.builtin"));
    }

    boolean hasFileSystem(String name) {
        return fileSystems.lines().anyMatch(line -> line.endsWith("\t" + name))
                || loadable.contains("/" + name + ".ko");
    }

    private static String orNothing(String path) {
        try {
            return KernelFile.read(path);
        } catch (SysException e) {
            return ""; // a kernel without modules
        }
    }
}
