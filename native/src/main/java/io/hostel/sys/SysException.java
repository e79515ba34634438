package io.hostel.sys;

/** A system call was refused. Reads like {@code open /etc/shadow: EACCES (permission denied)}. */
public final class SysException extends Exception {
    private final Errno errno;
    private final String operation;
    private final String target;

    /**
     * @param operation name of the call
     * @param target what it was done to
     */
    public SysException(Errno errno, String operation, String target) {
        // Many are expected, and each is told on as a KernelException, which has a trace.
        super(operation + " " + target + ": " + errno, null, true, false);
        this.errno = errno;
        this.operation = operation;
        this.target = target;
    }

    public Errno errno() {
        return errno;
    }

    public boolean is(Errno other) {
        return errno == other;
    }

    public String operation() {
        return operation;
    }

    public String target() {
        return target;
    }
}
