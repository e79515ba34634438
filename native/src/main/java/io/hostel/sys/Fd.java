package io.hostel.sys;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * A file descriptor and the duty to close it. Closing twice is harmless; using it afterwards is an
 * {@link IllegalStateException}, never another's descriptor. Close it only when no thread is inside a call with it.
 */
public final class Fd implements AutoCloseable {
    private static final int GONE = -1;

    private final AtomicInteger number;
    private final String target;

    private Fd(int number, String target) {
        this.number = new AtomicInteger(number);
        this.target = target;
    }

    /**
     * Takes the duty over.
     *
     * @param target what it was opened on, for messages
     */
    public static Fd of(int number, String target) {
        if (number < 0) throw new IllegalArgumentException("not a descriptor: " + number);
        return new Fd(number, target);
    }

    public int number() {
        int now = number.get();
        if (now == GONE) throw new IllegalStateException("the descriptor of " + target + " is closed");
        return now;
    }

    /** Hands the duty over to the caller. */
    public int release() {
        int was = number.getAndSet(GONE);
        if (was == GONE) throw new IllegalStateException("the descriptor of " + target + " is closed");
        return was;
    }

    public boolean open() {
        return number.get() != GONE;
    }

    /** A path that leads any thread of this process to the same open file; see proc(5), /proc/PID/fd. */
    public String path() {
        return "/proc/self/fd/" + number();
    }

    @Override
    public void close() {
        int was = number.getAndSet(GONE);
        // Linux has released the number even where close(2) reports an error, so there is nothing to repeat.
        if (was != GONE) Libc.LIBC.close(was);
    }

    @Override
    public String toString() {
        return target + " (descriptor " + number.get() + ")";
    }
}
