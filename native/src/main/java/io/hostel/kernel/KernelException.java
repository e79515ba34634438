package io.hostel.kernel;

/**
 * The kernel refused something.
 *
 * <p>Reads like {@code attach hs-7f3a to bridge hostel0: EXFULL (exchange full): the bridge has 1,023 ports}.
 */
public final class KernelException extends Exception {
    private final String errno;
    private final String operation;
    private final String target;
    private final String kernelWords;

    /**
     * @param errno its name, e.g. {@code EEXIST}; see errno(3)
     * @param operation a verb, e.g. {@code attach}
     * @param target what it was done to
     * @param kernelWords what the kernel itself said (NETLINK_EXT_ACK), or another explanation; may be empty
     */
    public KernelException(String errno, String operation, String target, String kernelWords) {
        super(operation + " " + target + ": " + errno + (kernelWords.isEmpty() ? "" : ": " + kernelWords));
        this.errno = errno;
        this.operation = operation;
        this.target = target;
        this.kernelWords = kernelWords;
    }

    public String errno() {
        return errno;
    }

    public String operation() {
        return operation;
    }

    public String target() {
        return target;
    }

    public String kernelWords() {
        return kernelWords;
    }
}
