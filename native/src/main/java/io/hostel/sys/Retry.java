package io.hostel.sys;

import java.util.function.LongSupplier;

/** EINTR means that a signal for the JVM came in between: nothing was done, so the call is made again. */
final class Retry {
    private Retry() {}

    static long onInterrupt(LongSupplier call, String operation, String target) throws SysException {
        while (true) {
            long result = call.getAsLong();
            if (result >= 0) return result;
            Errno errno = Libc.errno();
            if (errno != Errno.EINTR) throw new SysException(errno, operation, target);
        }
    }
}
