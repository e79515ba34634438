package io.hostel.tenant;

import io.hostel.api.Refusal;
import io.hostel.api.RefusedException;
import io.hostel.sandbox.TenantWords;
import io.hostel.store.StoreException;
import java.util.concurrent.CompletionException;

/** What a failed stage means to the one who asked. */
final class Faults {

    private Faults() {}

    static Throwable cause(Throwable thrown) {
        return thrown instanceof CompletionException && thrown.getCause() != null ? thrown.getCause() : thrown;
    }

    static Refusal refusal(Throwable thrown) {
        Throwable cause = cause(thrown);
        if (cause instanceof RefusedException refused) {
            return refused.refusal();
        }
        if (cause instanceof StoreException.DiskFull) {
            return new Refusal.DiskFull("The host's state disk is full: " + TenantWords.of(String.valueOf(cause.getMessage())));
        }
        return new Refusal.Unavailable("The host could not do this just now; try again. "
                + TenantWords.of(String.valueOf(cause.getMessage())));
    }
}
