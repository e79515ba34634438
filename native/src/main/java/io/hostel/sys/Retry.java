package io.hostel.sys;

/**
 * EINTR means that a signal for the JVM came in between: nothing was done, so the call is made again.
 *
 * <pre>{@code
 * long result;
 * do result = Libc.LIBC.read(…);
 * while (Retry.interrupted(result, "read", fd));
 * }</pre>
 */
final class Retry {
    private Retry() {}

    /**
     * Must follow the call at once: the thread's errno is read.
     *
     * @param target what it was done to; only asked for its name where the call was refused
     * @return whether it has to be made again
     */
    static boolean interrupted(long result, String operation, Object target) throws SysException {
        if (result >= 0) return false;
        Errno errno = Libc.errno();
        if (errno != Errno.EINTR) throw new SysException(errno, operation, target.toString());
        return true;
    }
}
