package io.hostel.sandbox;

import io.hostel.kernel.KernelException;
import io.hostel.kernel.Launcher;
import io.hostel.kernel.Processes;
import io.hostel.sandbox.SandboxJobs.Deaths;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Watches those who launch while they are at it, so that it need not be done when all wait for their answer. What befalls
 * them is told once it is they who have launched: others may have come in their place, with the same number.
 */
final class PairWatch {
    private final SandboxPorts ports;
    private final Deaths deaths;
    private final Gate gate = new Gate();
    private Optional<Launcher.Parked> pair = Optional.empty();
    private List<Processes.Watch> watches = List.of();

    PairWatch(SandboxPorts ports, Deaths deaths) {
        this.ports = ports;
        this.deaths = deaths;
    }

    /** Does nothing where it can't be done yet. */
    void ahead(Path recordDir) {
        try {
            pair = ports.kernel().launcher().parked(recordDir);
            if (pair.isPresent()) {
                watches = watch(pair.get(), gate.before(deaths));
            }
        } catch (KernelException e) {
            pair = Optional.empty();
        }
    }

    List<Processes.Watch> of(Launcher.Launched launched) throws KernelException {
        Launcher.Parked is = new Launcher.Parked(launched.monitor(), launched.init());
        if (pair.filter(is::equals).isEmpty()) {
            close();
            watches = watch(is, deaths);
        } else {
            gate.open();
        }
        return watches;
    }

    void close() {
        watches.forEach(Processes.Watch::close);
        watches = List.of();
    }

    private List<Processes.Watch> watch(Launcher.Parked pair, Deaths deaths) throws KernelException {
        Processes.Watch init = ports.kernel().processes().watch(pair.init(), deaths.ofInit());
        try {
            return List.of(
                    init,
                    ports.kernel().processes().watch(pair.monitor(), deaths.ofMonitor()),
                    ports.monitors().watch(pair.monitor(), deaths.stopped()));
        } catch (KernelException | RuntimeException e) {
            init.close();
            throw e;
        }
    }

    /** Holds news back until it is opened; where it never is, nobody hears of them. */
    private static final class Gate {
        private final List<Runnable> held = new ArrayList<>();
        private boolean open;

        Deaths before(Deaths deaths) {
            return new Deaths(
                    () -> pass(deaths.ofInit()),
                    () -> pass(deaths.ofMonitor()),
                    found -> pass(() -> deaths.stopped().accept(found)));
        }

        private synchronized void pass(Runnable news) {
            if (open) {
                news.run();
            } else {
                held.add(news);
            }
        }

        synchronized void open() {
            open = true;
            held.forEach(Runnable::run);
        }
    }
}
