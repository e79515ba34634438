package io.hostel.sys;

/** What this process is and may do: geteuid(2), sysconf(3), kill(2), chown(2), umask(2), prctl(2). */
public final class Self {
    private static final int SC_CLK_TCK = 2;
    private static final int PR_SET_DUMPABLE = 4;

    private Self() {}

    public static int effectiveUid() {
        return Libc.LIBC.geteuid();
    }

    /** Unit of times in /proc/PID/stat, per second. */
    public static long clockTicks() {
        return Libc.LIBC.sysconf(SC_CLK_TCK);
    }

    /** By number, which may have changed hands: {@link Pidfd#signal} where that matters. */
    public static void kill(int pid, int signal) throws SysException {
        Syscall.check(Libc.LIBC.kill(pid, signal), "signal " + signal, "process " + pid);
    }

    /**
     * What is made from now on is for its owner alone, unless its maker says otherwise after it was made. Of the whole process, but
     * for threads with a mount namespace of their own.
     *
     * @return the umask of before
     */
    public static int makeFilesForOwner() {
        return Libc.LIBC.umask(077);
    }

    /**
     * No core of this process is written, whatever kernel.core_pattern and the limits say, and nobody without CAP_SYS_PTRACE looks into
     * it below /proc: PR_SET_DUMPABLE(2const). Programs that it starts are not concerned.
     */
    public static void hideMemory() throws SysException {
        Syscall.check(Libc.LIBC.prctl(PR_SET_DUMPABLE, 0, 0, 0, 0), "prctl PR_SET_DUMPABLE", "this process");
    }

    public static void chown(String path, int uid, int gid) throws SysException {
        try (Memory memory = new Memory()) {
            Syscall.check(Libc.LIBC.chown(memory.string(path), uid, gid), "chown", path);
        }
    }
}
