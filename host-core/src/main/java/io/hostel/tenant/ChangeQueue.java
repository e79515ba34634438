package io.hostel.tenant;

import akka.actor.typed.javadsl.ActorContext;
import io.hostel.api.Refusal;
import io.hostel.api.RefusedException;
import io.hostel.api.ReleaseView;
import io.hostel.store.DesiredState.StoredApp;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An app's changes on their way to the disk: one at a time, each made from what the one before has left. After a failed
 * write nobody knows whether it reached the disk: the store is read again before anything else, unless it has refused. Confined
 * to the app's actor.
 */
final class ChangeQueue {
    private static final Logger LOG = LoggerFactory.getLogger(ChangeQueue.class);
    private static final int BOUND = 64;
    private static final Duration BEFORE_RELOAD = Duration.ofSeconds(1);

    private final ActorContext<AppMessage> actor;
    private final Surroundings around;
    private final Queue<Supplier<Optional<Pending>>> waiting = new ArrayDeque<>();
    private AppRecord record;
    private @Nullable Pending underWay;
    private @Nullable Throwable failure;

    /**
     * @param recorded runs when it is on the disk
     * @param failed runs when it is not
     */
    record Pending(AppChange change, Runnable recorded, Consumer<Refusal> failed) {}

    ChangeQueue(ActorContext<AppMessage> actor, Surroundings around, AppRecord record) {
        this.actor = actor;
        this.around = around;
        this.record = record;
    }

    /** What is recorded, as far as is known. */
    AppRecord record() {
        return record;
    }

    /** What will be recorded once the disk has answered, if it can; empty: nothing is on its way there. */
    Optional<AppRecord> next() {
        return Optional.ofNullable(underWay).map(pending -> pending.change().after());
    }

    /**
     * @param change made at its turn, from what is recorded then; empty where there is nothing to change
     * @param full what to do where too many wait
     */
    void add(Supplier<Optional<Pending>> change, Consumer<Refusal> full) {
        if (waiting.size() >= BOUND) {
            full.accept(new Refusal.Unavailable(BOUND + " changes of this app wait for the disk; try again shortly."));
            return;
        }
        waiting.add(change);
        go();
    }

    /** The store has answered. */
    void recorded(AppMessage.Recorded answer) {
        Pending pending = underWay;
        AppRecord now = answer.now();
        if (pending == null) {
            return;
        }
        if (answer.failure() != null && failure == null) {
            failure = answer.failure();
            if (!refused(failure)) {
                LOG.warn("record {} of app {}: {}", pending.change().event(), name(), String.valueOf(failure));
            }
        }
        if (now == null) {
            actor.scheduleOnce(BEFORE_RELOAD, actor.getSelf(), new AppMessage.Reload());
            return;
        }
        Throwable failed = failure;
        underWay = null;
        failure = null;
        if (failed == null || same(now, pending.change().after())) {
            record = pending.change().after();
            pending.recorded().run();
        } else {
            record = now;
            pending.failed().accept(Faults.refusal(failed));
        }
        go();
    }

    void reload() {
        actor.pipeToSelf(read(), AppMessage.Recorded::new);
    }

    private void go() {
        while (underWay == null && !waiting.isEmpty()) {
            Pending next = waiting.remove().get().orElse(null);
            if (next != null) {
                underWay = next;
                actor.pipeToSelf(
                        write(next.change()),
                        (answer, thrown) -> answer != null ? answer : new AppMessage.Recorded(null, thrown));
                return;
            }
        }
    }

    /** After a failed write the store is asked what it holds; what it has refused is surely not written. */
    private CompletionStage<AppMessage.Recorded> write(AppChange change) {
        AppRecord before = record;
        Optional<String> tenant = Optional.of(record.app().tenant());
        return around.records()
                .submit(state -> {
                    change.write().accept(state);
                    around.events().append(state, tenant, change.event(), change.details());
                    return change.after();
                })
                .handle((after, failure) -> {
                    if (failure == null) {
                        return CompletableFuture.completedStage(new AppMessage.Recorded(after, null));
                    }
                    return refused(failure)
                            ? CompletableFuture.completedStage(new AppMessage.Recorded(before, failure))
                            : read().handle((now, lost) -> new AppMessage.Recorded(now, failure));
                })
                .thenCompose(answer -> answer);
    }

    private static boolean refused(Throwable failure) {
        return Faults.cause(failure) instanceof RefusedException;
    }

    private CompletionStage<AppRecord> read() {
        StoredApp app = record.app();
        return around.records()
                .submit(state -> KnownApp.read(state, app.tenant(), app.app()).record());
    }

    private static boolean same(AppRecord a, AppRecord b) {
        return a.app().equals(b.app())
                && status(a, a.app().live()).equals(status(b, a.app().live()))
                && status(a, a.app().latest()).equals(status(b, a.app().latest()));
    }

    private static Optional<ReleaseView.Status> status(AppRecord record, int release) {
        return record.release(release).map(ReleaseView::status);
    }

    private String name() {
        return record.app().tenant() + "/" + record.app().app();
    }
}
