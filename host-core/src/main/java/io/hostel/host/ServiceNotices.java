package io.hostel.host;

import io.hostel.kernel.KernelException;
import io.hostel.kernel.linux.NotifySocket;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the service manager that started the host how it is: sd_notify(3), sd_watchdog_enabled(3). Where none did, nothing is
 * told. That it can't be told is logged; the host goes on.
 */
final class ServiceNotices implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ServiceNotices.class);
    private static final Duration RETRY = Duration.ofSeconds(1);

    /** Where messages go. */
    interface Socket {
        void send(String... assignments) throws KernelException;
    }

    private final @Nullable Socket socket;
    private final Optional<Duration> watchdog;
    private final Thread watching = new Thread(this::watch, "hostel-watchdog");
    private volatile Supplier<CompletionStage<?>> pulse = () -> CompletableFuture.completedStage(true);

    /** @param watchdog how long the manager waits for a sign of life; empty: it does not */
    ServiceNotices(@Nullable Socket socket, Optional<Duration> watchdog) {
        this.socket = socket;
        this.watchdog = watchdog;
        watching.setDaemon(true);
    }

    /** By NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID. */
    static ServiceNotices of(Map<String, String> environment, long pid) {
        String address = environment.getOrDefault("NOTIFY_SOCKET", "");
        return new ServiceNotices(
                address.isEmpty() ? null : new NotifySocket(address)::send, watchdog(environment, pid));
    }

    /** How long the manager waits for a sign of life of this process; empty where it does not. */
    static Optional<Duration> watchdog(Map<String, String> environment, long pid) {
        String own = Long.toString(pid);
        String micros = environment.getOrDefault("WATCHDOG_USEC", "");
        return environment.getOrDefault("NOTIFY_SOCKET", "").isEmpty()
                        || !environment.getOrDefault("WATCHDOG_PID", own).equals(own)
                        || !micros.matches("[1-9][0-9]{0,15}")
                ? Optional.empty()
                : Optional.of(Duration.of(Long.parseLong(micros), ChronoUnit.MICROS));
    }

    /**
     * The host serves. From now on signs of life are sent, as often as is recommended: twice in the time that the manager waits.
     *
     * @param alive completes when the host's vital parts have answered; one that fails, or does not complete, is no sign of life
     */
    void ready(String status, Supplier<CompletionStage<?>> alive) {
        pulse = alive;
        tell("READY=1", "STATUS=" + status);
        if (watchdog.isPresent() && watching.getState() == Thread.State.NEW) {
            watching.start();
        }
    }

    /** Nothing serves for a while, and that is as it should be: until the host is ready again it counts as alive. */
    void busy(String status) {
        pulse = () -> CompletableFuture.completedStage(true);
        tell("STATUS=" + status);
    }

    void stopping() {
        tell("STOPPING=1", "STATUS=stopping; the sandboxes go on");
    }

    private void watch() {
        Duration interval = watchdog.orElseThrow().dividedBy(2);
        try {
            while (true) {
                boolean alive = answered(interval);
                if (alive) {
                    tell("WATCHDOG=1");
                }
                Duration pause = alive || interval.compareTo(RETRY) < 0 ? interval : RETRY;
                Thread.sleep(pause.toMillis());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // closed
        }
    }

    private boolean answered(Duration patience) throws InterruptedException {
        try {
            pulse.get().toCompletableFuture().get(patience.toNanos(), TimeUnit.NANOSECONDS);
            return true;
        } catch (ExecutionException | TimeoutException | RuntimeException e) {
            LOG.warn("no sign of life for the service manager: the host's own parts do not answer", e);
            return false;
        }
    }

    private void tell(String... assignments) {
        if (socket == null) {
            return;
        }
        try {
            socket.send(assignments);
        } catch (KernelException e) {
            LOG.warn("{} is not heard by the service manager: {}", assignments[0], e.getMessage());
        }
    }

    @Override
    public void close() {
        watching.interrupt();
    }
}
