package io.hostel.sys;

import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/** Runs one thing on a fresh platform thread that ends with it and is never used again, so that it may change namespaces. */
public final class ThrowAwayThread {
    private static final String NAME = "throw-away";

    private ThrowAwayThread() {}

    /**
     * Waits for the result. An interrupt while waiting does not cut the work short, which would leave it half done; the
     * interrupted state is kept.
     *
     * @throws IllegalStateException where no thread can be started
     * @param <E> the one checked exception that the work may throw
     */
    public static <T, E extends Exception> T call(Class<E> thrown, Work<T, E> work) throws E {
        FutureTask<T> task = new FutureTask<>((Callable<T>) work::run);
        Thread thread = new Worker(task);
        thread.setDaemon(true);
        start(thread);
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return task.get();
                } catch (InterruptedException e) {
                    interrupted = true;
                } catch (ExecutionException e) {
                    Throwable cause = e.getCause() == null ? e : e.getCause();
                    if (thrown.isInstance(cause)) throw thrown.cast(cause);
                    if (cause instanceof Error error) throw error;
                    if (cause instanceof RuntimeException runtime) throw runtime;
                    throw new IllegalStateException(cause);
                }
            }
        } finally {
            if (interrupted) Thread.currentThread().interrupt();
        }
    }

    private static void start(Thread thread) {
        try {
            thread.start();
        } catch (OutOfMemoryError e) {
            // What the JVM makes of clone(2)'s EAGAIN. It passes, and is nothing that a caller should end by.
            throw new IllegalStateException(
                    "no thread can be started: the machine or the service has reached its limit of processes (pids.max,"
                            + " TasksMax, kernel.threads-max)",
                    e);
        }
    }

    /** As {@link #call(Class, Work)} for work that makes system calls only. */
    public static <T> T call(Work<T, SysException> work) throws SysException {
        return call(SysException.class, work);
    }

    static boolean current() {
        return Thread.currentThread() instanceof Worker;
    }

    @FunctionalInterface
    public interface Work<T, E extends Exception> {
        T run() throws E;
    }

    private static final class Worker extends Thread {
        Worker(Runnable work) {
            super(null, work, NAME, 256 * 1024);
        }
    }
}
