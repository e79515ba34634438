package io.hostel.sandbox;

import io.hostel.kernel.KernelException;
import io.hostel.kernel.ProcessIdentity;
import io.hostel.kernel.Processes;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks for monitors that are stopped: by SIGSTOP, or by a debugger. Such a one lives, so that no pidfd tells of it, but reads
 * nothing any more, and before long its command waits for a pipe.
 *
 * <p>One that is found is continued; found again at the next look, it is killed, and what follows is what follows any death of
 * a monitor. One thread looks at all of them every ten seconds, which costs a read below /proc for each.
 */
public final class StoppedMonitors implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(StoppedMonitors.class);
    private static final Duration EVERY = Duration.ofSeconds(10);

    private final Processes processes;
    private final Set<Watched> watched = ConcurrentHashMap.newKeySet();
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread looking = new Thread(task, "hostel-monitors");
        looking.setDaemon(true);
        return looking;
    });

    /** Looks only when it is told to. */
    StoppedMonitors(Processes processes) {
        this.processes = processes;
    }

    /** Begins to look. */
    public static StoppedMonitors open(Processes processes) {
        StoppedMonitors monitors = new StoppedMonitors(processes);
        monitors.thread.scheduleWithFixedDelay(
                monitors::look, EVERY.toMillis(), EVERY.toMillis(), TimeUnit.MILLISECONDS);
        return monitors;
    }

    /** What was done about a monitor that was stopped. */
    public enum Found {
        CONTINUED,
        KILLED
    }

    private static final class Watched {
        final ProcessIdentity monitor;
        final Consumer<Found> tell;
        boolean continued;

        Watched(ProcessIdentity monitor, Consumer<Found> tell) {
            this.monitor = monitor;
            this.tell = tell;
        }
    }

    /** @param tell called on the thread that looks; must not block */
    Processes.Watch watch(ProcessIdentity monitor, Consumer<Found> tell) {
        Watched it = new Watched(monitor, tell);
        watched.add(it);
        return () -> watched.remove(it);
    }

    /** Looks once at all; what goes wrong with one keeps it from no other. */
    synchronized void look() {
        for (Watched each : watched) {
            try {
                look(each);
            } catch (KernelException | RuntimeException e) {
                LOG.warn("look at monitor {}: {}", each.monitor.pid(), e.toString());
            }
        }
    }

    private void look(Watched it) throws KernelException {
        if (!processes.stopped(it.monitor)) {
            it.continued = false;
            return;
        }
        Found found = it.continued ? Found.KILLED : Found.CONTINUED;
        processes.signal(it.monitor, found == Found.KILLED ? SignalName.KILL : SignalName.CONT);
        it.continued = true;
        it.tell.accept(found);
    }

    /** Monitors that are stopped from now on are the next daemon's to find. */
    @Override
    public void close() {
        thread.shutdownNow();
    }
}
