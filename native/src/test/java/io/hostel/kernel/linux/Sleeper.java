package io.hostel.kernel.linux;

import io.hostel.sys.Fd;
import io.hostel.sys.Pidfd;
import io.hostel.sys.Spawn;
import io.hostel.sys.SysException;
import java.util.ArrayList;
import java.util.List;

/** A child of this process, gone when the test is over. */
record Sleeper(int pid, Fd pidfd) implements AutoCloseable {
    static Sleeper start() throws SysException {
        return running("exec sleep 600");
    }

    static Sleeper running(String script) throws SysException {
        int pid = new Spawn("/bin/sh", List.of("sh", "-c", script), List.of("PATH=/usr/bin:/bin")).start();
        return new Sleeper(pid, Pidfd.open(pid));
    }

    /** Waits a second for a test to put it where it belongs, and holds so much memory from then on. */
    static Sleeper holding(int mebibytes) throws SysException {
        return python("import time; time.sleep(1); x = b'x' * (" + mebibytes + " << 20); time.sleep(600)");
    }

    static Sleeper python(String script, String... arguments) throws SysException {
        List<String> command = new ArrayList<>(List.of("python3", "-c", script));
        command.addAll(List.of(arguments));
        int pid = new Spawn("/usr/bin/python3", command, List.of("PATH=/usr/bin:/bin")).start();
        return new Sleeper(pid, Pidfd.open(pid));
    }

    boolean ended() {
        return ProcessStat.read(pid).filter(stat -> !stat.ended()).isEmpty();
    }

    @Override
    public void close() throws SysException {
        try (pidfd) {
            Pidfd.signal(pidfd, 9);
            Pidfd.await(pidfd);
        } catch (SysException e) {
            if (!ended()) throw e;
        }
    }
}
