package io.hostel.tenant;

import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.javadsl.AbstractBehavior;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.AskPattern;
import akka.actor.typed.javadsl.Behaviors;
import akka.actor.typed.javadsl.Receive;
import akka.actor.typed.javadsl.TimerScheduler;
import io.hostel.api.ExecOutcome;
import io.hostel.api.Gone;
import io.hostel.api.ProcessSpec;
import io.hostel.api.Refusal;
import io.hostel.api.RefusedException;
import io.hostel.api.ReleaseView;
import io.hostel.api.ReleaseView.Status;
import io.hostel.network.AddressPool;
import io.hostel.sandbox.LedgerEntry;
import io.hostel.sandbox.SandboxSupervisor;
import io.hostel.store.DesiredState.StoredTenant;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * One app: keeps its sandboxes as its releases want them.
 *
 * <p>Contract with the parent:
 * <ol>
 *   <li>{@link TenantMessage.AppChanged} follows every recorded change, before whoever asked for it is answered.
 *   <li>{@link TenantMessage.AppReady} comes once, when every sandbox that was adopted has been heard of.
 *   <li>Every request is answered, in the end by {@link Refusal.Unavailable}.
 *   <li>After {@link AppMessage.Delete} everything is reaped and forgotten; {@link TenantMessage.AppGone} comes when nothing is
 *       left. The actor then refuses what still comes, until {@link AppMessage.Stop}.
 * </ol>
 *
 * <p>A release goes {@code deploying → live | failed | superseded}, and {@code live → superseded}. Nothing is decided by a
 * message alone: after each one {@link AppLife#reconcile} compares what is recorded with what is there.
 */
final class AppActor extends AbstractBehavior<AppMessage> {
    private final Surroundings around;
    private final AppLife life;
    private final ChangeQueue changes;
    private final EndedRecords ended;
    private final Fleet fleet;
    private final Waiters waiters;
    private final ActorRef<TenantMessage> parent;

    /**
     * @param known what is recorded of the app
     * @param left sandboxes of the app that an earlier daemon left
     */
    static Behavior<AppMessage> create(
            Surroundings around,
            StoredTenant tenant,
            AddressPool addresses,
            Standing standing,
            KnownApp known,
            List<LedgerEntry> left,
            ActorRef<TenantMessage> parent) {
        return Behaviors.setup(context -> Behaviors.withTimers(
                timers -> new AppActor(context, timers, around, tenant, addresses, standing, known, left, parent)));
    }

    private AppActor(
            ActorContext<AppMessage> context,
            TimerScheduler<AppMessage> timers,
            Surroundings around,
            StoredTenant tenant,
            AddressPool addresses,
            Standing standing,
            KnownApp known,
            List<LedgerEntry> left,
            ActorRef<TenantMessage> parent) {
        super(context);
        this.around = around;
        this.parent = parent;
        this.changes = new ChangeQueue(context, around, known.record());
        this.ended = new EndedRecords(
                around.records(), tenant.id(), known.record().app().app());
        this.fleet = new Fleet(context, around, tenant, addresses, standing, ended);
        this.waiters = new Waiters(new Waiters.Alarm() {
            @Override
            public void set(long waiter, Duration time) {
                timers.startSingleTimer(waiter, new AppMessage.WaitOver(waiter), time);
            }

            @Override
            public void cancel(long waiter) {
                timers.cancel(waiter);
            }
        });
        this.life = new AppLife(context, timers, around, changes, fleet, standing, waiters, parent);
        life.begin(known.ended(), left);
    }

    @Override
    public Receive<AppMessage> createReceive() {
        return newReceiveBuilder()
                .onMessage(AppMessage.Deploy.class, this::onDeploy)
                .onMessage(AppMessage.Rollback.class, this::onRollback)
                .onMessage(AppMessage.Scale.class, this::onScale)
                .onMessage(AppMessage.Restart.class, this::onRestart)
                .onMessage(AppMessage.Delete.class, this::onDelete)
                .onMessage(AppMessage.Describe.class, this::onDescribe)
                .onMessage(AppMessage.Sandboxes.class, this::onSandboxes)
                .onMessage(AppMessage.StopSandbox.class, this::onStopSandbox)
                .onMessage(AppMessage.EndedForgotten.class, this::onEndedForgotten)
                .onMessage(AppMessage.Exec.class, this::onExec)
                .onMessage(AppMessage.AppNews.class, this::onNews)
                .onMessage(AppMessage.Stop.class, s -> Behaviors.stopped())
                .build();
    }

    private Behavior<AppMessage> onNews(AppMessage.AppNews news) {
        life.onNews(news);
        return this;
    }

    private AppRecord record() {
        return changes.record();
    }

    private Behavior<AppMessage> onDeploy(AppMessage.Deploy deploy) {
        life.change(deploy, deploy.ticket(), () -> {
            requireAdmitted(deploy);
            var ports = life.leasePorts(deploy.resolved().spec());
            AppChange change = AppChange.deploy(
                    record(), deploy.resolved().spec(), ports, around.clock().instant());
            int number = change.after().app().latest();
            return life.pending(
                    deploy,
                    deploy.ticket(),
                    change,
                    () -> {
                        life.deployed(number, deploy.resolved());
                        waiters.add(
                                deploy.replyTo(),
                                deploy.patience(),
                                () -> life.settled(number),
                                () -> record().release(number)
                                        .orElse(change.after().releases().get(number)));
                    },
                    () -> ports.values().forEach(around.ports()::giveBack));
        });
        return this;
    }

    /** A scale that was on its way to the disk then may be larger than what was admitted. */
    private void requireAdmitted(AppMessage.Deploy deploy) {
        record().scales(deploy.resolved().spec()).forEach((process, scale) -> {
            if (scale > deploy.scales().getOrDefault(process, 0)) {
                throw new RefusedException(new Refusal.Conflict(
                        "scaling", "Process " + process + " of app " + name() + " was being scaled; deploy again."));
            }
        });
    }

    private Behavior<AppMessage> onRollback(AppMessage.Rollback rollback) {
        String app = name();
        new Releases(around.records())
                .one(record().app().tenant(), app, rollback.release())
                .whenComplete((release, failure) -> {
                    if (failure != null) {
                        rollback.refuse(Faults.refusal(failure));
                    } else if (release.status() == Status.DEPLOYING) {
                        rollback.refuse(new Refusal.Conflict(
                                "deploying",
                                "Release " + rollback.release()
                                        + " is being deployed; there is nothing to go back to."));
                    } else {
                        parent.tell(new TenantMessage.Deploy(
                                app, release.spec(), rollback.patience(), rollback.replyTo()));
                    }
                });
        return this;
    }

    private Behavior<AppMessage> onScale(AppMessage.Scale scale) {
        life.change(scale, scale.ticket(), () -> {
            Optional<ReleaseView> current = record().current().filter(r -> r.release() == scale.release());
            if (current.isEmpty()
                    || record().live().isPresent() && record().rolling().isPresent()) {
                scale.refuse(new Refusal.Conflict(
                        "deploying", "A release of app " + name() + " is being deployed; scale when it is live."));
                return Optional.empty();
            }
            ReleaseView release = current.get();
            if (!release.spec().processes().containsKey(scale.process())) {
                scale.refuse(new Refusal.NotFound("App " + name() + " has no process " + scale.process() + "."));
                return Optional.empty();
            }
            return life.pending(
                    scale,
                    scale.ticket(),
                    AppChange.scale(record(), scale.process(), scale.scale()),
                    () -> waiters.add(
                            scale.replyTo(),
                            scale.patience(),
                            () -> life.settled(new Slot(release.release(), scale.process())),
                            () -> AppViews.process(record(), release, scale.process(), fleet, life.waiting(), around.publicHost())),
                    () -> {});
        });
        return this;
    }

    private Behavior<AppMessage> onRestart(AppMessage.Restart restart) {
        if (refusedUnlessThere(restart)) {
            return this;
        }
        life.restart();
        waiters.add(
                restart.replyTo(),
                restart.patience(),
                life::restarted,
                () -> AppViews.app(record(), fleet, life.waiting(), around.publicHost()));
        return this;
    }

    private Behavior<AppMessage> onDelete(AppMessage.Delete delete) {
        changes.add(
                () -> {
                    if (!record().exists()) {
                        delete.refuse(notFound());
                    } else if (record().app().deleting()) {
                        waiters.add(delete.replyTo(), delete.patience(), life::gone, () -> Gone.GONE);
                    } else {
                        return life.pending(
                                delete,
                                0,
                                AppChange.delete(record()),
                                () -> waiters.add(delete.replyTo(), delete.patience(), life::gone, () -> Gone.GONE),
                                () -> {});
                    }
                    return Optional.empty();
                },
                delete::refuse);
        return this;
    }

    private Behavior<AppMessage> onDescribe(AppMessage.Describe describe) {
        if (record().exists()) {
            describe.done(AppViews.app(record(), fleet, life.waiting(), around.publicHost()));
        } else {
            describe.refuse(notFound());
        }
        return this;
    }

    private Behavior<AppMessage> onSandboxes(AppMessage.Sandboxes sandboxes) {
        if (record().exists()) {
            sandboxes.done(
                    fleet.all().stream().map(s -> AppViews.sandbox(record(), s)).toList());
        } else {
            sandboxes.refuse(notFound());
        }
        return this;
    }

    private Behavior<AppMessage> onStopSandbox(AppMessage.StopSandbox stop) {
        Placed sandbox = fleet.get(stop.sandbox());
        if (sandbox == null) {
            stop.refuse(noSandbox(stop.sandbox()));
        } else if (sandbox.over()) {
            // Another one runs in its place even if the host ends now.
            getContext()
                    .pipeToSelf(
                            ended.forget(stop.sandbox()),
                            (done, failure) -> new AppMessage.EndedForgotten(stop, failure));
        } else if (isJob(sandbox) && sandbox.alive()) {
            Objects.requireNonNull(sandbox.supervisor).tell(new SandboxSupervisor.End());
            waiters.add(
                    stop.replyTo(),
                    stop.patience(),
                    () -> fleet.get(stop.sandbox()) == null || sandbox.over(),
                    () -> Gone.GONE);
        } else {
            stop(stop);
        }
        return this;
    }

    /** One that is not to run again stays as it has ended. */
    private boolean isJob(Placed sandbox) {
        return !sandbox.leaving
                && record().process(sandbox.slot)
                        .filter(process -> process.restart() == ProcessSpec.RestartPolicy.NEVER)
                        .isPresent();
    }

    private Behavior<AppMessage> onEndedForgotten(AppMessage.EndedForgotten forgotten) {
        if (forgotten.failure() == null) {
            stop(forgotten.stop());
        } else {
            forgotten.stop().refuse(Faults.refusal(forgotten.failure()));
        }
        return this;
    }

    private void stop(AppMessage.StopSandbox stop) {
        life.drain(stop.sandbox());
        life.reconcile();
        waiters.add(stop.replyTo(), stop.patience(), () -> fleet.get(stop.sandbox()) == null, () -> Gone.GONE);
    }

    private Behavior<AppMessage> onExec(AppMessage.Exec exec) {
        Placed sandbox = fleet.get(exec.sandbox());
        ActorRef<SandboxSupervisor.Command> supervisor = sandbox == null ? null : sandbox.supervisor;
        if (sandbox == null) {
            exec.refuse(noSandbox(exec.sandbox()));
        } else if (supervisor == null || !sandbox.alive()) {
            exec.refuse(new Refusal.Conflict(
                    "not-running",
                    "Nothing runs in sandbox " + sandbox.id + " now: it is "
                            + sandbox.state().name().toLowerCase(java.util.Locale.ROOT) + "."));
        } else {
            AskPattern.<SandboxSupervisor.Command, SandboxSupervisor.ExecReply>ask(
                            supervisor,
                            replyTo -> new SandboxSupervisor.Exec(exec.request(), replyTo),
                            exec.request().timeout().plusSeconds(15),
                            getContext().getSystem().scheduler())
                    .whenComplete((reply, failure) -> answer(exec, reply, failure));
        }
        return this;
    }

    /** Runs on any thread. */
    private static void answer(
            AppMessage.Exec exec,
            SandboxSupervisor.@org.jspecify.annotations.Nullable ExecReply reply,
            @org.jspecify.annotations.Nullable Throwable failure) {
        if (reply instanceof SandboxSupervisor.Executed executed) {
            ExecOutcome outcome = executed.outcome();
            exec.done(outcome);
        } else if (reply instanceof SandboxSupervisor.ExecRefused refused) {
            exec.refuse(refused.refusal());
        } else {
            exec.refuse(new Refusal.Unavailable("Sandbox " + exec.sandbox() + " did not answer: " + failure));
        }
    }

    private boolean refusedUnlessThere(AppMessage.AppRequest<?> request) {
        if (!record().exists()) {
            request.refuse(notFound());
            return true;
        }
        if (record().app().deleting()) {
            request.refuse(AppLife.deleting(name()));
            return true;
        }
        return false;
    }

    private String name() {
        return record().app().app();
    }

    private Refusal notFound() {
        return new Refusal.NotFound("There is no app " + name() + ".");
    }

    private Refusal noSandbox(String sandbox) {
        return new Refusal.NotFound("App " + name() + " has no sandbox " + sandbox + ".");
    }
}
