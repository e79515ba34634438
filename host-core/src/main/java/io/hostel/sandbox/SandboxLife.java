package io.hostel.sandbox;

import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.PostStop;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.BehaviorBuilder;
import akka.actor.typed.javadsl.Behaviors;
import akka.actor.typed.javadsl.TimerScheduler;
import io.hostel.api.LastExit;
import io.hostel.api.ProcessSpec;
import io.hostel.api.SandboxView.State;
import io.hostel.kernel.Launcher;
import io.hostel.kernel.ProcessIdentity;
import io.hostel.kernel.Processes;
import io.hostel.sandbox.LaunchBudget.Priority;
import io.hostel.sandbox.SandboxNews.Adopted;
import io.hostel.sandbox.SandboxNews.Cleared;
import io.hostel.sandbox.SandboxNews.ExecEnded;
import io.hostel.sandbox.SandboxNews.Granted;
import io.hostel.sandbox.SandboxNews.InitExited;
import io.hostel.sandbox.SandboxNews.LaunchMade;
import io.hostel.sandbox.SandboxNews.LivedOn;
import io.hostel.sandbox.SandboxNews.Looked;
import io.hostel.sandbox.SandboxNews.Mended;
import io.hostel.sandbox.SandboxNews.MonitorExited;
import io.hostel.sandbox.SandboxNews.MonitorStopped;
import io.hostel.sandbox.SandboxNews.NoteDue;
import io.hostel.sandbox.SandboxNews.Noted;
import io.hostel.sandbox.SandboxNews.OfLaunch;
import io.hostel.sandbox.SandboxNews.Overdue;
import io.hostel.sandbox.SandboxNews.PauseOver;
import io.hostel.sandbox.SandboxNews.Probed;
import io.hostel.sandbox.SandboxNews.RanAWhile;
import io.hostel.sandbox.SandboxNews.RemainsRead;
import io.hostel.sandbox.SandboxNews.Signalled;
import io.hostel.sandbox.SandboxNews.StartupOver;
import io.hostel.sandbox.SandboxNews.Stood;
import io.hostel.sandbox.SandboxNews.TakenBack;
import io.hostel.sandbox.SandboxSupervisor.Command;
import io.hostel.sandbox.SandboxSupervisor.End;
import io.hostel.sandbox.SandboxSupervisor.Event;
import io.hostel.sandbox.SandboxSupervisor.Exec;
import io.hostel.sandbox.SandboxSupervisor.Mend;
import io.hostel.sandbox.SandboxSupervisor.Reap;
import io.hostel.sandbox.SandboxSupervisor.Reaped;
import io.hostel.sandbox.SandboxSupervisor.Restart;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * The states of {@link SandboxSupervisor}, a method each; where a method of another name leads to a state, it does what belongs
 * to entering it.
 *
 * <p>Jobs run one after the other. A state that has started one waits for its end, whatever it hears meanwhile: wishes
 * ({@code reapWanted}, {@code restartWanted}) and deaths are noted by {@link #hear} and looked at then. So no job's result
 * ever finds the actor elsewhere.
 */
final class SandboxLife {
    static final Duration RAN_A_WHILE = Duration.ofSeconds(1);
    static final Duration RECORD_WAIT = Duration.ofSeconds(1);
    static final Duration JOB_OVERDUE = Duration.ofSeconds(30);
    static final Duration NOTE_SOON = Duration.ofMillis(10);
    static final Duration SECOND_ANSWER = Duration.ofMillis(50);
    static final Duration ASKED_UNTIL_PROVEN = Duration.ofSeconds(1);
    static final int UNHEALTHY_AFTER = 3;
    static final int FAILED_AFTER = 6;
    static final int STUCK_AFTER = 5;
    static final int MENDS_OPEN = 2;

    private final ActorContext<Command> context;
    private final TimerScheduler<Command> timers;
    private final SandboxPlan plan;
    private final SandboxPorts ports;
    private final ActorRef<Event> parent;
    private final SandboxJobs jobs;
    private final JobsInTurn inTurn;
    private final Execs execs;
    private final SandboxFace face;

    private LedgerEntry entry;
    private boolean recorded;
    /** Also asked for by the job that puts up. */
    private volatile boolean reapWanted;

    private boolean restartWanted;
    private boolean endWanted;
    private boolean goingAway;
    private boolean initGone;
    private boolean monitorGone;
    private List<Processes.Watch> watches = List.of();
    private boolean cleared;
    /** Of the launch that is over, where the job that cleared the sandbox has met them. */
    private Optional<SandboxJobs.Remains> remains = Optional.empty();

    /** Of the launch that has just been made. */
    private Optional<CompletionStage<Prober.Answer>> firstAnswer = Optional.empty();

    private int mendsOpen;
    /** By the clock that nobody sets. */
    private Instant since;

    private int standFailures;

    /** How often a permit was asked for: one that was granted late, and is given back by then, is told from the next. */
    private int asked;

    /** To launch again, since before it is known whether to. */
    private boolean permitted;

    SandboxLife(
            ActorContext<Command> context,
            TimerScheduler<Command> timers,
            SandboxPlan plan,
            SandboxPorts ports,
            ActorRef<Event> parent) {
        this.context = context;
        this.timers = timers;
        this.plan = plan;
        this.ports = ports;
        this.parent = parent;
        this.jobs = new SandboxJobs(plan, ports);
        this.inTurn = new JobsInTurn(plan.id(), ports.kernelExecutor());
        this.execs = new Execs(context, plan, ports);
        this.face = new SandboxFace(plan, ports.hostLog(), parent);
        this.entry = LedgerEntry.of(plan);
        this.since = ports.steady().instant();
        ports.roll().enter(plan.id(), context.getSelf());
    }

    Behavior<Command> begin(Optional<LedgerEntry> adopted) {
        if (adopted.isEmpty()) {
            return waitForBudget(Priority.DEPLOY, State.PENDING);
        }
        entry = adopted.get();
        recorded = true;
        face.proof(Proof.NONE.inARow(entry.streak()));
        return switch (entry.phase()) {
            case APPLYING -> {
                face.show(State.PENDING, entry, Optional.empty());
                yield adopt(1);
            }
            case REAPING -> takeBack(State.STOPPING, false);
            case STANDING -> {
                face.show(entry.readyAt().isPresent() ? State.RUNNING : State.STARTING, entry, entry.launched());
                yield adopt(1);
            }
        };
    }

    // Waiting for a permit: nothing of a launch is under way.

    private Behavior<Command> waitForBudget(Priority priority, State shown) {
        if (reapWanted || endWanted) {
            return takeBack(reapWanted ? State.STOPPING : State.ENDED, false);
        }
        restartWanted = false;
        since = steady();
        face.show(shown, entry, Optional.empty());
        if (permitted) {
            return granted();
        }
        ActorRef<Command> self = context.getSelf();
        Granted granted = new Granted(++asked);
        return ports.budget().ask(priority, self, () -> self.tell(granted)) ? granted() : pending();
    }

    private Behavior<Command> granted() {
        took("wait");
        return entry.phase() == LedgerEntry.Phase.STANDING ? relaunch() : stand();
    }

    private Behavior<Command> pending() {
        return hear(on().onMessage(Granted.class, m -> m.asked() == asked, m -> granted())
                .onMessage(Reap.class, m -> {
                    budgetDone();
                    return reapNow();
                }));
    }

    // Putting up.

    private Behavior<Command> stand() {
        recorded = true;
        since = steady();
        forgetDeaths();
        entry = entry.launching();
        LedgerEntry planned = entry;
        run("putting it up", () -> jobs.start(planned, () -> !reapWanted, deaths(planned.launch())), Stood::new);
        return applying();
    }

    private Behavior<Command> applying() {
        return hear(on().onMessage(Stood.class, m -> {
            budgetDone();
            return m.outcome().fold(this::stood, t -> notStood(t.why()));
        }));
    }

    private Behavior<Command> stood(SandboxJobs.Started started) {
        entry = started.entry();
        standFailures = 0;
        return started.outcome()
                .map(outcome -> outcome.fold(this::launched, this::notLaunched))
                .orElseGet(() -> takeBack(State.STOPPING, false));
    }

    /** The steps have been reverted; what spoke against them (a full pool, a full bridge) may pass. */
    private Behavior<Command> notStood(String why) {
        if (reapWanted) {
            return takeBack(State.STOPPING, false);
        }
        face.failed(why);
        Duration pause = Pauses.putUp(++standFailures);
        face.showBackoff(now().plus(pause), entry);
        pause(pause);
        return notStanding();
    }

    private Behavior<Command> notStanding() {
        return hear(on().onMessage(PauseOver.class, m -> waitForBudget(Priority.CRASH_LOOP, State.PENDING))
                .onMessage(Restart.class, m -> {
                    timers.cancelAll();
                    return waitForBudget(Priority.RESTART, State.PENDING);
                })
                .onMessage(Reap.class, m -> reapNow()));
    }

    // Launching.

    private Behavior<Command> relaunch() {
        since = steady();
        forgetDeaths();
        entry = entry.launching();
        LedgerEntry next = entry;
        face.show(State.STARTING, entry, Optional.empty());
        run("launching", () -> jobs.relaunch(next, deaths(next.launch())), LaunchMade::new);
        return launching();
    }

    private Behavior<Command> launching() {
        return hear(on().onMessage(LaunchMade.class, m -> {
            budgetDone();
            return m.outcome().fold(this::launched, this::notLaunched);
        }));
    }

    private Behavior<Command> launched(SandboxJobs.Watched watched) {
        since = steady();
        watching(watched);
        firstAnswer = watched.firstAnswer();
        restartWanted = false; // it is as fresh as it gets
        Behavior<Command> next = live(false);
        noteSoon();
        return next;
    }

    private Behavior<Command> notLaunched(Outcome.Trouble<SandboxJobs.Watched> trouble) {
        boolean commandsFault = trouble.operation().equals("exec");
        String reason = (commandsFault ? "failed to " : "the launch failed: ") + trouble.why();
        face.failed(reason);
        if (commandsFault) {
            face.proof(face.proof().notExecuted(reason));
        }
        // The host's own trouble is no run of the command: even one that is never to run again is tried again.
        ProcessSpec.RestartPolicy policy = commandsFault ? plan.spec().restart() : ProcessSpec.RestartPolicy.ALWAYS;
        return over(ExitClassifier.notLaunched(reason, now()), false, Duration.ZERO, policy);
    }

    /** There is an init, or was a moment ago: on to the state that its processes call for. */
    private Behavior<Command> live(boolean adopted) {
        if (initGone) {
            return collect(Cause.OWN);
        }
        if (monitorGone) {
            return kill(Cause.LOST_MONITOR);
        }
        if (reapWanted || restartWanted || endWanted) {
            return stop(Cause.STOPPED);
        }
        return adopted && entry.readyAt().isPresent()
                ? answering(plan.spec().health().interval())
                : start();
    }

    // Starting, running, unhealthy: an init lives.

    private Behavior<Command> start() {
        face.proof(face.proof().again());
        face.show(State.STARTING, entry, alive());
        timers.startSingleTimer(
                StartupOver.class, new StartupOver(), plan.spec().health().startup());
        if (firstAnswer.isPresent()) {
            hearOf(firstAnswer.get());
            firstAnswer = Optional.empty();
        } else if (plan.target().isPresent()) {
            probe(Pauses.probe(0));
        } else {
            timers.startSingleTimer(RanAWhile.class, new RanAWhile(), RAN_A_WHILE);
        }
        return probing(1, "no answer yet");
    }

    private Behavior<Command> probing(int probes, String found) {
        return hear(living().onMessage(Probed.class, this::current, m -> {
                    if (m.answer().well()) {
                        return ready();
                    }
                    probe(Pauses.probe(probes));
                    return probing(probes + 1, m.answer().why());
                })
                .onMessage(RanAWhile.class, m -> ready())
                .onMessage(StartupOver.class, m -> notReady(found)));
    }

    /** Not stopped before it is known where it listens: that tells most of those who wrote it why. */
    private Behavior<Command> notReady(String found) {
        Optional<ProcessIdentity> init = alive().map(Launcher.Launched::init);
        if (plan.target().isEmpty() || init.isEmpty()) {
            return stop(late(found));
        }
        int launch = entry.launch();
        int port = plan.target().get().port();
        run(
                "looking where it listens",
                () -> jobs.whyUnanswered(init.get(), port, found),
                why -> new Looked(launch, why));
        return hear(living().onMessage(
                        Looked.class, this::current, m -> stop(late(m.why().fold(why -> why, trouble -> found)))));
    }

    private Cause late(String why) {
        return Cause.failedHealth(
                "not ready within " + plan.spec().health().startup().toSeconds() + " s: " + why);
    }

    private Behavior<Command> ready() {
        took("ready");
        timers.cancelAll();
        entry = entry.ready(now());
        Duration alive = face.proof().needed(ports.proof().serving()).minus(up());
        Behavior<Command> next = answering(alive.compareTo(SECOND_ANSWER) > 0 ? alive : SECOND_ANSWER);
        note();
        face.line("ready");
        return next;
    }

    /** @param next until it is asked again */
    private Behavior<Command> answering(Duration next) {
        face.well();
        if (plan.target().isEmpty()) {
            liveOn();
        }
        face.show(State.RUNNING, entry, alive());
        probe(shorter(next, pace()));
        return running(0);
    }

    /** A release waits for the proof, and its allowance does not know of the interval. */
    private Duration pace() {
        Duration interval = plan.spec().health().interval();
        return face.proof().given() ? interval : shorter(interval, ASKED_UNTIL_PROVEN);
    }

    private static Duration shorter(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }

    private void liveOn() {
        Duration left = face.proof().needed(ports.proof().alone()).minus(up());
        if (left.isNegative() || left.isZero()) {
            face.proof(Proof.GIVEN);
        } else {
            timers.startSingleTimer(LivedOn.class, new LivedOn(), left);
        }
    }

    private void answered() {
        if (!face.proof().given() && up().compareTo(face.proof().needed(ports.proof().serving())) >= 0) {
            proven();
        }
    }

    private void proven() {
        face.proof(Proof.GIVEN);
        face.show(State.RUNNING, entry, alive());
    }

    private Behavior<Command> running(int failures) {
        return hear(living().onMessage(Probed.class, this::current, m -> {
                    if (m.answer().well()) {
                        answered();
                    }
                    probe(pace());
                    if (m.answer().well()) {
                        return running(0);
                    }
                    if (failures + 1 < UNHEALTHY_AFTER) {
                        return running(failures + 1);
                    }
                    face.failed("does not answer: " + m.answer().why());
                    face.show(State.UNHEALTHY, entry, alive());
                    return unhealthy(failures + 1);
                })
                .onMessage(LivedOn.class, m -> {
                    proven();
                    return Behaviors.same();
                }));
    }

    private Behavior<Command> unhealthy(int failures) {
        return hear(living().onMessage(Probed.class, this::current, m -> {
            if (m.answer().well()) {
                face.line("answers again");
                return answering(plan.spec().health().interval());
            }
            if (failures + 1 >= FAILED_AFTER) {
                return stop(Cause.failedHealth(m.answer().why()));
            }
            probe(plan.spec().health().interval());
            return unhealthy(failures + 1);
        }));
    }

    /** What the states with a living init hear alike. */
    private BehaviorBuilder<Command> living() {
        return on().onMessage(Reap.class, m -> {
                    reapWanted = true;
                    return stop(Cause.STOPPED);
                })
                .onMessage(Restart.class, m -> {
                    restartWanted = true;
                    return stop(Cause.STOPPED);
                })
                .onMessage(End.class, m -> stop(Cause.STOPPED))
                .onMessage(Exec.class, m -> {
                    alive().ifPresentOrElse(
                                    launched -> execs.start(m.request(), m.replyTo(), launched.init()),
                                    () -> execs.refuse(m.replyTo()));
                    return Behaviors.same();
                })
                .onMessage(InitExited.class, this::current, m -> initExited(Cause.OWN))
                .onMessage(MonitorExited.class, this::current, m -> {
                    monitorGone = true;
                    return kill(Cause.LOST_MONITOR);
                })
                .onMessage(
                        Mended.class,
                        m -> m.outcome()
                                .fold(
                                        amiss -> {
                                            mended(m);
                                            return Behaviors.same();
                                        },
                                        trouble -> {
                                            mendsOpen = Math.max(0, mendsOpen - 1);
                                            m.told().accept(plan, List.of(trouble.why()));
                                            forgetDeaths();
                                            face.failed(trouble.why());
                                            return takeBack(State.PENDING, true);
                                        }))
                .onMessage(Overdue.class, m -> {
                    if (!m.job().over()) {
                        face.line(m.job().what() + " takes long"); // of no consequence here: it runs
                    }
                    watchJobs();
                    return Behaviors.same();
                });
    }

    // Stopping.

    private Behavior<Command> stop(Cause cause) {
        timers.cancelAll();
        if (cause.kind() == Cause.Kind.FAILED_HEALTH) {
            face.failed("failed health: " + cause.words());
        }
        face.show(State.STOPPING, entry, alive());
        alive().ifPresent(launched ->
                run("signalling", () -> jobs.signal(launched.init(), SignalName.TERM), Signalled::new));
        pause(plan.spec().stopTimeout());
        return stopping(cause);
    }

    private Behavior<Command> stopping(Cause cause) {
        return hear(on().onMessage(InitExited.class, this::current, m -> initExited(cause))
                .onMessage(PauseOver.class, m -> kill(cause)));
    }

    private Behavior<Command> kill(Cause cause) {
        timers.cancelAll();
        face.show(State.STOPPING, entry, alive());
        return killAgain(cause, 1);
    }

    private Behavior<Command> killAgain(Cause cause, int attempt) {
        LedgerEntry killed = entry;
        run("killing", () -> jobs.kill(killed), Signalled::new);
        pause(Pauses.kill(attempt));
        return killing(cause, attempt);
    }

    private Behavior<Command> killing(Cause cause, int attempt) {
        return hear(on().onMessage(InitExited.class, this::current, m -> initExited(cause))
                .onMessage(PauseOver.class, m -> {
                    if (inTurn.underWay().isPresent()) {
                        pause(Pauses.kill(
                                attempt)); // not yet killed: that it does not come to it, the job's watch tells
                        return Behaviors.same();
                    }
                    stuckAfter(attempt, "its init outlives SIGKILL");
                    return killAgain(cause, attempt + 1);
                }));
    }

    // Init is dead.

    private Behavior<Command> initExited(Cause cause) {
        initGone = true;
        return collect(cause);
    }

    private Behavior<Command> collect(Cause cause) {
        timers.cancelAll();
        boolean last = reapWanted || plan.spec().restart() == ProcessSpec.RestartPolicy.NEVER;
        LedgerEntry ended = entry;
        boolean again = !last && (restartWanted || restartsAtOnce());
        permitted = again && ports.budget().askForNow(restartPriority(), context.getSelf());
        boolean begin = permitted;
        run("clearing", () -> jobs.clear(ended, begin), outcome -> new Cleared(ended.launch(), outcome));
        cleared = false;
        remains = Optional.empty();
        face.show(last ? State.STOPPING : State.STARTING, entry, Optional.empty());
        if (monitorGone) {
            return readRemains(cause, 1);
        }
        pause(RECORD_WAIT);
        return exiting(cause, false);
    }

    /** As far as can be said before the exit record is read. */
    private boolean restartsAtOnce() {
        return RestartSchedule.after(plan.spec().restart(), false, up(), entry.streak(), 0)
                .filter(RestartSchedule.Next::atOnce)
                .isPresent();
    }

    private Duration up() {
        return entry.upSince()
                .map(since -> Duration.between(since, steady()))
                .orElseGet(() -> Duration.between(entry.startedAt().orElse(now()), now()));
    }

    /** The monitor writes its record, and ends. */
    private Behavior<Command> exiting(Cause cause, boolean woken) {
        return hear(on().onMessage(MonitorExited.class, this::current, m -> {
                    monitorGone = true;
                    return cleared ? monitorEnded(cause) : Behaviors.same();
                })
                .onMessage(Cleared.class, this::current, m -> {
                    troubled(m.outcome());
                    cleared = true;
                    remains = m.outcome().fold(found -> found, trouble -> Optional.empty());
                    return monitorGone ? monitorEnded(cause) : Behaviors.same();
                })
                .onMessage(PauseOver.class, m -> {
                    budgetDone(); // others need not wait for this one's monitor
                    if (woken || monitorGone) {
                        return readRemains(cause, 1);
                    }
                    LedgerEntry ended = entry;
                    run("waking its monitor", () -> jobs.wakeMonitor(ended), Signalled::new);
                    pause(RECORD_WAIT);
                    return exiting(cause, true);
                }));
    }

    private Behavior<Command> monitorEnded(Cause cause) {
        if (remains.isEmpty()) {
            return readRemains(cause, 1);
        }
        timers.cancelAll();
        return ended(cause, remains.get());
    }

    private Behavior<Command> readRemains(Cause cause, int attempt) {
        timers.cancelAll();
        LedgerEntry ended = entry;
        boolean monitorLingers = !monitorGone;
        run("reading the exit record", () -> jobs.remains(ended, monitorLingers), RemainsRead::new);
        return clearing(cause, attempt);
    }

    private Behavior<Command> clearing(Cause cause, int attempt) {
        return hear(on().onMessage(
                        RemainsRead.class,
                        m -> m.outcome()
                                .fold(
                                        remains -> remains.anyAlive()
                                                ? notClear(cause, attempt, "processes outlive their init")
                                                : ended(cause, remains),
                                        trouble -> notClear(cause, attempt, trouble.why())))
                .onMessage(PauseOver.class, m -> readRemains(cause, attempt + 1)));
    }

    private Behavior<Command> notClear(Cause cause, int attempt, String why) {
        budgetDone();
        stuckAfter(attempt, why);
        pause(Pauses.takeBack(attempt));
        return clearing(cause, attempt);
    }

    private Behavior<Command> ended(Cause cause, SandboxJobs.Remains remains) {
        Instant started = entry.startedAt().orElse(now());
        LastExit exit = ExitClassifier.classify(
                new ExitClassifier.Ending(remains.exit(), cause, entry.baseline(), remains.usage(), started, now()));
        boolean succeeded = !cause.ours() && exit.code().filter(c -> c == 0).isPresent();
        face.proof(cause.ours() ? face.proof().again() : face.proof().ended());
        return over(exit, succeeded, up(), plan.spec().restart());
    }

    private Behavior<Command> over(LastExit exit, boolean succeeded, Duration up, ProcessSpec.RestartPolicy policy) {
        forgetDeaths();
        entry = entry.exited(exit);
        face.ended(exit);
        if (reapWanted) {
            return takeBack(State.STOPPING, false);
        }
        if (restartWanted) {
            entry = entry.restarting(0);
            return waitForBudget(Priority.RESTART, State.STARTING);
        }
        Optional<RestartSchedule.Next> next = RestartSchedule.after(
                policy, succeeded, up, entry.streak(), ports.jitter().getAsDouble());
        if (next.isEmpty()) {
            budgetDone();
            face.show(State.ENDED, entry, Optional.empty());
            return takeBack(State.ENDED, false);
        }
        entry = entry.restarting(next.get().streak());
        face.proof(face.proof().inARow(entry.streak()));
        if (next.get().atOnce()) {
            return waitForBudget(restartPriority(), State.STARTING);
        }
        budgetDone();
        note();
        face.showBackoff(now().plus(next.get().pause()), entry);
        pause(next.get().pause());
        return backoff();
    }

    private Behavior<Command> backoff() {
        return hear(on().onMessage(PauseOver.class, m -> waitForBudget(Priority.CRASH_LOOP, State.STARTING))
                .onMessage(Restart.class, m -> {
                    timers.cancelAll();
                    entry = entry.forgiven();
                    return waitForBudget(Priority.RESTART, State.STARTING);
                })
                .onMessage(Reap.class, m -> reapNow()));
    }

    // Adopting.

    private Behavior<Command> adopt(int attempt) {
        LedgerEntry found = entry;
        run("adopting", () -> jobs.adopt(found, deaths(found.launch())), Adopted::new);
        return adopting(attempt);
    }

    private Behavior<Command> adopting(int attempt) {
        return hear(on().onMessage(
                        Adopted.class,
                        m -> m.outcome().fold(this::adopted, trouble -> {
                            stuckAfter(attempt, trouble.why());
                            pause(Pauses.takeBack(attempt));
                            return adopting(attempt);
                        }))
                .onMessage(PauseOver.class, m -> adopt(attempt + 1)));
    }

    private Behavior<Command> adopted(SandboxJobs.Adoption adoption) {
        if (adoption instanceof SandboxJobs.Found found) {
            boolean recordedSo = entry.phase() == LedgerEntry.Phase.STANDING;
            watching(found.watched());
            if (!recordedSo) {
                note();
            }
            return live(true);
        }
        forgetDeaths();
        if (adoption instanceof SandboxJobs.Broken broken) {
            face.failed(broken.why());
            return takeBack(State.PENDING, true);
        }
        if (adoption instanceof SandboxJobs.Unfinished) {
            return takeBack(State.PENDING, true);
        }
        entry = entry.idle();
        return waitForBudget(restartPriority(), State.STARTING);
    }

    /** Who has just been started anew and ends again waits until those have been that ended for the first time. */
    private Priority restartPriority() {
        return entry.streak() > 1 ? Priority.CRASH_LOOP : Priority.RESTART;
    }

    // Taking back.

    private Behavior<Command> reapNow() {
        reapWanted = true;
        return takeBack(State.STOPPING, false);
    }

    /** @param anew whether it is put up again then, unless it is wanted gone */
    private Behavior<Command> takeBack(State shown, boolean anew) {
        timers.cancelAll();
        budgetDone();
        since = steady();
        goingAway = true;
        if (!recorded) {
            return gone(anew);
        }
        face.show(shown, entry, Optional.empty());
        return takeBackAgain(anew, 1);
    }

    private Behavior<Command> takeBackAgain(boolean anew, int attempt) {
        LedgerEntry last = entry;
        run("taking it back", () -> jobs.takeBack(last), TakenBack::new);
        return reaping(anew, attempt);
    }

    private Behavior<Command> reaping(boolean anew, int attempt) {
        return hear(on().onMessage(
                        TakenBack.class,
                        m -> m.outcome()
                                .fold(
                                        left -> left.isEmpty() ? gone(anew) : notGone(anew, attempt, left.toString()),
                                        trouble -> notGone(anew, attempt, trouble.why())))
                .onMessage(PauseOver.class, m -> takeBackAgain(anew, attempt + 1)));
    }

    private Behavior<Command> notGone(boolean anew, int attempt, String why) {
        stuckAfter(attempt, "cannot be taken away: " + why);
        pause(Pauses.takeBack(attempt));
        return reaping(anew, attempt);
    }

    private Behavior<Command> gone(boolean anew) {
        if (endWanted && !reapWanted) {
            face.show(State.ENDED, entry, Optional.empty());
        } else if (anew && !reapWanted) {
            goingAway = false;
            recorded = false;
            entry = entry.anew();
            return waitForBudget(Priority.RESTART, State.PENDING);
        }
        if (recorded) {
            ports.slots().gone(plan.id());
        } else {
            ports.slots().giveBack(plan.id());
        }
        took("reap");
        parent.tell(new Reaped(plan.id()));
        return Behaviors.stopped();
    }

    // Mending: beside whatever goes on, as long as all is to stand.

    private void mend(Mend wish) {
        // One that waits for its turn finds all that is amiss by then.
        if (goingAway || !recorded || entry.phase() != LedgerEntry.Phase.STANDING || mendsOpen == MENDS_OPEN) {
            return;
        }
        mendsOpen++;
        LedgerEntry standing = entry;
        run("mending", () -> jobs.mend(standing), outcome -> new Mended(outcome, wish.mended()));
    }

    private void mended(Mended news) {
        mendsOpen = Math.max(0, mendsOpen - 1);
        troubled(news.outcome());
        if (news.outcome() instanceof Outcome.Done<List<String>> done
                && !done.value().isEmpty()) {
            face.line("put right: " + String.join(", ", done.value()));
            news.told().accept(plan, done.value());
        }
    }

    // What every state hears, unless it knows better.

    private static BehaviorBuilder<Command> on() {
        return BehaviorBuilder.create();
    }

    private Behavior<Command> hear(BehaviorBuilder<Command> own) {
        return own.onAnyMessage(this::otherwise)
                .onSignal(PostStop.class, s -> {
                    budgetDone();
                    forgetDeaths();
                    execs.close();
                    ports.roll().leave(plan.id(), context.getSelf());
                    run("letting go", jobs::letGo, Signalled::new);
                    return Behaviors.same();
                })
                .build();
    }

    /** A method instead of a case each, since a state is entered more often than it hears one of these. */
    private Behavior<Command> otherwise(Command message) {
        if (message instanceof Reap) {
            reapWanted = true;
        } else if (message instanceof Restart) {
            restartWanted = true;
        } else if (message instanceof End) {
            endWanted = true;
        } else if (message instanceof Exec m) {
            execs.refuse(m.replyTo());
        } else if (message instanceof ExecEnded m) {
            execs.ended(m);
        } else if (message instanceof InitExited m) {
            initGone |= current(m);
        } else if (message instanceof MonitorExited m) {
            monitorGone |= current(m);
        } else if (message instanceof MonitorStopped m) {
            monitorStopped(m);
        } else if (message instanceof Overdue m) {
            overdue(m.job());
        } else if (message instanceof Mend m) {
            mend(m);
        } else if (message instanceof Mended m) {
            mended(m);
        } else if (message instanceof Cleared m) {
            troubled(m.outcome());
        } else if (message instanceof NoteDue) {
            note();
        } else if (message instanceof Noted m) {
            troubled(m.outcome());
        } else if (message instanceof Signalled m) {
            troubled(m.outcome());
        } else if (isStale(message)) {
            return Behaviors.same();
        } else {
            // It ends a job, and the state that began it waits for that.
            context.getLog().error("sandbox {}: nobody waits for {}", plan.id(), message);
        }
        return Behaviors.same();
    }

    /** Late, and of no meaning any more. */
    private static boolean isStale(Command message) {
        return message instanceof Granted
                || message instanceof Probed
                || message instanceof RanAWhile
                || message instanceof StartupOver
                || message instanceof LivedOn
                || message instanceof Looked
                || message instanceof PauseOver;
    }

    private boolean current(OfLaunch news) {
        return news.launch() == entry.launch();
    }

    private void monitorStopped(MonitorStopped news) {
        if (current(news)) {
            face.monitorStopped(news.found());
        }
    }

    private void troubled(Outcome<?> outcome) {
        if (outcome instanceof Outcome.Trouble<?> trouble) {
            face.line(trouble.why());
        }
    }

    private void overdue(JobsInTurn.Job job) {
        if (!job.over()) {
            face.failed(job.what() + " has taken longer than " + JOB_OVERDUE.toSeconds() + " s");
            face.show(State.STUCK, entry, alive());
        }
        watchJobs();
    }

    /** From now on for the job that is under way, if there is one; those behind it have their time when it is their turn. */
    private void watchJobs() {
        inTurn.underWay().ifPresent(job -> timers.startSingleTimer(Overdue.class, new Overdue(job), JOB_OVERDUE));
    }

    private void stuckAfter(int attempt, String why) {
        if (attempt >= STUCK_AFTER) {
            face.failed(why);
            face.show(State.STUCK, entry, alive());
        }
    }

    // Means.

    /** Starts a job once the one before has ended. */
    private <T> void run(String what, Supplier<Outcome<T>> job, Function<Outcome<T>, Command> news) {
        boolean waits = inTurn.underWay().isPresent();
        CompletableFuture<Outcome<T>> running = inTurn.run(what, job);
        if (!waits || !timers.isTimerActive(Overdue.class)) {
            watchJobs();
        }
        context.pipeToSelf(
                running, (outcome, failed) -> news.apply(failed == null ? outcome : Outcome.trouble(failed)));
    }

    private void note() {
        LedgerEntry now = entry;
        run("recording", () -> jobs.note(now), Noted::new);
    }

    /**
     * Unless it is ready before, and recorded then: a launch is not slowed down by its record. Until there is one, the launch's
     * own record tells of it.
     */
    private void noteSoon() {
        timers.startSingleTimer(NoteDue.class, new NoteDue(), NOTE_SOON);
    }

    private void probe(Duration delay) {
        plan.target()
                .ifPresent(target -> hearOf(
                        ports.prober().probe(target, delay, plan.spec().health().timeout())));
    }

    private void hearOf(CompletionStage<Prober.Answer> answer) {
        int launch = entry.launch();
        context.pipeToSelf(
                answer,
                (found, failed) -> new Probed(launch, failed == null ? found : Prober.Answer.ill(failed.toString())));
    }

    private void pause(Duration duration) {
        timers.startSingleTimer(PauseOver.class, new PauseOver(), duration);
    }

    private SandboxJobs.Deaths deaths(int launch) {
        ActorRef<Command> self = context.getSelf();
        return new SandboxJobs.Deaths(
                () -> self.tell(new InitExited(launch)),
                () -> self.tell(new MonitorExited(launch)),
                found -> self.tell(new MonitorStopped(launch, found)));
    }

    private void watching(SandboxJobs.Watched watched) {
        entry = watched.entry();
        watches = watched.watches();
    }

    private void forgetDeaths() {
        watches.forEach(Processes.Watch::close);
        watches = List.of();
        initGone = false;
        monitorGone = false;
    }

    private Optional<Launcher.Launched> alive() {
        return initGone ? Optional.empty() : entry.launched();
    }

    private void budgetDone() {
        permitted = false;
        ports.budget().done(context.getSelf());
    }

    private Instant now() {
        return ports.clock().instant();
    }

    private Instant steady() {
        return ports.steady().instant();
    }

    private void took(String phase) {
        ports.phases().observe(phase, Duration.between(since, steady()));
    }
}
