package io.hostel.api.http;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.function.Supplier;

/** What {@link CompletionStage} leaves out. */
final class Stages {
    private Stages() {}

    /** What really failed. */
    static Throwable cause(Throwable failure) {
        Throwable cause = failure;
        while ((cause instanceof CompletionException || cause instanceof ExecutionException)
                && cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause;
    }

    /** What is thrown while a stage is made fails the stage. */
    static <T> CompletionStage<T> of(Supplier<CompletionStage<T>> make) {
        try {
            return make.get();
        } catch (RuntimeException | Error e) {
            return CompletableFuture.failedFuture(e);
        }
    }
}
