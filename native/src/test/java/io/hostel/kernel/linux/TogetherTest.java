package io.hostel.kernel.linux;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hostel.kernel.KernelException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class TogetherTest {
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final CountDownLatch begun = new CountDownLatch(1);
    private final CountDownLatch goOn = new CountDownLatch(1);
    private final List<List<Integer>> calls = new ArrayList<>();
    private final Together<Integer> together = of(Duration.ofSeconds(60));

    /** The call for 0 waits for {@link #goOn}; negative numbers are refused. */
    private Together<Integer> of(Duration longestWait) {
        return new Together<>(new OneAtATime("a test", longestWait), all -> {
            calls.add(List.copyOf(all));
            if (all.contains(0)) {
                begun.countDown();
                await(goOn);
            }
            for (int one : all) {
                if (one == -1) throw new KernelException("EINVAL", "do", Integer.toString(one), "it is negative");
                if (one == -2) throw new IllegalArgumentException("-2");
                if (one == -4) throw new KernelException("ETIMEDOUT", "do", "it", "");
                if (one == -3) throw new StackOverflowError("on purpose");
            }
        });
    }

    @AfterEach
    void end() {
        goOn.countDown();
        threads.shutdownNow();
    }

    @Test
    void whoComesAloneIsServedAtOnce() throws Exception {
        together.ask(1);
        together.ask(2);
        assertThat(calls).containsExactly(List.of(1), List.of(2));
    }

    @Test
    void allWhoComeDuringACallAreServedByTheNext() throws Exception {
        List<Future<?>> asked = askBehindOne(List.of(1, 2, 3));
        for (Future<?> one : asked) one.get(60, SECONDS);
        assertThat(calls).hasSize(2);
        assertThat(calls.get(1)).containsExactlyInAnyOrder(1, 2, 3);
    }

    @Test
    void aRefusalIsThatOnesAloneAndTheOthersAreServed() throws Exception {
        List<Future<?>> asked = askBehindOne(List.of(1, -1, 2, -2));
        asked.get(0).get(60, SECONDS);
        asked.get(2).get(60, SECONDS);
        assertThatThrownBy(() -> asked.get(1).get(60, SECONDS))
                .isInstanceOf(ExecutionException.class)
                .cause()
                .isInstanceOfSatisfying(
                        KernelException.class, e -> assertThat(e.errno()).isEqualTo("EINVAL"));
        assertThatThrownBy(() -> asked.get(3).get(60, SECONDS)).cause().isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void anErrorLeavesNobodyWaitingAndNobodyBelievingThatItIsDone() throws Exception {
        List<Future<?>> asked = askBehindOne(List.of(-3, 1, 2));
        int faults = 0;
        for (Future<?> one : asked) {
            try {
                one.get(60, SECONDS);
            } catch (ExecutionException e) {
                faults++;
                assertThat(e.getCause()).isInstanceOfAny(IllegalStateException.class, StackOverflowError.class);
            }
        }
        assertThat(faults).as("those who are told that it failed").isEqualTo(3);
        together.ask(5);
    }

    @Test
    void whoCannotBeServedInTimeIsToldSoAndNotServedLater() throws Exception {
        Together<Integer> impatient = of(Duration.ofMillis(50));
        Future<?> first = threads.submit(() -> ask(impatient, 0));
        await(begun);
        assertThatThrownBy(() -> impatient.ask(1))
                .isInstanceOfSatisfying(
                        KernelException.class, e -> assertThat(e.errno()).isEqualTo("ETIMEDOUT"));
        goOn.countDown();
        first.get(60, SECONDS);
        impatient.ask(2);
        assertThat(calls).containsExactly(List.of(0), List.of(2));
    }

    @Test
    void whoHasBeenTakenUpWaitsForWhatBecomesOfIt() throws Exception {
        // 0 and 1 are taken up by one call, which lasts longer than anybody waits for the turn.
        CountDownLatch held = new CountDownLatch(1);
        CountDownLatch free = new CountDownLatch(1);
        OneAtATime turn = new OneAtATime("a test", Duration.ofSeconds(2));
        Together<Integer> slow = new Together<>(turn, all -> {
            calls.add(List.copyOf(all));
            begun.countDown();
            await(goOn);
        });
        Future<?> holder = threads.submit(() -> turn.alone(() -> {
            held.countDown();
            await(free);
            return true;
        }));
        await(held);
        List<Future<?>> both = queued(slow, List.of(0, 1));
        free.countDown();
        holder.get(60, SECONDS);
        await(begun);
        Thread.sleep(3000); // longer than the turn is waited for
        assertThat(both).as("nobody believes that it is over").noneMatch(Future::isDone);
        goOn.countDown();
        for (Future<?> one : both) one.get(60, SECONDS);
        assertThat(calls.get(calls.size() - 1)).containsExactlyInAnyOrder(0, 1);
    }

    @Test
    void aKernelThatDoesNotAnswerIsNotAskedForEachOfThemAgain() throws Exception {
        List<Future<?>> asked = askBehindOne(List.of(-4, 1, 2));
        for (Future<?> one : asked) {
            assertThatThrownBy(() -> one.get(60, SECONDS))
                    .cause()
                    .isInstanceOfSatisfying(
                            KernelException.class, e -> assertThat(e.errno()).isEqualTo("ETIMEDOUT"));
        }
        assertThat(calls).hasSize(2);
    }

    /** Those who ask for the numbers, all of whom came while the call for 0 was under way. */
    private List<Future<?>> askBehindOne(List<Integer> numbers) throws InterruptedException {
        threads.submit(() -> ask(together, 0));
        await(begun);
        List<Future<?>> asked = queued(together, numbers);
        goOn.countDown();
        return asked;
    }

    /** Those who ask for the numbers, once all of them wait for a turn that somebody else has. */
    private List<Future<?>> queued(Together<Integer> at, List<Integer> numbers) throws InterruptedException {
        List<Future<?>> asked = new ArrayList<>();
        CountDownLatch running = new CountDownLatch(numbers.size());
        List<Thread> waiting = Collections.synchronizedList(new ArrayList<>());
        for (int one : numbers) {
            asked.add(threads.submit(() -> {
                waiting.add(Thread.currentThread());
                running.countDown();
                return ask(at, one);
            }));
        }
        await(running);
        for (Thread thread : waiting) {
            while (thread.getState() != Thread.State.TIMED_WAITING) Thread.sleep(1);
        }
        return asked;
    }

    private static boolean ask(Together<Integer> together, int what) throws KernelException {
        together.ask(what);
        return true;
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(60, SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
