package io.hostel.kernel.linux;

import io.hostel.sys.Descriptors;
import io.hostel.sys.Errno;
import io.hostel.sys.Fd;
import io.hostel.sys.OpenFile;
import io.hostel.sys.Spawn;
import io.hostel.sys.SysException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;

/**
 * The launcher and the filter that it loads, both in sealed memory. A sealed program cannot be overwritten by one inside that
 * gets hold of /proc/PID/exe (CVE-2019-5736), and it stays as long as a monitor runs, whatever becomes of the daemon's files.
 */
final class LauncherProgram implements AutoCloseable {
    private static final String RESOURCE = "launcher";

    private static final int PLAN = 3;
    private static final int STATUS = 4;
    private static final int FILTER = 5;
    private static final int FROM = 6;

    private final Fd program;
    private final Fd filter;

    LauncherProgram() throws SysException {
        program = OpenFile.sealed("hostel-launcher", resource());
        filter = OpenFile.sealed("hostel-filter", SeccompProfile.compile());
        // Files in memory are made with 0777.
        Descriptors.chmod(program, 0500);
        Descriptors.chmod(filter, 0400);
    }

    /**
     * Starts it.
     *
     * @param name as which the process list shows it
     * @param from what it starts from: a mount namespace, or a pidfd
     * @param more descriptors after those that every start has
     */
    Started start(List<String> name, byte[] plan, Fd from, List<Fd> more) throws SysException {
        // Not /proc/self: the child closes what it was not given before it executes.
        String path = "/proc/" + ProcessHandle.current().pid() + "/fd/" + program.number();
        try (Fd planned = OpenFile.sealed("hostel-plan", plan);
                // An open file of its own: the position of a shared one would be moved by each reader.
                Fd filterAtStart = OpenFile.open(filter.path(), OpenFile.READ);
                OpenFile.Pipe status = OpenFile.pipe()) {
            Spawn spawn = new Spawn(path, name, List.of())
                    .ownSession()
                    .descriptor(planned, PLAN)
                    .descriptor(status.writing(), STATUS)
                    .descriptor(filterAtStart, FILTER)
                    .descriptor(from, FROM);
            for (int i = 0; i < more.size(); i++) spawn.descriptor(more.get(i), FROM + 1 + i);
            int pid = spawn.start();
            return new Started(pid, Descriptors.duplicate(status.reading()));
        }
    }

    @Override
    public void close() {
        program.close();
        filter.close();
    }

    private static byte[] resource() throws SysException {
        try (InputStream in = LauncherProgram.class.getResourceAsStream(RESOURCE)) {
            if (in == null) throw new SysException(Errno.ENOENT, "load", "the launcher from the class path");
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** @param answer where its report is read */
    record Started(int pid, Fd answer) {}
}
