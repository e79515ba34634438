package io.hostel.kernel.linux;

import io.hostel.sys.Statfs;
import io.hostel.sys.SysException;
import java.nio.file.Path;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps some of the disk for the host, where layers are promised more than there is. Once the disk is fairly full, each layer may
 * grow only by its part of half of what is spare, as of the last look: the kernel sees to it then that between two looks they
 * cannot take what is kept, and without a daemon not either.
 */
final class LayerRoom {
    private static final Logger LOG = LoggerFactory.getLogger(LayerRoom.class);
    private static final long MOST_KEPT_BYTES = 1L << 30;
    private static final int LEAST_PART = 16;
    /** So many times what is kept has to be spare for layers not to be held. */
    private static final int PLENTY = 4;

    private final Path mountPoint;
    private final ProjectBounds bounds;
    // At first, since an earlier daemon may have ended meanwhile.
    private boolean held = true;
    private boolean told;

    LayerRoom(Path mountPoint, ProjectBounds bounds) {
        this.mountPoint = mountPoint;
        this.bounds = bounds;
    }

    /** Every second or so. */
    synchronized void look() throws SysException {
        Statfs disk = Statfs.of(mountPoint.toString());
        long keptBytes = Math.min(MOST_KEPT_BYTES, disk.bytes() / LEAST_PART);
        long keptFiles = disk.files() / LEAST_PART; // 0 where the file system makes room for any number
        long spareBytes = disk.availableBytes() - keptBytes;
        long spareFiles = disk.files() == 0 ? Long.MAX_VALUE : disk.freeFiles() - keptFiles;
        if (spareBytes >= PLENTY * keptBytes && spareFiles >= PLENTY * keptFiles) {
            if (held) bounds.release(ProjectPool.layers(mountPoint));
            if (told) LOG.info("Layers at {} may take what they were given", mountPoint);
            held = false;
            told = false;
            return;
        }
        if (!told)
            LOG.warn("The disk of {} is nearly full: layers grow by what is left, and at last no further", mountPoint);
        told = true;
        held = true;
        List<String> layers = ProjectPool.layers(mountPoint);
        int parts = 2 * Math.max(layers.size(), 1);
        bounds.hold(layers, Math.max(spareBytes, 0) / parts, Math.max(spareFiles, 0) / parts);
    }
}
