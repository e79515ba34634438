package io.hostel.sys;

/** What this process is and may do: geteuid(2), sysconf(3), kill(2), chown(2). */
public final class Self {
    private static final int SC_CLK_TCK = 2;

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

    public static void chown(String path, int uid, int gid) throws SysException {
        try (Memory memory = new Memory()) {
            Syscall.check(Libc.LIBC.chown(memory.string(path), uid, gid), "chown", path);
        }
    }
}
