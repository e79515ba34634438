package io.hostel.kernel.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hostel.kernel.KernelException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

class OneAtATimeTest {
    private final OneAtATime turn = new OneAtATime("the packet filter", Duration.ofMillis(300));

    @Test
    void who_waits_for_one_that_does_not_end_is_told_so_and_the_next_is_served() throws Exception {
        CountDownLatch inside = new CountDownLatch(1);
        CountDownLatch kernelGoesOn = new CountDownLatch(1);
        Thread stuck = new Thread(() -> {
            try {
                turn.alone(() -> {
                    inside.countDown();
                    awaitIt(kernelGoesOn);
                    return true;
                });
            } catch (KernelException e) {
                throw new IllegalStateException(e);
            }
        });
        stuck.start();
        inside.await();
        assertThatThrownBy(() -> turn.alone(() -> "never"))
                .isInstanceOfSatisfying(
                        KernelException.class, e -> assertThat(e.errno()).isEqualTo("ETIMEDOUT"))
                .hasMessageStartingWith("wait for the packet filter: ETIMEDOUT");
        kernelGoesOn.countDown();
        stuck.join();
        assertThat(turn.alone(() -> "served")).isEqualTo("served");
    }

    @Test
    void who_has_the_turn_may_take_it_again_and_a_failure_gives_it_back() throws Exception {
        assertThat(turn.alone(() -> turn.alone(() -> "inner"))).isEqualTo("inner");
        assertThatThrownBy(() -> turn.alone(() -> {
                    throw new KernelException("EIO", "write", "it", "");
                }))
                .isInstanceOf(KernelException.class);
        CountDownLatch served = new CountDownLatch(1);
        Thread other = new Thread(() -> {
            try {
                turn.alone(() -> {
                    served.countDown();
                    return true;
                });
            } catch (KernelException e) {
                throw new IllegalStateException(e);
            }
        });
        other.start();
        other.join();
        assertThat(served.getCount()).isZero();
    }

    private static void awaitIt(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
