package io.hostel.tenant;

import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.javadsl.Behaviors;
import io.hostel.api.ExecOutcome;
import io.hostel.api.LastExit;
import io.hostel.api.Output;
import io.hostel.api.SandboxView.State;
import io.hostel.kernel.Launcher;
import io.hostel.kernel.PacketFilter.Backend;
import io.hostel.kernel.ProcessIdentity;
import io.hostel.sandbox.HostLayout;
import io.hostel.sandbox.LedgerEntry;
import io.hostel.sandbox.Proof;
import io.hostel.sandbox.SandboxPlan;
import io.hostel.sandbox.SandboxPlanner;
import io.hostel.sandbox.SandboxRequest;
import io.hostel.sandbox.SandboxStatus;
import io.hostel.sandbox.SandboxSupervisor;
import io.hostel.sandbox.SandboxSupervisor.Changed;
import io.hostel.sandbox.SandboxSupervisor.Reaped;
import io.hostel.sandbox.StoppedMonitors;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * Sandboxes without a machine. They stand until they are reaped, whatever becomes of their supervisors: what stands is the
 * ledger. Each becomes running by itself, unless the test says otherwise.
 */
final class FakeSupervisors implements Supervisors {
    private final HostLayout layout;
    private final Supplier<Map<Integer, List<Backend>>> published;
    private final Map<String, Standing> standing = new TreeMap<>();
    private final List<String> journal = new ArrayList<>();
    private final Map<String, Map<Integer, List<Backend>>> publishedWhen = new LinkedHashMap<>();
    private boolean breaking;
    private Predicate<SandboxPlan> runs = plan -> true;
    private Predicate<SandboxPlan> reaps = plan -> true;

    private static final class Standing {
        final SandboxPlan plan;
        ActorRef<SandboxSupervisor.Event> parent;
        SandboxStatus status;
        int launches;

        Standing(SandboxPlan plan, ActorRef<SandboxSupervisor.Event> parent, SandboxStatus status) {
            this.plan = plan;
            this.parent = parent;
            this.status = status;
        }
    }

    /** @param published where ports lead at the moment */
    FakeSupervisors(HostLayout layout, Supplier<Map<Integer, List<Backend>>> published) {
        this.layout = layout;
        this.published = published;
    }

    /** Which sandboxes become running by themselves from now on, at a start or restart. */
    synchronized void run(Predicate<SandboxPlan> which) {
        runs = which;
    }

    /** Which sandboxes go at once when they are to be reaped; the others wait for {@link #reaped}. */
    synchronized void reap(Predicate<SandboxPlan> which) {
        reaps = which;
    }

    /** The next start breaks whoever asks for it. */
    synchronized void breakNextStart() {
        breaking = true;
    }

    private synchronized void perhapsBreak() {
        if (breaking) {
            breaking = false;
            throw new IllegalStateException("a start that breaks its app, as the test wants");
        }
    }

    @Override
    public Behavior<SandboxSupervisor.Command> start(SandboxRequest request, ActorRef<SandboxSupervisor.Event> parent) {
        perhapsBreak();
        return Behaviors.setup(context -> {
            SandboxPlan plan = SandboxPlanner.plan(request, layout);
            synchronized (this) {
                journal.add("start " + plan.id());
                standing.put(plan.id(), new Standing(plan, parent, status(plan, State.PENDING, 0, Optional.empty(), Proof.NONE)));
                parent.tell(new Changed(the(plan.id()).status));
                if (runs.test(plan)) {
                    become(plan.id(), State.RUNNING);
                }
            }
            return serving(plan.id());
        });
    }

    @Override
    public Behavior<SandboxSupervisor.Command> adopt(LedgerEntry entry, ActorRef<SandboxSupervisor.Event> parent) {
        return Behaviors.setup(context -> {
            synchronized (this) {
                Standing s = the(entry.plan().id());
                journal.add("adopt " + entry.plan().id());
                s.parent = parent;
                parent.tell(new Changed(s.status));
            }
            return serving(entry.plan().id());
        });
    }

    @Override
    public synchronized CompletionStage<List<LedgerEntry>> entries() {
        return CompletableFuture.completedStage(ledger());
    }

    @Override
    public synchronized CompletionStage<Set<String>> living() {
        return CompletableFuture.completedStage(Set.copyOf(standing.keySet()));
    }

    synchronized List<LedgerEntry> ledger() {
        return standing.values().stream().map(s -> LedgerEntry.of(s.plan)).toList();
    }

    private Standing the(String id) {
        return Objects.requireNonNull(standing.get(id), () -> "sandbox " + id + " is no more");
    }

