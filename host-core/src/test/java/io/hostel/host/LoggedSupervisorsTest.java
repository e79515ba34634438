package io.hostel.host;

import static org.assertj.core.api.Assertions.assertThat;

import akka.actor.testkit.typed.javadsl.ActorTestKit;
import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.javadsl.Behaviors;
import io.hostel.log.LogFiles;
import io.hostel.resource.Ledger;
import io.hostel.sandbox.LedgerEntry;
import io.hostel.sandbox.Plans;
import io.hostel.sandbox.SandboxPlan;
import io.hostel.sandbox.SandboxRequest;
import io.hostel.sandbox.SandboxSupervisor;
import io.hostel.tenant.Supervisors;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LoggedSupervisorsTest {
    @TempDir
    private Path directory;

    /** A tenant may launch more at once than it has permits for. */
    @Test
    void oneThatIsNotInTheLedgerYetIsLivingUntilItsSupervisorStops() throws Exception {
        ActorTestKit kit = ActorTestKit.create();
        try (LogFiles logs = new LogFiles(directory.resolve("log"), 1 << 20, kit.system())) {
            SandboxPlan plan = Plans.web(directory);
            LoggedSupervisors supervisors = new LoggedSupervisors(new Waiting(), logs);
            ActorRef<SandboxSupervisor.Command> supervisor = kit.spawn(supervisors.adopt(
                    LedgerEntry.of(plan),
                    kit.<SandboxSupervisor.Event>createTestProbe().ref()));
            logs.allow(plan.tenant(), 0);
            Path name = directory.resolve("log/" + plan.tenant() + "/" + plan.app() + "/" + plan.id() + ".process");
            Awaitility.await().until(() -> Files.exists(name));
            Thread.sleep(5); // the look is later than the file
            supervisors.boundLogs().toCompletableFuture().get();
            assertThat(name).exists();

            supervisor.tell(new SandboxSupervisor.Reap());

            Awaitility.await().until(() -> ids(supervisors).equals(Set.of("recorded")));
            supervisors.boundLogs().toCompletableFuture().get();
            assertThat(name).doesNotExist();
        } finally {
            kit.shutdownTestKit();
        }
    }

    private static Set<String> ids(Supervisors supervisors) throws Exception {
        return supervisors.living().toCompletableFuture().get();
    }

    @Test
    void idsAreTheNamesOfTheLedgersFiles() throws Exception {
        Ledger<LedgerEntry> ledger = Ledger.open(directory, LedgerEntry.class);
        SandboxPlan plan = Plans.web(directory);
        ledger.record(plan.id(), LedgerEntry.of(plan));
        Files.writeString(directory.resolve("torn.json"), "{");
        assertThat(ledger.ids()).containsExactlyInAnyOrder(plan.id(), "torn");
    }

    private static final class Waiting implements Supervisors {
        @Override
        public Behavior<SandboxSupervisor.Command> start(
                SandboxRequest request, ActorRef<SandboxSupervisor.Event> parent) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Behavior<SandboxSupervisor.Command> adopt(LedgerEntry entry, ActorRef<SandboxSupervisor.Event> parent) {
            return Behaviors.receive(SandboxSupervisor.Command.class)
                    .onMessage(SandboxSupervisor.Reap.class, reap -> Behaviors.stopped())
                    .build();
        }

        @Override
        public CompletionStage<List<LedgerEntry>> entries() {
            return CompletableFuture.completedStage(List.of());
        }

        @Override
        public CompletionStage<Set<String>> living() {
            return CompletableFuture.completedStage(Set.of("recorded"));
        }
    }
}
