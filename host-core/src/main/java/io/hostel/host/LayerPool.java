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
    private static final int NEARLY_FULL = 10; // a tenth is left
    private static final int CALM = 5;

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
        return Optional.of("writable layers have " + (there.availableBytes() >> 20) + " MiB left of "
                + (there.bytes() >> 20) + " MiB at " + mountPoint
                + ", beyond which all that is written in sandboxes fails: make room, or raise hostel.layers.pool-size where"
                + " there is a pool");
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
