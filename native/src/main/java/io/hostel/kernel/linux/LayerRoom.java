package io.hostel.kernel.linux;

import io.hostel.sys.Errno;
import io.hostel.sys.Statfs;
import io.hostel.sys.SysException;
import java.nio.file.Path;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps some of the disk for the host, where layers are promised more than there is: when little is left, each is held to what
 * it has; once there is twice as much, each may take again what it was given. The nearer it comes, the sooner is the next look,
 * so that what is written at {@link #FASTEST_BYTES_A_SECOND} does not get past it.
 */
final class LayerRoom {
    private static final Logger LOG = LoggerFactory.getLogger(LayerRoom.class);
    private static final long MOST_KEPT_BYTES = 1L << 30;
    private static final int LEAST_PART = 16;
    private static final long FASTEST_BYTES_A_SECOND = 4L << 30;
    private static final long SOONEST_MILLIS = 20;
    private static final long LATEST_MILLIS = 1000;

    private final Path mountPoint;
    private final ProjectBounds bounds;
    // At first, since an earlier daemon may have ended meanwhile.
    private boolean held = true;
    private boolean told;

    LayerRoom(Path mountPoint, ProjectBounds bounds) {
        this.mountPoint = mountPoint;
        this.bounds = bounds;
    }

    /** @return when to look again */
    synchronized Duration look() throws SysException {
        Statfs disk = Statfs.of(mountPoint.toString());
        long kept = Math.min(MOST_KEPT_BYTES, disk.bytes() / LEAST_PART);
        long spare = disk.availableBytes() - kept;
        if (spare < 0) {
            if (!held)
                LOG.warn("The disk of {} has less than {} MiB left: layers grow no further", mountPoint, kept >> 20);
            told = true;
            held = true;
            forAll(bounds::hold);
        } else if (held && spare >= kept) {
            forAll(bounds::release);
            held = false;
            if (told) LOG.info("Layers at {} may take again what they were given", mountPoint);
            told = false;
        }
        long reached = spare * 1000 / FASTEST_BYTES_A_SECOND;
        return Duration.ofMillis(Math.max(SOONEST_MILLIS, Math.min(LATEST_MILLIS, reached)));
    }

    private interface Change {
        void of(Path layer) throws SysException;
    }

    private void forAll(Change change) throws SysException {
        for (String name : ProjectPool.layers(mountPoint)) {
            try {
                change.of(mountPoint.resolve(name));
            } catch (SysException e) {
                if (!e.is(Errno.ENOENT)) throw e; // removed meanwhile
            }
        }
    }
}
