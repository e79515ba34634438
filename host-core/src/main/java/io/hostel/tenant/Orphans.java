package io.hostel.tenant;

import akka.actor.typed.ActorRef;
import akka.actor.typed.javadsl.ActorContext;
import io.hostel.sandbox.LedgerEntry;
import io.hostel.sandbox.SandboxPlan;
import io.hostel.sandbox.SandboxSupervisor;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Sandboxes of the ledger that no record speaks of: they are taken over to be reaped. Confined to its actor. */
final class Orphans<M> {
    private static final Logger LOG = LoggerFactory.getLogger(Orphans.class);

    private final ActorContext<M> actor;
    private final Supervisors supervisors;
    private final ActorRef<SandboxSupervisor.Event> events;
    private final Function<String, M> ended;
    private final Standing standing;
    private final Consumer<SandboxPlan> reaped;
    private final Map<String, Orphan> orphans = new HashMap<>();

    private record Orphan(SandboxPlan plan, Standing.Place place) {}

    /**
     * @param events where the actor hears of them, to hand it to {@link #on}
     * @param ended the message that says that a supervisor is no more, to hand it to {@link #ended}
     * @param standing where they count until they are gone
     * @param reaped what to do when nothing is left of one
     */
    Orphans(
            ActorContext<M> actor,
            Supervisors supervisors,
            ActorRef<SandboxSupervisor.Event> events,
            Function<String, M> ended,
            Standing standing,
            Consumer<SandboxPlan> reaped) {
        this.actor = actor;
        this.supervisors = supervisors;
        this.events = events;
        this.ended = ended;
        this.standing = standing;
        this.reaped = reaped;
    }

    void reap(LedgerEntry entry) {
        SandboxPlan plan = entry.plan();
        LOG.info("sandbox {} of {}/{} is nobody's: it is reaped", plan.id(), plan.tenant(), plan.app());
        Standing.Place place = standing.orphan(plan);
        place.leaving(plan.spec().stopTimeout());
        orphans.put(plan.id(), new Orphan(plan, place));
        ActorRef<SandboxSupervisor.Command> supervisor =
                actor.spawn(supervisors.adopt(entry, events), "orphan-" + plan.id());
        actor.watchWith(supervisor, ended.apply(plan.id()));
        supervisor.tell(new SandboxSupervisor.Reap());
    }

    void on(SandboxSupervisor.Event event) {
        if (event instanceof SandboxSupervisor.Reaped) {
            Orphan orphan = orphans.remove(event.sandbox());
            if (orphan != null) {
                orphan.place().gone();
                reaped.accept(orphan.plan());
            }
        }
    }

    /** One whose supervisor broke is left to the doctor; what was leased to it stays so. */
    void ended(String sandbox) {
        if (orphans.remove(sandbox) != null) {
            LOG.warn("the supervisor of orphan {} broke; the doctor shows what is left", sandbox);
        }
    }

    boolean isEmpty() {
        return orphans.isEmpty();
    }
}
