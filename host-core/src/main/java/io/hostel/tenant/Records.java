package io.hostel.tenant;

import io.hostel.store.DesiredState;
import io.hostel.store.StoreThread;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;

/** The desired state behind its own thread. */
public interface Records {

    /**
     * Runs the work on the store's thread; works run one after the other, in the order of the calls. What one changes is on the
     * disk as a whole when the stage completes, or not at all: the stage fails with what the work threw.
     */
    <T> CompletionStage<T> submit(Function<DesiredState, T> work);

    static Records on(StoreThread thread) {
        return new Records() {
            @Override
            public <T> CompletionStage<T> submit(Function<DesiredState, T> work) {
                return thread.call(state -> {
                    AtomicReference<T> result = new AtomicReference<>();
                    state.together(() -> result.set(work.apply(state)));
                    return result.get();
                });
            }
        };
    }
}
