package io.hostel.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class KernelCallsTest {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final Duration OVERDUE = Duration.ofMillis(200);

    /** What stuck calls wait for, one permit each. */
    private final Semaphore kernel = new Semaphore(0);

    private KernelCalls calls = new KernelCalls("calls", 4, 100, 8, OVERDUE);

    @AfterEach
    void end() {
        kernel.release(1000);
        calls.shutdown();
    }

    private void stick(int many) {
        for (int i = 0; i < many; i++) {
            calls.execute(() -> stuck());
        }
    }

    private void stuck() {
        kernel.acquireUninterruptibly();
    }

    @Test
    void others_are_served_while_all_threads_are_in_calls_that_do_not_return() throws Exception {
        Instant before = Instant.now();
        stick(4);
        CountDownLatch served = new CountDownLatch(6);
        for (int i = 0; i < 6; i++) {
            calls.execute(served::countDown);
        }
        assertThat(served.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
        await().atMost(PATIENCE).until(() -> calls.overdueCount() == 4);
        assertThat(calls.overdue()).hasSize(4).allSatisfy(call -> {
            assertThat(call.thread()).startsWith("calls-");
            assertThat(call.since()).isBetween(before, Instant.now());
            assertThat(call.where()).contains("KernelCallsTest.stuck");
        });
    }

    @Test
    void those_that_took_their_place_end_when_they_come_back() {
        stick(4);
        await().atMost(PATIENCE).until(() -> calls.getMaximumPoolSize() == 8);
        stick(4); // those get stuck too
        await().atMost(PATIENCE).until(() -> calls.getMaximumPoolSize() == 12 && calls.getPoolSize() >= 8);
        kernel.release(8);
        await().atMost(PATIENCE).until(() -> calls.getMaximumPoolSize() == 4 && calls.getPoolSize() <= 4);
        assertThat(calls.overdue()).isEmpty();
    }

    @Test
    void no_more_are_replaced_than_the_bound_says_and_then_calls_wait_and_are_refused() throws Exception {
        calls.shutdown();
        calls = new KernelCalls("calls", 2, 3, 2, OVERDUE);
        stick(2);
        await().atMost(PATIENCE).until(() -> calls.overdueCount() == 2);
        stick(2);
        await().atMost(PATIENCE).until(() -> calls.overdueCount() == 4);
        CountDownLatch served = new CountDownLatch(3);
        for (int i = 0; i < 3; i++) {
            calls.execute(served::countDown);
        }
        assertThatThrownBy(() -> calls.execute(() -> {})).isInstanceOf(RejectedExecutionException.class);
        assertThat(calls.getPoolSize()).isEqualTo(4);
        assertThat(served.getCount()).isEqualTo(3);
        kernel.release(1);
        assertThat(served.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void a_call_on_a_thread_of_ones_own_is_told_of_too() {
        Thread own = new Thread(calls.watched(kernel::acquireUninterruptibly), "somebodys-own");
        own.start();
        await().atMost(PATIENCE).until(() -> calls.overdueCount() == 1);
        assertThat(calls.overdue()).extracting(KernelCalls.Overdue::thread).containsExactly("somebodys-own");
        kernel.release();
        await().atMost(PATIENCE).until(() -> calls.overdue().isEmpty());
    }
}
