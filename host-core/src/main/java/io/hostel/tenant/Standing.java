package io.hostel.tenant;

import io.hostel.sandbox.LedgerEntry;
import io.hostel.sandbox.SandboxPlan;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What stands of one tenant: each sandbox from its start until nothing is left of it, those on their way out included. Never
 * more is started than the tenant may have, and one surge while a release is rolled out beside a live one. Rollouts share the
 * surge in the order in which they came for it, so that none waits for another's half. For the actors of all the tenant's apps.
 */
final class Standing {
    private final InstantSource clock;
    private final PlanRoom plans;
    private final int tenant;
    private final Runnable less;
    private final Set<Place> places = new LinkedHashSet<>();
    private final Map<String, Place> adopted = new HashMap<>();
    private final Map<String, Runnable> waiting = new LinkedHashMap<>();
    private final Set<String> rollouts = new LinkedHashSet<>();
    /** Null where it is to be added up anew: sums saturate, and can't be taken back. */
    private @Nullable Claim total = Claim.NONE;

    private Claim bound = Claim.NONE;
    /** Whether it was for the host's memory that the last one had to wait. */
    private boolean crowded;

    /**
     * @param clock goes by what has passed, whatever the clock is set to
     * @param tenant its number
     * @param less told, on any thread, when one of them is gone
     */
    Standing(InstantSource clock, PlanRoom plans, int tenant, Runnable less) {
        this.clock = clock;
        this.plans = plans;
        this.tenant = tenant;
        this.less = less;
    }

    /** What one sandbox takes, until {@link #gone}. */
    final class Place {
        private String app; // empty where it is nobody's
        private final String sandbox; // empty where it was started, and not adopted
        private final Claim claim;
        private final long plan; // bytes
        private Optional<Instant> goneBy = Optional.empty();

        private Place(String app, String sandbox, Claim claim, long plan) {
            this.app = app;
            this.sandbox = sandbox;
            this.claim = claim;
            this.plan = plan;
        }

        /** @param within how long it may take at most until it is gone */
        void leaving(Duration within) {
            synchronized (Standing.this) {
                goneBy = Optional.of(clock.instant().plus(within));
            }
        }

        /** Nothing is left of it. */
        void gone() {
            take(this);
        }
    }

    /** @param going how many are on their way out @param goneBy when the last of them should be gone */
    record Going(int going, Optional<Instant> goneBy, boolean crowded) {
        String words() {
            if (crowded) {
                return "find no memory on the host: the tenant's commands and environments are too large for so many;"
                        + " make them smaller, or the scale";
            }
            return "do not fit into the tenant's quota yet: "
                    + (going == 0 ? "another of its releases is being rolled out" : going + " on their way out");
        }
    }

    /**
     * How much may stand from now on. Those who wait are told where that is more.
     *
     * @param allowed by the quota, or what has been admitted where the quota was lowered below it
     * @param surge on top of it
     */
    void bound(Claim allowed, Claim surge) {
        Claim now = allowed.plus(surge);
        boolean more;
        synchronized (this) {
            more = !now.within(bound);
            bound = now;
        }
        if (more) {
            wake();
        }
    }

    /**
     * A place for one more sandbox; empty where it has to wait.
     *
     * @param plan bytes of its plan, see {@link PlanRoom}
     * @param rollout whether it is started beside what it is to replace
     * @param wake told, on any thread, when it is worth trying again
     */
    synchronized Optional<Place> start(String app, Claim claim, long plan, boolean rollout, Runnable wake) {
        if (rollout) {
            rollouts.add(app);
        }
        boolean turn = !rollout || rollouts.iterator().next().equals(app);
        boolean fits = turn && total().plus(claim).within(bound);
        crowded = fits && !plans.enter(tenant, plan, this::wake);
        if (fits && !crowded) {
            return Optional.of(add(new Place(app, "", claim, plan)));
        }
        waiting.put(app, wake);
        return Optional.empty();
    }

    /** The place of one that is there already, whatever the bound. */
    synchronized Place adopt(SandboxPlan plan) {
        return adopted.computeIfAbsent(plan.id(), id -> {
            long bytes = PlanRoom.weight(plan);
            plans.enterAnyway(tenant, bytes);
            return add(new Place(plan.app(), id, Claim.standing(plan.spec()), bytes));
        });
    }

    /** The place of one that is there already and that no record speaks of: it is no app's, whatever its name. */
    synchronized Place orphan(SandboxPlan plan) {
        Place place = adopt(plan);
        place.app = "";
        return place;
    }

    private Place add(Place place) {
        total = total().plus(place.claim);
        places.add(place);
        return place;
    }

    private void take(Place place) {
        synchronized (this) {
            if (!places.remove(place)) {
                return;
            }
            adopted.remove(place.sandbox);
            total = null;
        }
        plans.leave(tenant, place.plan);
        less.run();
        wake();
    }

    /** What all that stands takes. */
    synchronized Claim total() {
        Claim known = total;
        if (known == null) {
            known = places.stream().map(p -> p.claim).reduce(Claim.NONE, Claim::plus);
            total = known;
        }
        return known;
    }

    /** An app has started all that it wants: the surge is the next one's. */
    void settled(String app) {
        boolean next;
        synchronized (this) {
            waiting.remove(app);
            next = rollouts.remove(app) && !rollouts.isEmpty();
        }
        if (next) {
            wake();
        }
    }

    /** Nobody speaks for an app any more, and this is what stands of it: each is adopted by somebody, and counts until then. */
    void left(String app, List<LedgerEntry> entries) {
        long bytes;
        synchronized (this) {
            bytes = places.stream().filter(p -> p.app.equals(app)).mapToLong(p -> p.plan).sum();
            places.removeIf(p -> p.app.equals(app));
            adopted.values().retainAll(places);
            total = null;
            entries.forEach(entry -> adopt(entry.plan()));
        }
        plans.leave(tenant, bytes);
        settled(app);
        wake();
    }

    synchronized Going going() {
        return new Going(
                (int) places.stream().filter(p -> p.goneBy.isPresent()).count(),
                places.stream().flatMap(p -> p.goneBy.stream()).max(Comparator.naturalOrder()),
                crowded);
    }

    /** How many stand. */
    synchronized int sandboxes() {
        return places.size();
    }

    private void wake() {
        List<Runnable> told;
        synchronized (this) {
            told = new ArrayList<>(waiting.values());
        }
        told.forEach(Runnable::run);
    }
}
