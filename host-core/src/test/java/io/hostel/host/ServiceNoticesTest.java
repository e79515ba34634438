package io.hostel.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.hostel.kernel.KernelException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class ServiceNoticesTest {
    private static final Duration WATCHDOG = Duration.ofMillis(40);
    private static final CompletionStage<?> ALIVE = CompletableFuture.completedStage(true);

    private final List<String> heard = new CopyOnWriteArrayList<>();

    private ServiceNotices watched() {
        return new ServiceNotices(assignments -> heard.add(String.join(" ", assignments)), Optional.of(WATCHDOG));
    }

    private long signsOfLife() {
        return heard.stream().filter("WATCHDOG=1"::equals).count();
    }

    @Test
    void readinessThenSignsOfLifeThenTheEndAreTold() {
        try (ServiceNotices notices = watched()) {
            assertThat(heard).isEmpty();
            notices.ready("ready api=here", () -> ALIVE);
            await().until(() -> signsOfLife() > 2);
            notices.stopping();
        }
        assertThat(heard.get(0)).isEqualTo("READY=1 STATUS=ready api=here");
        assertThat(heard).anyMatch(message -> message.startsWith("STOPPING=1 "));
    }

    @Test
    void onlyAHostWhosePartsAnswerIsAlive() {
        AtomicReference<CompletionStage<?>> answer = new AtomicReference<>(new CompletableFuture<>());
        CompletableFuture<?> asked = new CompletableFuture<>();
        try (ServiceNotices notices = watched()) {
            notices.ready("ready", () -> {
                asked.complete(null);
                return answer.get();
            });
            asked.join();
            // Far longer than the manager would wait: silence, and a refusal, are no signs of life.
            await().during(WATCHDOG.multipliedBy(10)).until(() -> signsOfLife() == 0);
            answer.set(CompletableFuture.failedStage(new IllegalStateException("broken")));
            await().during(WATCHDOG.multipliedBy(10)).until(() -> signsOfLife() == 0);
            notices.busy("taking over a backup");
            await().until(() -> signsOfLife() > 0);
            assertThat(heard).contains("STATUS=taking over a backup");
            notices.ready("ready", answer::get);
            long before = signsOfLife() + 1; // one may be on its way
            await().during(WATCHDOG.multipliedBy(10)).until(() -> signsOfLife() <= before);
            answer.set(ALIVE);
            await().until(() -> signsOfLife() > before);
        }
    }

    @Test
    void aManagerThatDoesNotHearIsNoReasonToFail() {
        ServiceNotices notices = new ServiceNotices(
                assignments -> {
                    throw new KernelException("ECONNREFUSED", "send", "/nowhere", "");
                },
                Optional.empty());
        notices.ready("ready", () -> ALIVE);
        notices.stopping();
        notices.close();
    }

    @Test
    void withoutAWatchdogOrWithAnotherProcesssNoSignsOfLifeAreSent() {
        try (ServiceNotices notices =
                new ServiceNotices(assignments -> heard.add(String.join(" ", assignments)), Optional.empty())) {
            notices.ready("ready", () -> ALIVE);
            await().during(WATCHDOG.multipliedBy(5)).until(() -> heard.size() == 1);
        }
        assertThat(watchdogOf(Map.of("WATCHDOG_USEC", "60000000"))).contains(Duration.ofMinutes(1));
        assertThat(watchdogOf(Map.of("WATCHDOG_USEC", "60000000", "WATCHDOG_PID", "7")))
                .contains(Duration.ofMinutes(1));
        assertThat(watchdogOf(Map.of("WATCHDOG_USEC", "60000000", "WATCHDOG_PID", "8")))
                .isEmpty();
        assertThat(watchdogOf(Map.of("WATCHDOG_USEC", "soon"))).isEmpty();
        assertThat(watchdogOf(Map.of())).isEmpty();
        assertThat(ServiceNotices.watchdog(Map.of("WATCHDOG_USEC", "60000000"), 7))
                .as("without a socket")
                .isEmpty();
    }

    private static Optional<Duration> watchdogOf(Map<String, String> variables) {
        Map<String, String> environment = new java.util.HashMap<>(variables);
        environment.put("NOTIFY_SOCKET", "/run/notify");
        return ServiceNotices.watchdog(environment, 7);
    }
}
