package io.hostel.host;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The threads for calls to the kernel. One that has not come back from its call for a while gets another in its place, so that as
 * many as ever serve everybody else; it ends, or the other does, once the call has come back. Nobody can say what a call does that
 * does not return, so none is ever given up.
 *
 * <p>Looked at by a timer, while there are calls under way only.
 */
final class KernelCalls extends ThreadsWithQueue {
    private static final Logger LOG = LoggerFactory.getLogger(KernelCalls.class);
    private static final int FRAMES_TOLD = 10;
    private static final String OWN = "io.hostel.";

    private final int threads;
    private final int mostReplaced;
    private final Duration patience;
    private final Map<Thread, Call> underWay = new ConcurrentHashMap<>();
    private final AtomicBoolean watching = new AtomicBoolean();
    private boolean exhausted;

    private static final class Call {
        final long began = System.nanoTime();
        /** Set when it has been said that it does not return: by whom, at that time. */
        volatile @Nullable String told;
    }

    /**
     * A call that has not returned for long.
     *
     * @param thread its name, which says whose call it is
     * @param where innermost first, for people
     */
    record Overdue(String thread, Instant since, String where) {}

    /**
     * @param queue more calls than so many that wait are refused
     * @param mostReplaced with more overdue than so many, calls wait
     * @param patience with a call
     */
    KernelCalls(String name, int threads, int queue, int mostReplaced, Duration patience) {
        super(name, threads, queue);
        this.threads = threads;
        this.mostReplaced = mostReplaced;
        this.patience = patience;
    }

    /** The longest under way first. */
    List<Overdue> overdue() {
        List<Map.Entry<Thread, Call>> calls = new ArrayList<>(underWay.entrySet());
        calls.removeIf(call -> !isOverdue(call.getValue()));
        calls.sort(Comparator.comparingLong(call -> call.getValue().began - System.nanoTime()));
        return calls.stream().map(call -> told(call.getKey(), call.getValue())).toList();
    }

    int overdueCount() {
        return (int) underWay.values().stream().filter(this::isOverdue).count();
    }

    /** For one who calls the kernel on a thread of his own: it is told of as these are. */
    Runnable watched(Runnable task) {
        return () -> {
            begin(Thread.currentThread());
            try {
                task.run();
            } finally {
                end();
            }
        };
    }

    @Override
    protected void beforeExecute(Thread thread, Runnable task) {
        begin(thread);
    }

    @Override
    protected void afterExecute(Runnable task, @Nullable Throwable failure) {
        end();
    }

    private void begin(Thread thread) {
        underWay.put(thread, new Call());
        watch(patience);
    }

    private void end() {
        Call call = underWay.remove(Thread.currentThread());
        if (call != null && call.told != null) {
            LOG.warn(
                    "{}: the call to the kernel has returned after {} s",
                    call.told,
                    age(call).toSeconds());
            replace();
        }
    }

    private void watch(Duration delay) {
        if (!isShutdown() && watching.compareAndSet(false, true)) {
            CompletableFuture.delayedExecutor(delay.toNanos(), TimeUnit.NANOSECONDS, Runnable::run)
                    .execute(this::look);
        }
    }

    private void look() {
        Duration next = patience;
        try {
            for (Map.Entry<Thread, Call> call : underWay.entrySet()) {
                if (call.getValue().told == null && isOverdue(call.getValue())) {
                    Overdue overdue = told(call.getKey(), call.getValue());
                    call.getValue().told = overdue.thread();
                    LOG.warn(
                            "{}: a call to the kernel has not returned since {}: {}. Others go on meanwhile",
                            overdue.thread(),
                            overdue.since(),
                            overdue.where());
                }
            }
            replace();
            next = untilNext();
        } finally {
            watching.set(false);
            // Where one returned just as it was found overdue, there is a thread too many until the next look.
            if (!underWay.isEmpty() || getMaximumPoolSize() > threads) {
                watch(next);
            }
        }
    }

    private Duration untilNext() {
        return underWay.values().stream()
                .filter(call -> call.told == null)
                .map(call -> patience.minus(age(call)))
                .filter(left -> !left.isNegative())
                .min(Comparator.naturalOrder())
                .orElse(patience);
    }

    /** As many threads as there should be, for those that are overdue now. */
    private synchronized void replace() {
        int overdue = overdueCount();
        int size = threads + Math.min(mostReplaced, overdue);
        if (overdue > mostReplaced && !exhausted) {
            LOG.error(
                    "{} calls to the kernel do not return, and no more than {} threads are replaced: others wait from now on."
                            + " /v1/doctor lists where they are; the sandboxes go on, also when the machine has to be restarted"
                            + " for it",
                    overdue,
                    mostReplaced);
        }
        exhausted = overdue > mostReplaced;
        try {
            if (size > getMaximumPoolSize()) {
                setMaximumPoolSize(size);
                setCorePoolSize(size);
            } else if (size < getMaximumPoolSize()) {
                setCorePoolSize(size);
                setMaximumPoolSize(size);
            }
        } catch (
                OutOfMemoryError
                        e) { // no thread can be started now; those that come back, or the next call, will see to it
            LOG.warn("No thread can be started in place of those that do not return: {}", e.toString());
        }
    }

    private boolean isOverdue(Call call) {
        return age(call).compareTo(patience) >= 0;
    }

    private static Duration age(Call call) {
        return Duration.ofNanos(System.nanoTime() - call.began);
    }

    private static boolean isOwn(String type) {
        return type.startsWith(OWN) && !type.contains("$$Lambda");
    }

    private static Overdue told(Thread thread, Call call) {
        StackTraceElement[] frames = thread.getStackTrace();
        String where = Arrays.stream(frames)
                .filter(frame -> frame == frames[0] || isOwn(frame.getClassName()))
                .limit(FRAMES_TOLD)
                .map(frame -> frame.getClassName() + "." + frame.getMethodName())
                .collect(Collectors.joining(" < "));
        return new Overdue(thread.getName(), Instant.now().minus(age(call)), where);
    }
}
