package io.hostel.kernel.linux;

import io.hostel.kernel.KernelException;
import io.hostel.sys.Errno;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

/** Lets one thread at a time at something of the kernel's. Where it does not return from there, the others fail instead of waiting for ever. */
final class OneAtATime {
    /** As long as a netlink socket waits for an answer. */
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(30);

    private final ReentrantLock turn = new ReentrantLock();
    private final String what;
    private final Duration longestWait;

    /** @param what is used by one at a time, for people */
    OneAtATime(String what) {
        this(what, LONGEST_WAIT);
    }

    OneAtATime(String what, Duration longestWait) {
        this.what = what;
        this.longestWait = longestWait;
    }

    /**
     * May be called by who has the turn already.
     *
     * @throws KernelException ETIMEDOUT where it is not to be had; then nothing has been done
     */
    <T> T alone(Work<T> work) throws KernelException {
        if (!taken()) {
            throw new KernelException(
                    Errno.ETIMEDOUT.name(),
                    "wait for",
                    what,
                    "who uses it has not ended within " + longestWait.toSeconds()
                            + " s; /v1/doctor says in which call to the kernel that is");
        }
        try {
            return work.get();
        } finally {
            turn.unlock();
        }
    }

    /** An interrupt (the host ends) waits too: a change that was begun is to be completed. */
    private boolean taken() {
        long end = System.nanoTime() + longestWait.toNanos();
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return turn.tryLock(end - System.nanoTime(), TimeUnit.NANOSECONDS);
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    interface Work<T> {
        T get() throws KernelException;
    }
}
