package io.hostel.api;

import java.time.Instant;
import java.util.Optional;

/** Whose token a call carried, and which one. */
public sealed interface Caller {

    /** What the token is called. */
    String label();

    /** Empty: it does not expire. */
    Optional<Instant> expiresAt();

    record Operator() implements Caller {
        @Override
        public String label() {
            return "operator";
        }

        @Override
        public Optional<Instant> expiresAt() {
            return Optional.empty();
        }
    }

    /** @param number tells tenants of one name apart that were there one after the other */
    record Tenant(String id, int number, String label, Optional<Instant> expiresAt) implements Caller {}
}
