package io.hostel.tenant;

import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import io.hostel.sandbox.HostLayout;
import io.hostel.sandbox.LedgerEntry;
import io.hostel.sandbox.SandboxPlanner;
import io.hostel.sandbox.SandboxPorts;
import io.hostel.sandbox.SandboxRequest;
import io.hostel.sandbox.SandboxSupervisor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;

/** Supervisors of real sandboxes.
 *
 * @param blocking where the ledger is read
 */
public record LedgerSupervisors(HostLayout layout, SandboxPorts ports, Executor blocking) implements Supervisors {

    @Override
    public Behavior<SandboxSupervisor.Command> start(SandboxRequest request, ActorRef<SandboxSupervisor.Event> parent) {
        return SandboxSupervisor.create(SandboxPlanner.plan(request, layout), Optional.empty(), ports, parent);
    }

    @Override
    public Behavior<SandboxSupervisor.Command> adopt(LedgerEntry entry, ActorRef<SandboxSupervisor.Event> parent) {
        return SandboxSupervisor.create(entry.plan(), Optional.of(entry), ports, parent);
    }

    @Override
    public CompletionStage<List<LedgerEntry>> entries() {
        return read(() -> ports.ledger().entries().entries());
    }

    @Override
    public CompletionStage<Set<String>> living() {
        return read(() -> ports.ledger().ids());
    }

    private interface Reading<T> {
        T read() throws IOException;
    }

    private <T> CompletionStage<T> read(Reading<T> reading) {
        return CompletableFuture.supplyAsync(
                () -> {
                    try {
                        return reading.read();
                    } catch (IOException e) {
                        throw new UncheckedIOException("read the ledger", e);
                    }
                },
                blocking);
    }
}
