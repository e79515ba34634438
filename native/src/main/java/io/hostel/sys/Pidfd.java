package io.hostel.sys;

import java.util.Optional;

/** Processes by descriptor: pidfd_open(2), pidfd_send_signal(2), waitid(2) with P_PIDFD. */
public final class Pidfd {
    private static final int P_PIDFD = 3;
    private static final int WNOHANG = 1;
    private static final int WEXITED = 4;
    private static final int SIGINFO_BYTES = 128;
    private static final int CLD_EXITED = 1;

    private Pidfd() {}

    /**
     * The number may belong to another process than the one meant: check its identity after this, when the number can no
     * longer change hands unseen.
     */
    public static Fd open(int pid) throws SysException {
        String target = "process " + pid;
        return Fd.of((int) Syscall.call(Syscall.PIDFD_OPEN, "pidfd_open", target, pid, 0), target);
    }

    /** @param signal its number, signal(7); 0 only asks whether it is there. ESRCH when it has ended and been reaped. */
    public static void signal(Fd pidfd, int signal) throws SysException {
        Syscall.call(Syscall.PIDFD_SEND_SIGNAL, "signal " + signal, pidfd.toString(), pidfd.number(), signal, 0, 0);
    }

    /** Waits for the end of this process's child and reaps it. ECHILD where it is not our child. */
    public static WaitStatus await(Fd pidfd) throws SysException {
        return wait(pidfd, WEXITED).orElseThrow(() -> new IllegalStateException("waitid returned without a status"));
    }

    /** Reaps this process's child if it has ended; empty while it runs. ECHILD where it is not our child. */
    public static Optional<WaitStatus> reap(Fd pidfd) throws SysException {
        return wait(pidfd, WEXITED | WNOHANG);
    }

    private static Optional<WaitStatus> wait(Fd pidfd, int options) throws SysException {
        try (Memory memory = new Memory()) {
            Memory.Block to = memory.block(SIGINFO_BYTES);
            int result;
            do result = Libc.LIBC.waitid(P_PIDFD, pidfd.number(), to.address(), options);
            while (Retry.interrupted(result, "wait for", pidfd));
            int pid = to.view().getInt(16);
            if (pid == 0) return Optional.empty();
            int code = to.view().getInt(8);
            int status = to.view().getInt(24);
            return Optional.of(
                    code == CLD_EXITED
                            ? new WaitStatus(pid, Optional.of(status), Optional.empty())
                            : new WaitStatus(pid, Optional.empty(), Optional.of(status)));
        }
    }

    /**
     * How a process ended: with a code, or by a signal.
     *
     * @param code 0..255
     * @param signal its number, signal(7)
     */
    public record WaitStatus(int pid, Optional<Integer> code, Optional<Integer> signal) {}
}
