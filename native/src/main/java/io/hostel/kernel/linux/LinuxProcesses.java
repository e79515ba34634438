package io.hostel.kernel.linux;

import io.hostel.kernel.KernelException;
import io.hostel.kernel.ProcessIdentity;
import io.hostel.kernel.Processes;
import io.hostel.sys.Directory;
import io.hostel.sys.Errno;
import io.hostel.sys.Fd;
import io.hostel.sys.KernelFile;
import io.hostel.sys.Pidfd;
import io.hostel.sys.SysException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Processes told apart by the boot and their start time, both as /proc shows them. */
public final class LinuxProcesses implements Processes, AutoCloseable {
    private final String bootId;
    private final DeathWatch deaths;

    /** Starts the thread that waits for processes to end. */
    public LinuxProcesses() throws KernelException {
        try {
            bootId = KernelFile.read("/proc/sys/kernel/random/boot_id").strip();
            deaths = new DeathWatch();
        } catch (SysException e) {
            throw Refused.by(e);
        }
    }

    @Override
    public Optional<ProcessIdentity> identify(int pid) {
        return ProcessStat.read(pid).map(stat -> new ProcessIdentity(bootId, pid, stat.startTicks()));
    }

    @Override
    public boolean alive(ProcessIdentity process) {
        return process.bootId().equals(bootId)
                && ProcessStat.read(process.pid())
                        .filter(stat -> stat.startTicks() == process.startTicks() && !stat.ended())
                        .isPresent();
    }

    @Override
    public boolean stopped(ProcessIdentity process) {
        return process.bootId().equals(bootId)
                && ProcessStat.read(process.pid())
                        .filter(stat -> stat.startTicks() == process.startTicks() && stat.stopped())
                        .isPresent();
    }

    @Override
    public Watch watch(ProcessIdentity process, Runnable ended) throws KernelException {
        try {
            Optional<Fd> pidfd = open(process);
            if (pidfd.isEmpty()) return deaths.endedAlready(ended);
            return deaths.watch(process.pid(), pidfd.get(), ended);
        } catch (SysException e) {
            throw Refused.by(e);
        }
    }

    @Override
    public List<Integer> inside(ProcessIdentity init) {
        Optional<Path> namespace = namespace(init.pid());
        if (namespace.isEmpty() || !alive(init)) return List.of();
        return Directory.names("/proc").stream()
                .filter(name -> Character.isDigit(name.charAt(0)))
                .map(Integer::valueOf)
                .filter(pid -> namespace.equals(namespace(pid)))
                .toList();
    }

    private static Optional<Path> namespace(int pid) {
        try {
            return Optional.of(Files.readSymbolicLink(Path.of("/proc/" + pid + "/ns/pid")));
        } catch (IOException e) {
            return Optional.empty(); // it has ended
        }
    }

    @Override
    public Set<InetSocketAddress> listening(ProcessIdentity process) throws KernelException {
        Set<InetSocketAddress> found = alive(process) ? TcpListeners.of(process.pid()) : Set.of();
        return alive(process) ? found : Set.of();
    }

    @Override
    public void signal(ProcessIdentity process, int signal) throws KernelException {
        try {
            Optional<Fd> opened = open(process);
            if (opened.isEmpty()) return;
            try (Fd pidfd = opened.get()) {
                Pidfd.signal(pidfd, signal);
            }
        } catch (SysException e) {
            if (!e.is(Errno.ESRCH)) throw Refused.by(e);
        }
    }

    /** Stops all watching; processes go on. */
    @Override
    public void close() {
        deaths.close();
    }

    /** Empty where the process has ended. What is returned is this one: the identity is looked at while the pidfd holds it. */
    private Optional<Fd> open(ProcessIdentity process) throws SysException {
        if (!process.bootId().equals(bootId)) return Optional.empty();
        Fd pidfd;
        try {
            pidfd = Pidfd.open(process.pid());
        } catch (SysException e) {
            // EINVAL and ENOENT: the number is a thread's by now.
            if (e.is(Errno.ESRCH) || e.is(Errno.EINVAL) || e.is(Errno.ENOENT)) return Optional.empty();
            throw e;
        }
        if (identify(process.pid()).filter(process::equals).isPresent()) return Optional.of(pidfd);
        pidfd.close();
        return Optional.empty();
    }
}
