package io.hostel.sys;

/**
 * unshare(2) and setns(2). They change the calling thread alone, so they belong on a {@link ThrowAwayThread} and nowhere else:
 * a pooled thread would carry its new namespace into whatever runs on it next.
 *
 * <p>A user namespace, or setns to a mount namespace, needs a process of one thread: the JVM gets EINVAL.
 */
public final class Namespaces {
    public static final int MOUNT = 0x00020000;
    public static final int CGROUP = 0x02000000;
    public static final int UTS = 0x04000000;
    public static final int IPC = 0x08000000;
    public static final int USER = 0x10000000;
    public static final int PID = 0x20000000;
    public static final int NETWORK = 0x40000000;

    private Namespaces() {}

    /** @param kinds of the constants here, added */
    public static void unshare(int kinds) throws SysException {
        requireThrowAway();
        Syscall.check(Libc.LIBC.unshare(kinds), "unshare", "0x" + Integer.toHexString(kinds));
    }

    /** @param kind one of the constants here, which it must be; 0 for any */
    public static void enter(Fd namespace, int kind) throws SysException {
        requireThrowAway();
        Syscall.check(Libc.LIBC.setns(namespace.number(), kind), "setns", namespace.toString());
    }

    private static void requireThrowAway() {
        if (!ThrowAwayThread.current()) {
            throw new IllegalStateException("namespaces change on throw-away threads only: " + Thread.currentThread());
        }
    }
}
