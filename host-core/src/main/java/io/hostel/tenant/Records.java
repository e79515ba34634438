package io.hostel.tenant;

import io.hostel.store.DesiredState;
import io.hostel.store.StoreThread;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;

/** The desired state behind its own thread. */
public interface Records {

    /**
     * Runs the work on the store's thread; works run one after the other, in the order of the calls. The stage fails with
     * what the work threw.
     */
    <T> CompletionStage<T> submit(Function<DesiredState, T> work);

    static Records on(StoreThread thread) {
        return new Records() {
            @Override
            public <T> CompletionStage<T> submit(Function<DesiredState, T> work) {
                return thread.call(work);
            }
        };
    }
}
