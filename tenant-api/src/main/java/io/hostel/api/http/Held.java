package io.hostel.api.http;

import akka.NotUsed;
import akka.actor.Cancellable;
import akka.actor.typed.ActorSystem;
import akka.stream.javadsl.Source;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * What an answer holds until its last byte is sent: a place, bytes, a file. It is let go of once: when the stream ends, or when
 * the stream has not begun in time because its client had gone before the answer.
 */
final class Held {
    private static final Duration LATEST_BEGIN = Duration.ofSeconds(60);

    private final Runnable release;
    private final AtomicBoolean begun = new AtomicBoolean();
    private final Cancellable latestBegin;

    private Held(ActorSystem<?> system, Runnable release) {
        this.release = release;
        this.latestBegin = system.scheduler().scheduleOnce(LATEST_BEGIN, this::giveUp, system.executionContext());
    }

    /** @param release called once; it is remembered until then, so it should not hold on to what is sent */
    static Held until(ActorSystem<?> system, Runnable release) {
        return new Held(system, release);
    }

    /** Lets go where the stream has not begun. */
    void giveUp() {
        if (begin()) {
            release.run();
        }
    }

    /** Whether it was not begun before. The scheduler, which would remember this until it is late, forgets it. */
    private boolean begin() {
        boolean first = begun.compareAndSet(false, true);
        if (first) {
            latestBegin.cancel();
        }
        return first;
    }

    /** The same stream, which lets go when it ends. One that begins after it was given up is empty. */
    <T> Source<T, NotUsed> during(Source<T, ?> source) {
        return Source.lazySource(() -> begin() ? released(source) : Source.<T>empty())
                .mapMaterializedValue(mat -> NotUsed.getInstance());
    }

    private <T> Source<T, NotUsed> released(Source<T, ?> source) {
        return source.watchTermination((mat, end) -> {
            end.whenComplete((done, failure) -> release.run());
            return NotUsed.getInstance();
        });
    }
}
