package io.hostel.host;

import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.BehaviorInterceptor;
import akka.actor.typed.PostStop;
import akka.actor.typed.Signal;
import akka.actor.typed.TypedActorContext;
import akka.actor.typed.javadsl.Behaviors;
import io.hostel.log.LogFiles;
import io.hostel.sandbox.LedgerEntry;
import io.hostel.sandbox.SandboxPlan;
import io.hostel.sandbox.SandboxRequest;
import io.hostel.sandbox.SandboxSupervisor;
import io.hostel.tenant.Supervisors;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Tells the logs of every sandbox that comes, so that its lines carry the name of its process. A sandbox is living from
 * then until its supervisor has stopped, though it may wait long before it is in the ledger, and for as long as the
 * ledger has it.
 */
public final class LoggedSupervisors implements Supervisors {
    private final Supervisors supervisors;
    private final LogFiles logs;
    private final Set<String> supervised = ConcurrentHashMap.newKeySet();

    public LoggedSupervisors(Supervisors supervisors, LogFiles logs) {
        this.supervisors = supervisors;
        this.logs = logs;
    }

    @Override
    public Behavior<SandboxSupervisor.Command> start(SandboxRequest request, ActorRef<SandboxSupervisor.Event> parent) {
        supervised.add(request.id());
        logs.opened(request.tenant(), request.app(), request.id(), request.process());
        return untilStopped(request.id(), supervisors.start(request, parent));
    }

    @Override
    public Behavior<SandboxSupervisor.Command> adopt(LedgerEntry entry, ActorRef<SandboxSupervisor.Event> parent) {
        SandboxPlan plan = entry.plan();
        supervised.add(plan.id());
        logs.opened(plan.tenant(), plan.app(), plan.id(), plan.process());
        return untilStopped(plan.id(), supervisors.adopt(entry, parent));
    }

    private Behavior<SandboxSupervisor.Command> untilStopped(
            String id, Behavior<SandboxSupervisor.Command> supervisor) {
        return Behaviors.intercept(() -> new Stopping(id, supervised), supervisor);
    }

    private static final class Stopping
            extends BehaviorInterceptor<SandboxSupervisor.Command, SandboxSupervisor.Command> {
        private final String id;
        private final Set<String> supervised;

        Stopping(String id, Set<String> supervised) {
            super(SandboxSupervisor.Command.class);
            this.id = id;
            this.supervised = supervised;
        }

        @Override
        public Behavior<SandboxSupervisor.Command> aroundReceive(
                TypedActorContext<SandboxSupervisor.Command> context,
                SandboxSupervisor.Command message,
                ReceiveTarget<SandboxSupervisor.Command> target) {
            return target.apply(context, message);
        }

        @Override
        public Behavior<SandboxSupervisor.Command> aroundSignal(
                TypedActorContext<SandboxSupervisor.Command> context,
                Signal signal,
                SignalTarget<SandboxSupervisor.Command> target) {
            if (signal instanceof PostStop) {
                supervised.remove(id);
            }
            return target.apply(context, signal);
        }
    }

    @Override
    public CompletionStage<List<LedgerEntry>> entries() {
        return supervisors.entries();
    }

    @Override
    public CompletionStage<Set<String>> living() {
        return supervisors.living().thenApply(recorded -> {
            Set<String> living = new HashSet<>(supervised);
            living.addAll(recorded);
            return living;
        });
    }

    /** Bounds the logs of sandboxes that are gone; for a timer. */
    public CompletionStage<Void> sweepLogs() {
        return living().thenCompose(logs::sweep);
    }

    /** Holds tenants' logs to their quotas; for a timer. */
    public CompletionStage<Void> boundLogs() {
        Instant asOf = Instant.now();
        return living().thenCompose(ids -> logs.bound(ids, asOf));
    }
}
