package io.hostel.host;

import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Daemon threads up to a number, and what waits for them up to another; more is refused. */
class ThreadsWithQueue extends ThreadPoolExecutor {
    private static final int READY_THREADS = 2;

    /** @param name what the names of the threads begin with */
    ThreadsWithQueue(String name, int threads, int queue) {
        super(threads, threads, 0, TimeUnit.SECONDS, new ArrayBlockingQueue<>(queue), named(name));
        // Where there are no threads to be had any more, work goes on with those that there are.
        for (int i = 0; i < READY_THREADS; i++) {
            super.prestartCoreThread();
        }
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

    private static ThreadFactory named(String name) {
        AtomicInteger number = new AtomicInteger();
        return task -> {
            Thread thread = new Thread(task, name + "-" + number.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        };
    }
}
