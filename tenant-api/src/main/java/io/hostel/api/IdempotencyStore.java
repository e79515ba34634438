package io.hostel.api;

import java.util.Optional;
import java.util.concurrent.CompletionStage;

/**
 * Remembers the answers to changing calls that carried an Idempotency-Key, for a day, and of each caller no more than so many: the
 * oldest go first.
 */
public interface IdempotencyStore {

    /**
     * @param caller whose key it is: a tenant's, whatever its token, or the operator's
     * @param fingerprint digest of method, path and body
     * @return empty: the call is new, and its answer is to be kept with {@link #keep}; else the answer it had
     *     <p>fails with {@link Refusal.Conflict} where the key was used for another call, its first call is still under way, or its
     *     answer was too large to be kept
     */
    CompletionStage<Optional<KeptAnswer>> begin(Caller caller, String key, String fingerprint);

    /** Of an answer that is too large only is kept that there was one. */
    CompletionStage<Gone> keep(Caller caller, String key, KeptAnswer answer);

    /** The answer is too large to be kept: a repetition is told that there was one. */
    CompletionStage<Gone> keepKey(Caller caller, String key, int status);

    /** The call had no answer worth keeping (the host's own fault): the key may be used again. */
    CompletionStage<Gone> abandon(Caller caller, String key);

    record KeptAnswer(int status, String contentType, String body) {}
}
