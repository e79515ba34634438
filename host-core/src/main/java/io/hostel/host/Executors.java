package io.hostel.host;

import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** The host's own threads beside the actors': all bounded, none per sandbox. */
final class Executors {
    /** System calls hold a core while they run; a few more threads than cores cover those that wait for a grace period. */
    private static final int KERNEL_THREADS =
            Math.max(4, 2 * Runtime.getRuntime().availableProcessors());

    private static final int KERNEL_QUEUE = 65_536;
    private static final int BLOCKING_THREADS = 16;
    private static final int BLOCKING_QUEUE = 256;
    private static final int READY_THREADS = 2;

    private Executors() {}

    /** For calls to the kernel port. */
    static ExecutorService kernel() {
        return bounded("hostel-kernel", KERNEL_THREADS, KERNEL_QUEUE);
    }

    /** For files and uploads. */
    static ExecutorService blocking() {
        return bounded("hostel-blocking", BLOCKING_THREADS, BLOCKING_QUEUE);
    }

    private static ExecutorService bounded(String name, int threads, int queue) {
        ThreadPoolExecutor executor = new Pool(name, threads, queue);
        // Where there are no threads to be had any more, work goes on with those that there are.
        for (int i = 0; i < READY_THREADS; i++) {
            executor.prestartCoreThread();
        }
        return executor;
    }

    private static final class Pool extends ThreadPoolExecutor {
        Pool(String name, int threads, int queue) {
            super(threads, threads, 0, TimeUnit.SECONDS, new ArrayBlockingQueue<>(queue), named(name));
        }

        @Override
        public void execute(Runnable task) {
            try {
                super.execute(task);
            } catch (OutOfMemoryError e) { // what the JVM makes of clone(2)'s EAGAIN: the task has not been taken
                if (!getQueue().offer(task)) {
                    throw new RejectedExecutionException("no thread can be started, and the queue is full", e);
                }
            }
        }
    }

    private static ThreadFactory named(String name) {
        AtomicInteger number = new AtomicInteger();
        return task -> {
            Thread thread = new Thread(task, name + "-" + number.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        };
    }
}
