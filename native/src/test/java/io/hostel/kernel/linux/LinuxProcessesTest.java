package io.hostel.kernel.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.hostel.kernel.ProcessIdentity;
import io.hostel.kernel.Processes;
import io.hostel.sys.Pidfd;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class LinuxProcessesTest {
    private static final Duration PATIENCE = Patience.seconds(60);

    private LinuxProcesses processes;

    @BeforeEach
    void open() throws Exception {
        processes = new LinuxProcesses();
    }

    @AfterEach
    void close() {
        processes.close();
    }

    @Test
    void aProcessIsKnownByItsStart() throws Exception {
        try (Sleeper sleeper = Sleeper.start()) {
            ProcessIdentity identity = processes.identify(sleeper.pid()).orElseThrow();
            assertThat(processes.alive(identity)).isTrue();
            assertThat(processes.alive(later(identity))).isFalse();
            assertThat(processes.alive(otherBoot(identity))).isFalse();
        }
        assertThat(processes.identify(0)).isEmpty();
    }

    @Test
    void aProcessIsStoppedFromSigstopToSigcont() throws Exception {
        try (Sleeper sleeper = Sleeper.start()) {
            ProcessIdentity identity = processes.identify(sleeper.pid()).orElseThrow();
            assertThat(processes.stopped(identity)).isFalse();
            processes.signal(identity, 19);
            await().atMost(PATIENCE).until(() -> processes.stopped(identity));
            assertThat(processes.alive(identity)).isTrue();
            assertThat(processes.stopped(later(identity))).isFalse();
            assertThat(processes.stopped(otherBoot(identity))).isFalse();
            processes.signal(identity, 18);
            await().atMost(PATIENCE).until(() -> !processes.stopped(identity));
        }
    }

    @Test
    void anEndIsToldOnceAndTheChildReaped() throws Exception {
        try (Sleeper sleeper = Sleeper.start()) {
            ProcessIdentity identity = processes.identify(sleeper.pid()).orElseThrow();
            AtomicInteger told = new AtomicInteger();
            CountDownLatch ended = new CountDownLatch(1);
            processes.watch(identity, () -> {
                told.incrementAndGet();
                ended.countDown();
            });
            processes.signal(identity, 9);
            assertThat(ended.await(60, TimeUnit.SECONDS)).isTrue();
            assertThat(processes.alive(identity)).isFalse();
            await().atMost(PATIENCE).until(() -> !Files.exists(Path.of("/proc/" + sleeper.pid())));
            processes.signal(identity, 9);
            tellOfAnother();
            assertThat(told).hasValue(1);
        }
    }

    @Test
    void anEarlierEndIsToldAtOnce() throws Exception {
        try (Sleeper sleeper = Sleeper.start()) {
            ProcessIdentity identity = processes.identify(sleeper.pid()).orElseThrow();
            AtomicReference<String> thread = new AtomicReference<>("");
            for (ProcessIdentity gone : List.of(later(identity), otherBoot(identity))) {
                CountDownLatch told = new CountDownLatch(1);
                processes.watch(gone, () -> {
                    thread.set(Thread.currentThread().getName());
                    told.countDown();
                });
                assertThat(told.await(60, TimeUnit.SECONDS)).isTrue();
                assertThat(thread).hasValue("hostel-deaths");
                processes.signal(gone, 9);
            }
            assertThat(processes.alive(identity))
                    .as("another with its number is not signalled")
                    .isTrue();
        }
    }

    @Test
    void aWatchThatIsClosedStaysSilentAndItsChildIsReapedAllTheSame() throws Exception {
        try (Sleeper sleeper = Sleeper.start()) {
            AtomicInteger told = new AtomicInteger();
            Processes.Watch watch =
                    processes.watch(processes.identify(sleeper.pid()).orElseThrow(), told::incrementAndGet);
            watch.close();
            watch.close();
            Pidfd.signal(sleeper.pidfd(), 9);
            await().atMost(PATIENCE)
                    .untilAsserted(
                            () -> assertThat(Path.of("/proc/" + sleeper.pid())).doesNotExist());
            tellOfAnother();
            assertThat(told).hasValue(0);
        }
    }

    @Test
    void aCallbackThatThrowsHarmsNoOther() throws Exception {
        try (Sleeper sleeper = Sleeper.start()) {
            ProcessIdentity identity = processes.identify(sleeper.pid()).orElseThrow();
            processes.watch(identity, () -> {
                throw new IllegalStateException("on purpose");
            });
            processes.signal(identity, 9);
            tellOfAnother();
        }
    }

    @Test
    void manyAreWatchedByOneThreadAndNoDescriptorStays() throws Exception {
        long before = descriptors();
        int count = 100;
        CountDownLatch ended = new CountDownLatch(count);
        List<Sleeper> sleepers = new ArrayList<>();
        try {
            for (int i = 0; i < count; i++) {
                Sleeper sleeper = Sleeper.start();
                sleepers.add(sleeper);
                processes.watch(processes.identify(sleeper.pid()).orElseThrow(), ended::countDown);
            }
            assertThat(Thread.getAllStackTraces().keySet().stream()
                            .filter(thread -> thread.getName().equals("hostel-deaths")))
                    .hasSize(1);
            for (Sleeper sleeper : sleepers) Pidfd.signal(sleeper.pidfd(), 15);
            assertThat(ended.await(60, TimeUnit.SECONDS)).isTrue();
        } finally {
            for (Sleeper sleeper : sleepers) sleeper.close();
        }
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(descriptors()).isLessThanOrEqualTo(before));
    }

    private void tellOfAnother() throws Exception {
        try (Sleeper other = Sleeper.running("exit 0")) {
            CountDownLatch told = new CountDownLatch(1);
            processes.watch(processes.identify(other.pid()).orElseThrow(), told::countDown);
            assertThat(told.await(60, TimeUnit.SECONDS)).isTrue();
        }
    }

    private static ProcessIdentity later(ProcessIdentity it) {
        return new ProcessIdentity(it.bootId(), it.pid(), it.startTicks() + 1);
    }

    private static ProcessIdentity otherBoot(ProcessIdentity it) {
        return new ProcessIdentity("another", it.pid(), it.startTicks());
    }

    private static long descriptors() throws Exception {
        try (var all = Files.list(Path.of("/proc/self/fd"))) {
            return all.count();
        }
    }
}
