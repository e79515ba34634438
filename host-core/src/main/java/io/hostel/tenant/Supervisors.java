package io.hostel.tenant;

import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import io.hostel.sandbox.LedgerEntry;
import io.hostel.sandbox.SandboxRequest;
import io.hostel.sandbox.SandboxSupervisor;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletionStage;

/** Makes the actors that own sandboxes; see {@link SandboxSupervisor} for what they owe their parent. */
public interface Supervisors {

    /** One that makes a new sandbox. */
    Behavior<SandboxSupervisor.Command> start(SandboxRequest request, ActorRef<SandboxSupervisor.Event> parent);

    /** One that takes over a sandbox of the ledger: an earlier daemon's, or one whose supervisor broke. */
    Behavior<SandboxSupervisor.Command> adopt(LedgerEntry entry, ActorRef<SandboxSupervisor.Event> parent);

    /** What the ledger holds now. */
    CompletionStage<List<LedgerEntry>> entries();

    /** Ids of all sandboxes that there are. */
    CompletionStage<Set<String>> living();
}
