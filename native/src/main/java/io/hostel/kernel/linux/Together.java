package io.hostel.kernel.linux;

import io.hostel.kernel.KernelException;
import io.hostel.sys.Errno;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentLinkedQueue;

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
     * Returns when it is done. Where the kernel does not return from the call that it is part of, neither does this.
     *
     * @throws KernelException what the kernel refused; or ETIMEDOUT where the turn is not to be had, and then nothing has been done
     */
    void ask(T what) throws KernelException {
        Asked<T> asked = new Asked<>(what, new CompletableFuture<>());
        waiting.add(asked);
        try {
            turn.alone(() -> {
                while (!asked.over().isDone()) serve();
                return true;
            });
        } catch (KernelException e) {
            // Who has been taken up meanwhile waits for what becomes of it: nobody may believe that nothing is done.
            if (waiting.remove(asked)) throw e;
        } finally {
            waiting.remove(asked); // of who fails by an error
        }
        try {
            asked.over().join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof KernelException refusal) throw refusal;
            if (e.getCause() instanceof RuntimeException fault) throw fault;
            throw e;
        }
    }

    /** Of who has the turn, and is waiting too. */
    private void serve() {
        List<Asked<T>> some = new ArrayList<>();
        try {
            while (some.size() < MOST_AT_ONCE) {
                Asked<T> next = waiting.poll();
                if (next == null) break;
                some.add(next);
            }
            Optional<KernelException> refusal = some.size() > 1 ? refusal(some) : Optional.empty();
            // One's refusal is not the others': each learns its own. But a kernel that does not answer is asked once.
            if (some.size() > 1 && refusal.isEmpty()) return;
            if (refusal.isPresent() && refusal.get().errno().equals(Errno.ETIMEDOUT.name())) {
                for (Asked<T> one : some) one.over().completeExceptionally(refusal.get());
                return;
            }
            for (Asked<T> one : some) {
                try {
                    work.of(List.of(one.what()));
                    one.over().complete(true);
                } catch (KernelException | RuntimeException e) {
                    one.over().completeExceptionally(e);
                }
            }
        } finally {
            // After an error; whatever is over by then stays as it is.
            for (Asked<T> one : some) {
                one.over()
                        .completeExceptionally(
                                new IllegalStateException("it may be done or not: another's call failed"));
            }
        }
    }

    /** Empty where all are served. */
    private Optional<KernelException> refusal(List<Asked<T>> some) {
        try {
            work.of(some.stream().map(Asked::what).toList());
            for (Asked<T> one : some) one.over().complete(true);
            return Optional.empty();
        } catch (KernelException e) {
            return Optional.of(e);
        } catch (RuntimeException e) {
            return Optional.of(new KernelException(Errno.EINVAL.name(), "do", "several at once", e.toString()));
        }
    }

    private record Asked<T>(T what, CompletableFuture<Boolean> over) {}

    interface Work<T> {
        void of(List<T> all) throws KernelException;
    }
}
