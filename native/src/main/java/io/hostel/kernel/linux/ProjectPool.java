package io.hostel.kernel.linux;

import io.hostel.sys.Directory;
import io.hostel.sys.SysException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One pool of {@link ProjectLayers}: its bounds, and two threads, one that watches the disk's room and one that deletes what was
 * removed and could not be deleted at once; the first must not wait for the second.
 */
final class ProjectPool implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ProjectPool.class);
    private static final Duration EVERY = Duration.ofSeconds(1);
    private static final Duration LAST_TRIES = Duration.ofSeconds(60);
    private static final long END_SECONDS = 30;

    private final Path mountPoint;
    private final ProjectBounds bounds;
    private final LayerRoom room;
    private final LayerTrash trash;
    private final ScheduledExecutorService threads = Executors.newScheduledThreadPool(2, task -> {
        Thread one = new Thread(task, "hostel-layers");
        one.setDaemon(true);
        return one;
    });

    private boolean blind;

    /** Does nothing by itself until {@link #open}. */
    ProjectPool(Path mountPoint, long floorBytes) {
        this.mountPoint = mountPoint;
        this.bounds = new ProjectBounds(mountPoint);
        this.room = new LayerRoom(mountPoint, bounds, floorBytes);
        this.trash = new LayerTrash(trash(mountPoint), bounds);
    }

    /** Where removed layers await their deletion. */
    static Path trash(Path mountPoint) {
        return mountPoint.resolve(".gone");
    }

    static List<String> layers(Path mountPoint) {
        return Directory.names(mountPoint.toString()).stream()
                .filter(name -> !name.startsWith("."))
                .toList();
    }

    void open() {
        look();
        threads.scheduleWithFixedDelay(this::look, EVERY.toMillis(), EVERY.toMillis(), TimeUnit.MILLISECONDS);
        threads.execute(bounds::forgetStale);
        threads.scheduleWithFixedDelay(trash::sweep, 0, EVERY.toMillis(), TimeUnit.MILLISECONDS);
    }

    ProjectBounds bounds() {
        return bounds;
    }

    LayerRoom room() {
        return room;
    }

    LayerTrash trash() {
        return trash;
    }

    private void look() {
        try {
            room.look();
            blind = false;
        } catch (SysException | RuntimeException e) {
            if (!blind) LOG.warn("How much room {} has left is not known: {}", mountPoint, e.toString());
            blind = true; // and every layer's bound is as it was
        }
    }

    /**
     * Returns when all that was removed is deleted.
     *
     * @return false where it is not after a minute
     */
    boolean empty() {
        close();
        long end = System.nanoTime() + LAST_TRIES.toNanos();
        while (!trash.sweep()) {
            if (System.nanoTime() > end) return false;
        }
        return true;
    }

    @Override
    public void close() {
        threads.shutdownNow();
        try {
            if (!threads.awaitTermination(END_SECONDS, TimeUnit.SECONDS)) LOG.warn("Layers are still being deleted");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
