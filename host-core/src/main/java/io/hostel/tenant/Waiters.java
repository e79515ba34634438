package io.hostel.tenant;

import akka.actor.typed.ActorRef;
import io.hostel.api.Settled;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** Those who wait for a change to settle, each until its own time is over. */
final class Waiters {
    private final Map<Long, Waiter<?>> waiters = new LinkedHashMap<>();
    private final Alarm alarm;
    private long last;

    /** Calls {@link #over} with the number once the time has passed. */
    interface Alarm {
        void set(long waiter, Duration time);

        void cancel(long waiter);
    }

    Waiters(Alarm alarm) {
        this.alarm = alarm;
    }

    private record Waiter<T>(ActorRef<Reply<Settled<T>>> replyTo, BooleanSupplier settled, Supplier<T> view) {
        void answer() {
            replyTo.tell(new Reply.Done<>(new Settled<>(view.get(), settled.getAsBoolean())));
        }
    }

    /** Answers when {@code settled} holds or the time is over; at once where there is no time to wait. */
    <T> void add(ActorRef<Reply<Settled<T>>> replyTo, Duration wait, BooleanSupplier settled, Supplier<T> view) {
        Waiter<T> waiter = new Waiter<>(replyTo, settled, view);
        if (wait.isZero() || wait.isNegative() || settled.getAsBoolean()) {
            waiter.answer();
        } else {
            waiters.put(++last, waiter);
            alarm.set(last, wait);
        }
    }

    /** Something has changed. */
    void settle() {
        waiters.entrySet().removeIf(e -> {
            boolean settled = e.getValue().settled().getAsBoolean();
            if (settled) {
                alarm.cancel(e.getKey());
                e.getValue().answer();
            }
            return settled;
        });
    }

    void over(long waiter) {
        Waiter<?> gone = waiters.remove(waiter);
        if (gone != null) {
            gone.answer();
        }
    }
}
