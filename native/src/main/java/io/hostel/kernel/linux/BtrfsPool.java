package io.hostel.kernel.linux;

import io.hostel.sys.SysException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One pool of {@link BtrfsLayers} that is mounted, and the thread that watches its room once it is begun. */
final class BtrfsPool implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(BtrfsPool.class);
    private static final Duration EVERY = Duration.ofSeconds(1);
    private static final long END_SECONDS = 30;

    private final Path mountPoint;
    private final BtrfsRoom disk;
    private final LayerRoom room;
    private final BtrfsQuotas quotas = new BtrfsQuotas();
    private final ScheduledExecutorService thread = Executors.newScheduledThreadPool(1, task -> {
        Thread one = new Thread(task, "hostel-layers");
        one.setDaemon(true);
        return one;
    });

    private boolean blind;

    BtrfsPool(Path mountPoint, long floorBytes) throws SysException {
        this.mountPoint = mountPoint;
        this.disk = new BtrfsRoom(mountPoint);
        this.room = new LayerRoom(mountPoint, disk, floorBytes);
    }

    /**
     * Looks once before it returns, so that the first layer is bound to its part.
     *
     * @param fresh whether nothing is in it: then it gets its room for metadata first, else soon, since that takes a while
     */
    void begin(boolean fresh) {
        try {
            disk.reclaimData();
        } catch (SysException e) {
            LOG.info("Block groups of {} that empty are data's until they are empty: {}", mountPoint, e.getMessage());
        }
        if (fresh) provideMetadata();
        else thread.execute(this::provideMetadata);
        look();
        thread.scheduleWithFixedDelay(this::look, EVERY.toMillis(), EVERY.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Before data has taken all there is: without room for metadata no layer can be made, nor anything deleted. */
    private void provideMetadata() {
        try (BtrfsVolume pool = BtrfsVolume.open(mountPoint.toString())) {
            if (disk.lacksMetadata()) pool.renewMetadata();
        } catch (SysException e) {
            LOG.warn("{} gets no room for metadata ahead of need: {}", mountPoint, e.getMessage());
        }
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

    BtrfsRoom disk() {
        return disk;
    }

    LayerRoom room() {
        return room;
    }

    BtrfsQuotas quotas() {
        return quotas;
    }

    @Override
    public void close() {
        thread.shutdownNow();
        try {
            if (!thread.awaitTermination(END_SECONDS, TimeUnit.SECONDS)) LOG.warn("{} is still looked at", mountPoint);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