    private Behavior<SandboxSupervisor.Command> serving(String id) {
        return Behaviors.receive(SandboxSupervisor.Command.class)
                .onMessage(SandboxSupervisor.Reap.class, r -> reapTold(id) ? Behaviors.stopped() : Behaviors.same())
                .onMessage(SandboxSupervisor.Restart.class, r -> {
                    restarted(id);
                    return Behaviors.same();
                })
                .onMessage(SandboxSupervisor.End.class, e -> {
                    synchronized (this) {
                        journal.add("end " + id);
                    }
                    end(id, 0);
                    return Behaviors.same();
                })
                .onMessage(SandboxSupervisor.Exec.class, e -> {
                    if (e.request().command().equals(List.of("break"))) {
                        throw new IllegalStateException("a supervisor that breaks, as the test wants");
                    }
                    e.replyTo()
                            .tell(new SandboxSupervisor.Executed(
                                    new ExecOutcome(
                                            0,
                                            Optional.empty(),
                                            Output.of(new byte[0]),
                                            Output.of(new byte[0]),
                                            false,
                                            false,
                                            false,
                                            0.1,
                                            0.01)));
                    return Behaviors.same();
                })
                .build();
    }

    private synchronized boolean reapTold(String id) {
        journal.add("reap " + id);
        publishedWhen.put("reap " + id, published.get());
        SandboxPlan plan = the(id).plan;
        become(id, State.STOPPING);
        if (reaps.test(plan)) {
            reaped(id);
            return true;
        }
        return false;
    }

    private synchronized void restarted(String id) {
        journal.add("restart " + id);
        publishedWhen.put("restart " + id, published.get());
        become(id, State.STARTING);
        if (runs.test(the(id).plan)) {
            become(id, State.RUNNING);
        }
    }

    /** Nothing of it is left. */
    synchronized void reaped(String id) {
        Standing s = standing.remove(id);
        if (s != null) {
            journal.add("reaped " + id);
            s.parent.tell(new Reaped(id));
        }
    }

    /** It is gone, and nobody is told. */
    synchronized void lose(String id) {
        standing.remove(id);
    }

    synchronized void become(String id, State state) {
        become(id, state, the(id).status.lastExit());
    }

    synchronized void become(String id, State state, Optional<LastExit> exit) {
        become(id, state, exit, state == State.RUNNING || state == State.UNHEALTHY ? Proof.GIVEN : Proof.NONE);
    }

    synchronized void become(String id, State state, Optional<LastExit> exit, Proof proof) {
        Standing s = the(id);
        if (state == State.RUNNING && s.status.state() != State.RUNNING && s.status.state() != State.UNHEALTHY) {
            s.launches++;
        }
        s.status = status(s.plan, state, s.launches, exit, proof);
        s.parent.tell(new Changed(s.status));
    }

    /** What it has shown so far, which its restarts take back no more. */
    synchronized void proof(String id, Proof proof) {
        Standing s = the(id);
        SandboxStatus was = s.status;
        s.status = new SandboxStatus(
                was.plan(),
                was.state(),
                was.launched(),
                was.restarts(),
                was.startedAt(),
                was.readyAt(),
                was.lastExit(),
                was.nextRetryAt(),
                was.failure(),
                proof);
        s.parent.tell(new Changed(s.status));
    }

    /** Its monitor was found stopped. */
    synchronized void monitorStopped(String id, StoppedMonitors.Found found) {
        Standing s = the(id);
        s.parent.tell(new SandboxSupervisor.MonitorStopped(s.plan, found));
    }

    /** It ends for good, and nothing of it is left. */
    synchronized void end(String id, int code) {
        become(id, State.ENDED, Optional.of(exit(code)));
        reaped(id);
    }

    static LastExit exit(int code) {
        return new LastExit(Optional.of(code), Optional.empty(), false, Instant.EPOCH, Optional.empty(), 1, 1, 1);
    }

    synchronized List<String> ids() {
        return List.copyOf(standing.keySet());
    }

    synchronized List<SandboxPlan> plans() {
        return standing.values().stream().map(s -> s.plan).toList();
    }

    synchronized List<String> journal() {
        return List.copyOf(journal);
    }

    /** Where ports led when a sandbox was told something, e.g. {@code reap ID}. */
    synchronized Map<Integer, List<Backend>> publishedWhen(String told) {
        return Objects.requireNonNull(publishedWhen.get(told), () -> "never: " + told);
    }

    private static SandboxStatus status(
            SandboxPlan plan, State state, int launches, Optional<LastExit> exit, Proof proof) {
        Instant started = Instant.EPOCH.plusSeconds(launches);
        boolean runs = state == State.RUNNING || state == State.UNHEALTHY || state == State.STOPPING;
        ProcessIdentity init = new ProcessIdentity("boot", 4_000 + launches, launches);
        return new SandboxStatus(
                plan,
                state,
                runs ? Optional.of(new Launcher.Launched(init, init, started, Map.of())) : Optional.empty(),
                Math.max(0, launches - 1),
                launches > 0 ? Optional.of(started) : Optional.empty(),
                runs ? Optional.of(started) : Optional.empty(),
                exit,
                Optional.empty(),
                Optional.empty(),
                proof);
    }
}
