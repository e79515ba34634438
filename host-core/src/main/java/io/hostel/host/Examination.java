package io.hostel.host;

import io.hostel.api.DoctorView;
import io.hostel.host.Inventory.Thing;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Tells what is leaked and what is missing from inventories taken again and again: the kernel takes a veth away some time after
 * its namespace, so a link that is nobody's is {@code going} until it has outstayed {@link #GRACE}. Not thread-safe.
 */
final class Examination {
    /** A run of the kernel's namespace clean-up takes tens of milliseconds, a backlog of a thousand some seconds. */
    static final Duration GRACE = Duration.ofSeconds(30);

    private final Clock clock;
    private final InstantSource steady;
    private final Map<Thing, Since> unownedSince = new HashMap<>();

    /** @param shown by the clock that people are shown, {@code steady} by the one that nobody sets */
    private record Since(Instant shown, Instant steady) {}

    /** @param steady goes by what has passed, whatever the clock is set to */
    Examination(Clock clock, InstantSource steady) {
        this.clock = clock;
        this.steady = steady;
    }

    /**
     * @param present what the kernel holds
     * @param allowed what any plan in force names, those being made or taken back included
     * @param required what the plans of standing sandboxes name
     */
    DoctorView compare(Inventory present, Inventory allowed, Inventory required) {
        Since now = new Since(clock.instant(), steady.instant());
        Set<Thing> unowned = present.without(allowed);
        unownedSince.keySet().retainAll(unowned);
        List<DoctorView.Finding> leaked = new ArrayList<>();
        int going = 0;
        for (Thing thing : unowned) {
            Since since = unownedSince.computeIfAbsent(thing, t -> now);
            if (thing.kind().equals("link") && since.steady().plus(GRACE).isAfter(now.steady())) {
                going++;
            } else {
                leaked.add(
                        new DoctorView.Finding(thing.kind(), thing.name(), "no record of it since " + since.shown()));
            }
        }
        List<DoctorView.Finding> missing = required.without(present).stream()
                .map(t -> new DoctorView.Finding(t.kind(), t.name(), "recorded, and not in the kernel"))
                .toList();
        return new DoctorView(leaked, missing, going, 0, List.of());
    }
}
