package io.hostel.sandbox;

import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.javadsl.AbstractBehavior;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.Behaviors;
import akka.actor.typed.javadsl.Receive;
import io.hostel.sandbox.SandboxSupervisor.Changed;
import io.hostel.sandbox.SandboxSupervisor.Event;
import io.hostel.sandbox.SandboxSupervisor.Reap;
import io.hostel.sandbox.SandboxSupervisor.Reaped;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Takes away sandboxes that the ledger holds and nobody wants: their apps are gone, or the whole host is to go.
 *
 * <p>Contract: each sandbox's {@link Changed} and {@link Reaped} go on to {@code listener}; {@link Finished} follows the last
 * one, and the actor stops. A sandbox that is stuck is tried for ever, and so long there is no Finished.
 */
public final class Reaper extends AbstractBehavior<Event> {

    /** @param sandboxes how many were taken away */
    public record Finished(int sandboxes) {}

    private final ActorRef<Event> listener;
    private final ActorRef<Finished> replyTo;
    private final Set<String> left = new HashSet<>();
    private final int all;

    public static Behavior<Event> create(
            List<LedgerEntry> orphans, SandboxPorts ports, ActorRef<Event> listener, ActorRef<Finished> replyTo) {
        return Behaviors.setup(context -> new Reaper(context, orphans, ports, listener, replyTo).begun());
    }

    private Reaper(
            ActorContext<Event> context,
            List<LedgerEntry> orphans,
            SandboxPorts ports,
            ActorRef<Event> listener,
            ActorRef<Finished> replyTo) {
        super(context);
        this.listener = listener;
        this.replyTo = replyTo;
        this.all = orphans.size();
        for (LedgerEntry orphan : orphans) {
            String id = orphan.plan().id();
            left.add(id);
            context.spawn(SandboxSupervisor.create(orphan.plan(), Optional.of(orphan), ports, context.getSelf()), id)
                    .tell(new Reap());
        }
    }

    @Override
    public Receive<Event> createReceive() {
        return newReceiveBuilder()
                .onMessage(Changed.class, this::onChanged)
                .onMessage(Reaped.class, this::onReaped)
                .build();
    }

    private Behavior<Event> onChanged(Changed changed) {
        listener.tell(changed);
        return this;
    }

    private Behavior<Event> onReaped(Reaped reaped) {
        listener.tell(reaped);
        left.remove(reaped.sandbox());
        return begun();
    }

    private Behavior<Event> begun() {
        if (!left.isEmpty()) {
            return this;
        }
        replyTo.tell(new Finished(all));
        return Behaviors.stopped();
    }
}
