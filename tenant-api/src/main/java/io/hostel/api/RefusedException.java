package io.hostel.api;

/** Carries a {@link Refusal} through a failed stage; it has no stack trace, for it is an answer and no fault. */
public final class RefusedException extends RuntimeException {
    private final transient Refusal refusal;

    public RefusedException(Refusal refusal) {
        super(refusal.detail(), null, false, false);
        this.refusal = refusal;
    }

    public Refusal refusal() {
        return refusal;
    }
}
