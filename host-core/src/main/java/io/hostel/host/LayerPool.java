package io.hostel.host;

import io.hostel.kernel.KernelException;
import io.hostel.kernel.Layers;
import io.hostel.kernel.Layers.Room;
import java.nio.file.Path;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Watches what is left for writable layers: their limits may add up to more than there is. */
final class LayerPool {
    private static final Logger LOG = LoggerFactory.getLogger(LayerPool.class);
    private static final int NEARLY_FULL = 6; // a sixth is left: tenants can hardly get below a sixteenth and what others may yet take
    private static final int CALM = 4;

    private final Layers layers;
    private final Path mountPoint;
    private boolean told;

    LayerPool(Layers layers, Path mountPoint) {
        this.layers = layers;
        this.mountPoint = mountPoint;
    }

    void measure(HostMetrics metrics) {
        metrics.gauge(
                "hostel.layers.available.bytes",
                "What is left for writable layers, of hostel.layers.bytes",
                () -> current().map(Room::availableBytes).orElse(-1L));
        metrics.gauge(
                "hostel.layers.bytes",
                "The pool of writable layers, or the disk in its place",
                () -> current().map(Room::bytes).orElse(-1L));
    }

    /** @return what to tell people, once each time that it becomes nearly full */
    Optional<String> look() {
        Optional<Room> found = current();
        if (found.isEmpty()) {
            return Optional.empty();
        }
        Room there = found.get();
        if (there.availableBytes() > there.bytes() / (told ? CALM : NEARLY_FULL)) {
            told = false;
            return Optional.empty();
        }
        if (told) {
            return Optional.empty();
        }
        told = true;
        return Optional.of(words(there) + ", at " + mountPoint);
    }

    /** Why there is hardly any room left; empty where there is. */
    static Optional<String> scarcity(Room there) {
        return there.availableBytes() > there.bytes() / NEARLY_FULL ? Optional.empty() : Optional.of(words(there));
    }

    private static String words(Room there) {
        return "writable layers have " + (there.availableBytes() >> 20) + " MiB left of " + (there.bytes() >> 20)
                + " MiB: sandboxes are held to their floors and to their parts of what is left, and at last none is"
                + " deployed; make room, or raise hostel.layers.pool-size and pool-part where there is a pool";
    }

    private Optional<Room> current() {
        try {
            return Optional.of(layers.room(mountPoint));
        } catch (KernelException e) {
            LOG.debug("room for layers: {}", e.getMessage());
            return Optional.empty();
        }
    }
}
