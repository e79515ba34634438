package io.hostel.sandbox;

import akka.actor.testkit.typed.javadsl.ActorTestKit;
import akka.actor.testkit.typed.javadsl.ManualTime;
import akka.actor.testkit.typed.javadsl.TestProbe;
import akka.actor.typed.ActorRef;
import io.hostel.api.ExecRequest;
import io.hostel.api.SandboxView.State;
import io.hostel.fake.FakeKernel;
import io.hostel.fake.FakeProber;
import io.hostel.resource.Ledger;
import io.hostel.sandbox.SandboxSupervisor.Changed;
import io.hostel.sandbox.SandboxSupervisor.Command;
import io.hostel.sandbox.SandboxSupervisor.Event;
import io.hostel.sandbox.SandboxSupervisor.ExecReply;
import io.hostel.sandbox.SandboxSupervisor.Reaped;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.awaitility.Awaitility;

/** One supervisor on a fake machine, where time passes and jobs run when a test says so. */
final class Scene implements AutoCloseable {
    final ActorTestKit kit = ActorTestKit.create(ManualTime.config());
    final ManualTime time = ManualTime.get(kit.system());
    final FakeKernel kernel = new FakeKernel();
    final FakeProber prober = new FakeProber();
    final CrankedExecutor executor = new CrankedExecutor();
    final List<String> log = new CopyOnWriteArrayList<>();
    final TestProbe<Event> parent = kit.createTestProbe();
    final Ledger<LedgerEntry> ledger;
    final SandboxPorts ports;
    SandboxPlan plan;
    ActorRef<Command> supervisor;
    private final SteppedClock clock = new SteppedClock();
    private final SteppedClock steady = new SteppedClock();

    /** A supervisor for a new sandbox whose jobs run by themselves and whose server answers. */
    Scene(Path directory, SandboxPlan plan) throws IOException {
        this(directory, plan, List.of(), true);
    }

    Scene(Path directory, SandboxPlan plan, List<Command> early, boolean loose) throws IOException {
        this(directory, plan, early, loose, 8);
    }

    Scene(Path directory, SandboxPlan plan, List<Command> early, boolean loose, int permits) throws IOException {
        this.plan = plan;
        ledger = Ledger.open(directory.resolve("ledger"), LedgerEntry.class);
        ports = new SandboxPorts(
                kernel,
                executor,
                ledger,
                new ColdSlots("hostel0"),
                Plans.groups(kernel.cgroups()),
                LaunchBudget.of(
                        kit.system(), new LaunchBudget.Limits(permits, permits, 1000), LaunchBudget.Gauges.NONE, clock),
                prober,
                new StoppedMonitors(kernel.processes()),
                clock,
                steady,
                () -> 0,
                (phase, took) -> {},
                (p, text) -> log.add(text),
                new Roll(),
                Proof.After.STANDARD,
                effect -> kernel.effects().makeElsewhere(effect, () -> {}));
        prober.answerFirst(Prober.Answer.WELL);
        if (loose) {
            executor.letLoose();
        }
        supervisor = spawn(Optional.empty());
        early.forEach(supervisor::tell);
    }

    /** The daemon is replaced: the actor goes without a word, another takes over from the ledger. */
    void succeed() throws IOException {
        kit.stop(supervisor);
        kernel.effects().revive();
        supervisor = spawn(ledger.entries().entries().stream().findFirst());
    }

    private ActorRef<Command> spawn(Optional<LedgerEntry> adopted) {
        return kit.spawn(SandboxSupervisor.create(plan, adopted, ports, parent.ref()));
    }

    /** The next change of state must be to this one. */
    SandboxStatus expect(State state) {
        Event event = parent.receiveMessage();
        if (!(event instanceof Changed changed) || changed.status().state() != state) {
            throw new AssertionError("expected " + state + ", saw " + event + "; log " + log);
        }
        return changed.status();
    }

    /** Passes over changes until this state is shown. */
    SandboxStatus await(State state) {
        for (int i = 0; i < 50; i++) {
            Event event = parent.receiveMessage();
            if (event instanceof Changed changed && changed.status().state() == state) {
                return changed.status();
            }
        }
        throw new AssertionError(state + " is never shown");
    }

    SandboxStatus running() {
        return await(State.RUNNING);
    }

    /** Until the ledger says that it was ready; that is shown first. */
    void awaitRecorded() {
        Awaitility.await()
                .until(() -> ledger.entries().entries().stream()
                        .anyMatch(entry -> entry.readyAt().isPresent()));
    }

    /** Passes over changes until the sandbox is gone. */
    void awaitReaped() {
        for (int i = 0; i < 50; i++) {
            if (parent.receiveMessage() instanceof Reaped) {
                parent.expectTerminated(supervisor);
                return;
            }
        }
        throw new AssertionError("it is never reaped");
    }

    void pass(Duration duration) {
        clock.pass(duration);
        steady.pass(duration);
        time.timePasses(duration);
    }

    /** Somebody sets the clock of the machine; no time passes. */
    void setClock(Duration difference) {
        clock.pass(difference);
    }

    /** What the supervisor answers to an exec; that it has answered shows that it has heard all that was said before. */
    ExecReply exec() {
        TestProbe<ExecReply> reply = kit.createTestProbe();
        supervisor.tell(new SandboxSupervisor.Exec(request(), reply.ref()));
        return reply.receiveMessage();
    }

    static ExecRequest request() {
        return new ExecRequest(List.of("ls"), new byte[0], Map.of(), Optional.empty(), Optional.empty(), Duration.ofSeconds(10));
    }

    @Override
    public void close() {
        ports.monitors().close();
        kit.shutdownTestKit();
    }

    private static final class SteppedClock extends Clock {
        private Instant now = Instant.parse("2026-11-23T12:00:00Z");

        synchronized void pass(Duration duration) {
            now = now.plus(duration);
        }

        @Override
        public synchronized Instant instant() {
            return now;
        }

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }
    }
}
