package io.hostel.api;

import java.util.Optional;
import java.util.concurrent.CompletionStage;

/** Remembers the answers to changing calls that carried an Idempotency-Key, for a day. */
public interface IdempotencyStore {

    /**
     * @param caller whose key it is
     * @param fingerprint digest of method, path and body
     * @return empty: the call is new, and its answer is to be kept with {@link #keep}; else the answer it had
     *     <p>fails with {@link Refusal.Conflict} where the key was used for another call or its first call is still under way
     */
    CompletionStage<Optional<KeptAnswer>> begin(String caller, String key, String fingerprint);

    CompletionStage<Gone> keep(String caller, String key, KeptAnswer answer);

    /** The call had no answer worth keeping (the host's own fault): the key may be used again. */
    CompletionStage<Gone> abandon(String caller, String key);

    record KeptAnswer(int status, String contentType, String body) {}
}
