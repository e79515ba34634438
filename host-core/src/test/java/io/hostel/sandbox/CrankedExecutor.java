package io.hostel.sandbox;

import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** Runs jobs when a test turns the crank, on the test's thread; or, let loose, at once on the caller's. */
final class CrankedExecutor implements Executor {
    private final LinkedBlockingQueue<Runnable> jobs = new LinkedBlockingQueue<>();
    private boolean loose;

    @Override
    public void execute(Runnable job) {
        boolean now;
        synchronized (this) {
            now = loose;
            if (!now) {
                jobs.add(job);
            }
        }
        if (now) {
            job.run();
        }
    }

    /** Waits for a job, at most three seconds, and runs it. */
    void crank() throws InterruptedException {
        Runnable job = jobs.poll(3, TimeUnit.SECONDS);
        if (job == null) {
            throw new AssertionError("there is no job to do");
        }
        job.run();
    }

    /** Waits until there is a job, and leaves it undone. */
    void awaitJob() throws InterruptedException {
        Runnable job = jobs.poll(3, TimeUnit.SECONDS);
        if (job == null) {
            throw new AssertionError("there is no job to do");
        }
        jobs.add(job);
    }

    void letLoose() {
        synchronized (this) {
            loose = true;
        }
        for (Runnable job = jobs.poll(); job != null; job = jobs.poll()) {
            job.run();
        }
    }

    synchronized void hold() {
        loose = false;
    }
}
