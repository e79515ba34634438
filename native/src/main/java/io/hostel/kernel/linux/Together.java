package io.hostel.kernel.linux;

import io.hostel.kernel.KernelException;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/**
 * Does for several threads by one call to the kernel what each of them asks for: whoever comes while it is made waits, and is
 * served by the next one together with all who came meanwhile (group commit). Nobody waits for company.
 *
 * @param <T> what is asked for
 */
final class Together<T> {
    /** So that a datagram stays small, and the first one's wait short. */
    private static final int MOST_AT_ONCE = 64;

    private final OneAtATime turn;
    private final Work<T> work;
    private final Queue<Asked<T>> waiting = new ConcurrentLinkedQueue<>();

    /** @param work twice equals once: where it is refused for several, it is done again for each of them alone */
    Together(OneAtATime turn, Work<T> work) {
        this.turn = turn;
        this.work = work;
    }

    /**
     * Returns when it is done.
     *
     * @throws KernelException what the kernel refused; or ETIMEDOUT, where it may be done later or never
     */
    void ask(T what) throws KernelException {
        Asked<T> asked = new Asked<>(what);
        waiting.add(asked);
        try {
            turn.alone(() -> {
                while (!asked.over) serve();
                return true;
            });
        } catch (KernelException e) {
            waiting.remove(asked);
            throw e;
        }
        if (asked.refusal != null) throw asked.refusal;
        if (asked.fault != null) throw asked.fault;
    }

    /** Of who has the turn. */
    private void serve() {
        List<Asked<T>> some = new ArrayList<>();
        List<T> all = new ArrayList<>();
        while (some.size() < MOST_AT_ONCE) {
            Asked<T> next = waiting.poll();
            if (next == null) break;
            some.add(next);
            all.add(next.what);
        }
        try {
            doAll(some, all);
        } catch (Error e) {
            for (Asked<T> one : some) {
                if (!one.over) one.fault = new IllegalStateException("it may be done or not", e);
                one.over = true;
            }
            throw e;
        }
    }

    private void doAll(List<Asked<T>> some, List<T> all) {
        if (some.size() > 1) {
            try {
                work.of(all);
                for (Asked<T> one : some) one.over = true;
                return;
            } catch (KernelException | RuntimeException e) {
                // One's refusal is not the others': each learns its own.
            }
        }
        for (Asked<T> one : some) {
            try {
                work.of(List.of(one.what));
            } catch (KernelException e) {
                one.refusal = e;
            } catch (RuntimeException e) {
                one.fault = e;
            }
            one.over = true;
        }
    }

    /** Written and read by who has the turn, which makes it visible to the next. */
    private static final class Asked<T> {
        final T what;
        boolean over;

        @Nullable
        KernelException refusal;

        @Nullable
        RuntimeException fault;

        Asked(T what) {
            this.what = what;
        }
    }

    interface Work<T> {
        void of(List<T> all) throws KernelException;
    }
}
