package io.hostel.host;

import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import io.hostel.log.LogFiles;
import io.hostel.sandbox.LedgerEntry;
import io.hostel.sandbox.SandboxRequest;
import io.hostel.sandbox.SandboxSupervisor;
import io.hostel.tenant.Supervisors;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.stream.Collectors;

/** Tells the logs of every sandbox that comes, so that its lines carry the name of its process. */
public record LoggedSupervisors(Supervisors supervisors, LogFiles logs) implements Supervisors {

    @Override
    public Behavior<SandboxSupervisor.Command> start(SandboxRequest request, ActorRef<SandboxSupervisor.Event> parent) {
        logs.opened(request.tenant(), request.app(), request.id(), request.process());
        return supervisors.start(request, parent);
    }

    @Override
    public Behavior<SandboxSupervisor.Command> adopt(LedgerEntry entry, ActorRef<SandboxSupervisor.Event> parent) {
        logs.opened(
                entry.plan().tenant(),
                entry.plan().app(),
                entry.plan().id(),
                entry.plan().process());
        return supervisors.adopt(entry, parent);
    }

    @Override
    public CompletionStage<List<LedgerEntry>> entries() {
        return supervisors.entries();
    }

    /** Bounds the logs of sandboxes that are gone; for a timer. */
    public CompletionStage<Void> sweepLogs() {
        return supervisors.entries().thenCompose(entries -> logs.sweep(living(entries)));
    }

    /** Holds tenants' logs to their quotas; for a timer. */
    public CompletionStage<Void> boundLogs() {
        Instant asOf = Instant.now();
        return supervisors.entries().thenCompose(entries -> logs.bound(living(entries), asOf));
    }

    private static Set<String> living(List<LedgerEntry> entries) {
        return entries.stream().map(entry -> entry.plan().id()).collect(Collectors.toSet());
    }
}
