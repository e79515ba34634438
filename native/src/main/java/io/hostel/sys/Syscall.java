package io.hostel.sys;

/**
 * A raw system call, for those that libc has no function for. The numbers are equal on all architectures: calls younger than
 * Linux 5.1 are numbered alike, include/uapi/asm-generic/unistd.h.
 */
public final class Syscall {
    public static final int PIDFD_SEND_SIGNAL = 424;
    public static final int OPEN_TREE = 428;
    public static final int MOVE_MOUNT = 429;
    public static final int FSOPEN = 430;
    public static final int FSCONFIG = 431;
    public static final int FSMOUNT = 432;
    public static final int PIDFD_OPEN = 434;
    public static final int CLOSE_RANGE = 436;
    public static final int PIDFD_GETFD = 438;
    public static final int MOUNT_SETATTR = 442;
    public static final int QUOTACTL_FD = 443;

    private static final int MOST_ARGUMENTS = 6;

    private Syscall() {}

    /**
     * @param arguments at most six: numbers, descriptors, addresses of {@link Memory}
     * @return what the call returned; never negative
     */
    public static long call(int number, String operation, String target, long... arguments) throws SysException {
        if (arguments.length > MOST_ARGUMENTS) throw new IllegalArgumentException("a system call has six arguments");
        long[] six = new long[MOST_ARGUMENTS];
        System.arraycopy(arguments, 0, six, 0, arguments.length);
        return check(Libc.LIBC.syscall(number, six[0], six[1], six[2], six[3], six[4], six[5]), operation, target);
    }

    /** Must follow the call at once: the thread's errno is read. */
    static long check(long result, String operation, String target) throws SysException {
        if (result >= 0) return result;
        throw new SysException(Libc.errno(), operation, target);
    }

    static int check(int result, String operation, String target) throws SysException {
        if (result >= 0) return result;
        throw new SysException(Libc.errno(), operation, target);
    }
}
