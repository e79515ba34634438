package io.hostel.sandbox;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Supplier;

/**
 * Runs the jobs of one sandbox one after the other, however long one takes, and knows which one is under way. To be used by one
 * thread at a time.
 */
final class JobsInTurn {
    private final String sandbox;
    private final Executor executor;
    /** The oldest first; those that have ended leave when somebody looks. */
    private final Deque<Job> open = new ArrayDeque<>();

    private CompletableFuture<?> last = CompletableFuture.completedFuture("none yet");

    /** @param what for people */
    record Job(String what, CompletableFuture<?> running) {
        boolean over() {
            return running.isDone();
        }
    }

    JobsInTurn(String sandbox, Executor executor) {
        this.sandbox = sandbox;
        this.executor = executor;
    }

    /** Starts a job once the one before has ended. */
    <T> CompletableFuture<T> run(String what, Supplier<T> job) {
        CompletableFuture<T> running = last.handle((done, failed) -> what).thenApplyAsync(w -> named(w, job), executor);
        open.add(new Job(what, running));
        last = running;
        return running;
    }

    /** The one that all others wait for; empty: none is left to do. */
    Optional<Job> underWay() {
        while (!open.isEmpty() && open.getFirst().over()) {
            open.removeFirst();
        }
        return Optional.ofNullable(open.peekFirst());
    }

    /** Who looks at the threads of the host sees whose job one does. */
    private <T> T named(String what, Supplier<T> job) {
        Thread thread = Thread.currentThread();
        String name = thread.getName();
        thread.setName(name + " " + what + ", sandbox " + sandbox);
        try {
            return job.get();
        } finally {
            thread.setName(name);
        }
    }
}
