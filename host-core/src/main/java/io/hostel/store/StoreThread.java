package io.hostel.store;

import io.hostel.api.Refusal;
import io.hostel.api.RefusedException;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * The one thread on which the database is used, in the order of the calls. At most {@value #WAITING} calls wait; what comes beyond
 * fails with {@link Refusal.Unavailable}, and what fails fails with what the call threw, a {@link StoreException} as a rule.
 */
public final class StoreThread implements AutoCloseable {
    private static final int WAITING = 4_096;
    private static final long CLOSING_SECONDS = 30;

    private final DesiredState state;
    private final ThreadPoolExecutor executor;

    /** Owns the state from now on: it is closed with this. */
    public StoreThread(DesiredState state) {
        this.state = state;
        this.executor = new ThreadPoolExecutor(
                1, 1, 0, TimeUnit.SECONDS, new ArrayBlockingQueue<>(WAITING), task -> new Thread(task, "hostel-store"));
    }

    public <T> CompletionStage<T> call(Function<? super DesiredState, ? extends T> call) {
        return submit(() -> call.apply(state));
    }

    /** For calls that give nothing back: the stage completes with the value handed in. */
    public <T> CompletionStage<T> call(T value, Consumer<? super DesiredState> call) {
        return submit(() -> {
            call.accept(state);
            return value;
        });
    }

    <T> CompletionStage<T> submit(Supplier<? extends T> call) {
        CompletableFuture<T> outcome = new CompletableFuture<>();
        try {
            executor.execute(() -> {
                try {
                    outcome.complete(call.get());
                } catch (Throwable failure) {
                    outcome.completeExceptionally(failure);
                }
            });
        } catch (RejectedExecutionException full) {
            outcome.completeExceptionally(new RefusedException(new Refusal.Unavailable(
                    executor.isShutdown() ? "the host is stopping" : "the state disk is too slow; try again shortly")));
        }
        return outcome;
    }

    /** Finishes what waits, then closes the state. */
    @Override
    public void close() {
        executor.shutdown();
        try {
            if (!executor.awaitTermination(CLOSING_SECONDS, TimeUnit.SECONDS)) {
                executor.shutdownNow();
                throw new StoreException("the state disk did not answer for " + CLOSING_SECONDS + " s", null);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            executor.shutdownNow();
            return;
        }
        state.close();
    }
}
