package io.hostel.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hostel.api.Refusal;
import io.hostel.api.RefusedException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StoreThreadTest {
    @TempDir
    Path dir;

    @Test
    void callsRunInOrderOnOneThread() {
        List<String> threads = new ArrayList<>();
        try (StoreThread store = new StoreThread(SqliteDesiredState.open(dir))) {
            CompletionStage<Long> last = store.call(state -> 0L);
            for (int i = 0; i < 100; i++) {
                last = store.call(state -> {
                    threads.add(Thread.currentThread().getName());
                    return state.appendEvent(StoredThings.NOW, Optional.empty(), "x", java.util.Map.of());
                });
            }
            assertThat(last.toCompletableFuture().join()).isEqualTo(100);
        }
        assertThat(threads).hasSize(100).containsOnly("hostel-store");
    }

    @Test
    void whatACallThrowsIsTheFailureOfItsStage() {
        try (StoreThread store = new StoreThread(SqliteDesiredState.open(dir))) {
            CompletionStage<String> failing =
                    store.call("done", state -> state.changeTenant(StoredThings.tenant("nobody", 1)));
            assertThatThrownBy(failing.toCompletableFuture()::join)
                    .isInstanceOf(CompletionException.class)
                    .hasCauseInstanceOf(StoreException.class);
            assertThat(store.call("done", DesiredState::tenants)
                            .toCompletableFuture()
                            .join())
                    .isEqualTo("done");
        }
    }

    @Test
    void whatTheQueueCannotHoldIsRefusedAtOnce() {
        CountDownLatch held = new CountDownLatch(1);
        try (StoreThread store = new StoreThread(SqliteDesiredState.open(dir))) {
            List<CompletionStage<Integer>> calls = new ArrayList<>();
            for (int i = 0; i < 5_000; i++) {
                int number = i;
                calls.add(store.call(state -> {
                    await(held);
                    return number;
                }));
            }
            CompletionStage<Integer> beyond = calls.get(4_999);
            assertThat(beyond.toCompletableFuture()).isCompletedExceptionally();
            assertThatThrownBy(beyond.toCompletableFuture()::join)
                    .cause()
                    .isInstanceOfSatisfying(
                            RefusedException.class,
                            refused -> assertThat(refused.refusal()).isInstanceOf(Refusal.Unavailable.class));
            held.countDown();
            assertThat(calls.get(4_000).toCompletableFuture().join()).isEqualTo(4_000);
        }
    }

    @Test
    void afterClosingCallsAreRefused() {
        StoreThread store = new StoreThread(SqliteDesiredState.open(dir));
        CompletionStage<Integer> waiting = store.call(state -> state.tenants().size());
        store.close();

        assertThat(waiting.toCompletableFuture().join()).isZero();
        assertThatThrownBy(store.call(DesiredState::tenants).toCompletableFuture()::join)
                .hasMessageContaining("stopping");
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
