package io.hostel.api.http;

import akka.NotUsed;
import akka.actor.typed.ActorSystem;
import akka.stream.javadsl.Source;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A stream's place in a {@link Crowd}, given up when the stream ends, and when it never begins because its client has gone
 * before the answer.
 */
final class Seat {
    private static final Duration LATEST_BEGIN = Duration.ofSeconds(60);

    private final Crowd crowd;
    private final String who;
    private final AtomicBoolean begun = new AtomicBoolean();

    private Seat(Crowd crowd, String who) {
        this.crowd = crowd;
        this.who = who;
    }

    /** Fails with {@link Problem.Refused} where none is free. */
    static Seat take(Crowd crowd, String who, ActorSystem<?> system) {
        if (!crowd.enter(who)) {
            throw new Problem.Refused(
                    Problem.of(429, "too-many-calls", "Too many at a time", "too many streams are open; close one"));
        }
        Seat seat = new Seat(crowd, who);
        system.scheduler().scheduleOnce(LATEST_BEGIN, seat::giveUp, system.executionContext());
        return seat;
    }

    /** Leaves where the stream has not begun. */
    void giveUp() {
        if (begun.compareAndSet(false, true)) {
            crowd.leave(who);
        }
    }

    /** The same stream, which leaves when it ends. One that begins after the seat was given up is empty. */
    <T> Source<T, NotUsed> until(Source<T, NotUsed> source) {
        return Source.lazySource(() -> begun.compareAndSet(false, true)
                        ? source.watchTermination((mat, end) -> {
                            end.whenComplete((done, failure) -> crowd.leave(who));
                            return mat;
                        })
                        : Source.<T>empty())
                .mapMaterializedValue(mat -> NotUsed.getInstance());
    }
}
