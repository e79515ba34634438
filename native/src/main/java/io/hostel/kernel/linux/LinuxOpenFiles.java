package io.hostel.kernel.linux;

import io.hostel.kernel.KernelException;
import io.hostel.kernel.OpenFiles;
import io.hostel.kernel.ProcessIdentity;
import io.hostel.kernel.Processes;
import io.hostel.sys.Directory;
import io.hostel.sys.KernelFile;
import io.hostel.sys.Stat;
import io.hostel.sys.SysException;
import java.io.File;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/** By /proc/sys/fs/file-nr and /proc/PID/fd. */
public final class LinuxOpenFiles implements OpenFiles {
    private static final String UID = "Uid:";

    private final Processes processes;

    /** @param processes by which they are told apart */
    public LinuxOpenFiles(Processes processes) {
        this.processes = processes;
    }

    @Override
    public Table table() throws KernelException {
        try {
            String[] numbers = KernelFile.read("/proc/sys/fs/file-nr").strip().split("\\s+");
            return new Table(Long.parseLong(numbers[0]), Long.parseUnsignedLong(numbers[2]));
        } catch (SysException e) {
            throw Refused.by(e);
        }
    }

    @Override
    public List<Holder> holders(int leastUid) {
        List<Holder> holders = new ArrayList<>();
        for (String name : Directory.names("/proc")) {
            if (!Character.isDigit(name.charAt(0))) continue;
            OptionalInt uid = uid(name);
            if (uid.isEmpty() || uid.getAsInt() < leastUid) continue;
            // Before they are counted: a number that has changed hands by then is not what is told of.
            Optional<ProcessIdentity> process = processes.identify(Integer.parseInt(name));
            long descriptors = descriptors("/proc/" + name + "/fd");
            if (process.isPresent() && descriptors > 0) holders.add(new Holder(process.get(), uid.getAsInt(), descriptors));
        }
        return holders;
    }

    /** By its credentials: the owner of /proc/PID is root where a process makes itself non-dumpable. */
    private static OptionalInt uid(String pid) {
        try {
            return KernelFile.read("/proc/" + pid + "/status")
                    .lines()
                    .filter(line -> line.startsWith(UID))
                    .mapToInt(line -> Integer.parseUnsignedInt(
                            line.substring(UID.length()).strip().split("\\s+")[0]))
                    .findFirst();
        } catch (SysException e) {
            return OptionalInt.empty(); // it has ended
        }
    }

    /** The size of the directory is their number since Linux 6.2, and 0 before: proc_readfd_count in fs/proc/fd.c. */
    private static long descriptors(String directory) {
        try {
            long size = Stat.of(directory).bytes();
            if (size > 0) return size;
        } catch (SysException e) {
            return 0;
        }
        String[] names = new File(directory).list();
        return names == null ? 0 : names.length;
    }
}
