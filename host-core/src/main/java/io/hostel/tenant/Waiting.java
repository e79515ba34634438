package io.hostel.tenant;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** Which sandboxes of an app wait until others of its tenant are gone. Confined to the app's actor. */
final class Waiting {

    /** How much longer than its time a sandbox on its way out may take. */
    private static final Duration GRACE = Duration.ofSeconds(30);

    private final Standing standing;
    private List<Slot> slots = List.of();

    Waiting(Standing standing) {
        this.standing = standing;
    }

    /** @return whether some waited and none do any more */
    boolean are(List<Slot> now) {
        boolean over = waits() && now.isEmpty();
        slots = List.copyOf(now);
        return over;
    }

    boolean waits() {
        return !slots.isEmpty();
    }

    int of(String process) {
        return (int) slots.stream().filter(s -> s.process().equals(process)).count();
    }

    /** Whether there is more to hope for: those on their way out still have time. */
    boolean longer(Instant now) {
        return waits()
                && standing.going().goneBy().filter(by -> by.plus(GRACE).isAfter(now)).isPresent();
    }

    Optional<String> why() {
        return waits()
                ? Optional.of(slots.size() + " more to start " + standing.going().words())
                : Optional.empty();
    }
}
