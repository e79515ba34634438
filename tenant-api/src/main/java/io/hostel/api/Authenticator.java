package io.hostel.api;

import java.util.Optional;
import java.util.concurrent.CompletionStage;

/** Tells whose a bearer token is. */
public interface Authenticator {
    /** Empty where the token is nobody's, expired or revoked. Takes the same time whether or not it resembles a real one. */
    CompletionStage<Optional<Caller>> caller(String token);
}
