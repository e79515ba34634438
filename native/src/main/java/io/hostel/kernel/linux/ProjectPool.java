package io.hostel.kernel.linux;

import io.hostel.sys.Directory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One pool of {@link ProjectLayers}: its bounds, and a thread that deletes what was removed and watches the disk's room. */
final class ProjectPool implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ProjectPool.class);
    private static final Duration ONCE_MORE = Duration.ofSeconds(5);
    private static final long END_SECONDS = 30;

    private final ProjectBounds bounds;
    private final LayerRoom room;
    private final LayerTrash trash;
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread one = new Thread(task, "hostel-layers");
        one.setDaemon(true);
        return one;
    });

    /** Does nothing by itself until {@link #open}. */
    ProjectPool(Path mountPoint, Path gone) {
        this.bounds = new ProjectBounds(mountPoint);
        this.room = new LayerRoom(mountPoint, bounds);
        this.trash = new LayerTrash(gone, bounds);
    }

    static List<String> layers(Path mountPoint) {
        return Directory.names(mountPoint.toString()).stream()
                .filter(name -> !name.startsWith("."))
                .toList();
    }

    void open() {
        thread.execute(this::look);
        thread.execute(bounds::forgetStale);
        wake();
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

    /** Something was removed. */
    void wake() {
        if (!thread.isShutdown()) thread.execute(this::sweep);
    }

    private void sweep() {
        try {
            if (!trash.empty()) later(this::sweep, ONCE_MORE);
        } catch (Exception e) {
            LOG.warn("Removed layers are not deleted yet, the next removal tries again: {}", e.toString());
        }
    }

    private void look() {
        Duration next = ONCE_MORE;
        try {
            next = room.look();
        } catch (Exception e) {
            LOG.warn("The room for layers is not known: {}", e.toString());
        }
        later(this::look, next);
    }

    private void later(Runnable task, Duration delay) {
        if (!thread.isShutdown()) thread.schedule(task, delay.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Returns when all that was removed is deleted, or cannot be. */
    void empty() {
        close();
        sweep();
    }

    @Override
    public void close() {
        thread.shutdownNow();
        try {
            if (!thread.awaitTermination(END_SECONDS, TimeUnit.SECONDS)) LOG.warn("Layers are still being deleted");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
