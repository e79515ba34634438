package io.hostel.kernel.linux;

import io.hostel.sys.Errno;
import io.hostel.sys.Fd;
import io.hostel.sys.ProjectQuota;
import io.hostel.sys.SysException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.UserDefinedFileAttributeView;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which layer is which project, and how much it may take: 65,536 projects of one host, whose numbers begin with a hash of its
 * mount point. What a layer was given is in an extended attribute of its directory, for while it is held to less.
 */
final class ProjectBounds {
    private static final Logger LOG = LoggerFactory.getLogger(ProjectBounds.class);
    private static final int PROJECTS = 1 << 16;
    private static final String GIVEN = "hostel.bytes";

    // As many files as mkfs.ext4 makes room for, so that one layer cannot take all inodes of the disk.
    private static final long BYTES_PER_FILE = 16 << 10;
    private static final long LEAST_FILES = 1024;

    // What it takes to be mounted, else a launch would find its root read-only; XFS sets aside some 100 KiB for a
    // directory.
    private static final long HELD_BYTES = 256 << 10;
    private static final long HELD_FILES = 16;

    private final Path mountPoint;
    private final int first;
    private final AtomicInteger next = new AtomicInteger((int) System.nanoTime());
    private Growth growth = Growth.ANY;

    ProjectBounds(Path mountPoint) {
        this.mountPoint = mountPoint;
        this.first = 1 << 30 | (mountPoint.toString().hashCode() & 0x3fff) << 16;
    }

    /** How much more than it has a layer may take. */
    private record Growth(long bytes, long files) {
        static final Growth ANY = new Growth(Long.MAX_VALUE, Long.MAX_VALUE);

        boolean any() {
            return bytes == Long.MAX_VALUE;
        }
    }

    /** Makes a directory a project where it is none yet; its bound is new in any case. */
    synchronized void set(Path layer, long bytes) throws SysException {
        try (Fd fd = ProjectLayers.directory(layer)) {
            int project = ProjectQuota.projectOf(fd);
            if (!ours(project)) {
                project = free(fd);
                ProjectQuota.give(fd, project);
            }
            note(layer, bytes);
            bound(fd, project, bytes);
        }
    }

    /** Until it is said again or {@link #release}d, each of these may grow by so much, and a little. */
    synchronized void hold(List<String> layers, long bytes, long files) {
        growth = new Growth(bytes, files);
        layers.forEach(this::boundAnew);
    }

    /** They may take again what they were given. */
    synchronized void release(List<String> layers) {
        growth = Growth.ANY;
        layers.forEach(this::boundAnew);
    }

    private void boundAnew(String name) {
        Path layer = mountPoint.resolve(name);
        try (Fd fd = ProjectLayers.directory(layer)) {
            int project = ProjectQuota.projectOf(fd);
            long bytes = noted(layer);
            if (ours(project) && bytes > 0) bound(fd, project, bytes);
        } catch (SysException e) {
            if (!e.is(Errno.ENOENT)) LOG.warn("The bound of layer {} is as it was: {}", name, e.getMessage());
        }
    }

    private void bound(Fd fd, int project, long given) throws SysException {
        long bytes = given;
        long files = LEAST_FILES + given / BYTES_PER_FILE;
        if (!growth.any()) {
            ProjectQuota.Usage usage = ProjectQuota.usage(fd, project);
            bytes = Math.min(bytes, grown(usage.bytes(), growth.bytes(), HELD_BYTES, usage.limitBytes()));
            files = Math.min(files, grown(usage.inodes(), growth.files(), HELD_FILES, usage.limitInodes()));
            if (bytes == usage.limitBytes() && files == usage.limitInodes()) return;
        }
        ProjectQuota.limit(fd, project, bytes, files);
    }

    /** The little that is always granted is granted once: this is said again and again. */
    private static long grown(long used, long by, long little, long limit) {
        if (by >= little) return used + Math.min(by, Long.MAX_VALUE - used);
        return limit == 0 ? used + little : Math.min(limit, used + little);
    }

    /** The project is nobody's any more, if nothing is left of it. */
    synchronized boolean forget(int project) throws SysException {
        if (!ours(project)) return true;
        try (Fd fd = ProjectLayers.directory(mountPoint)) {
            if (!ProjectQuota.usage(fd, project).empty()) return false;
            ProjectQuota.limit(fd, project, 0, 0);
            return true;
        }
    }

    /** All projects of which nothing is left: an earlier daemon may have ended before it forgot them. */
    void forgetStale() {
        try {
            for (int project : bounded()) forget(project);
        } catch (SysException e) {
            LOG.warn("Projects of layers that are gone stay bounded: {}", e.getMessage());
        }
    }

    private Set<Integer> bounded() throws SysException {
        Set<Integer> known = new HashSet<>();
        try (Fd fd = ProjectLayers.directory(mountPoint)) {
            for (int from = first; ours(from); from++) {
                ProjectQuota.Usage usage = ProjectQuota.next(fd, from);
                from = usage.project();
                if (ours(from) && usage.limitBytes() != 0) known.add(from);
            }
        } catch (SysException e) {
            if (!e.is(Errno.ENOENT) && !e.is(Errno.ESRCH)) throw e; // the last one was passed
        }
        return known;
    }

    boolean ours(int project) {
        return (project & -PROJECTS) == first;
    }

    private int free(Fd fd) throws SysException {
        for (int tries = 0; tries < PROJECTS; tries++) {
            int project = first | next.incrementAndGet() & PROJECTS - 1;
            ProjectQuota.Usage usage = ProjectQuota.usage(fd, project);
            if (usage.empty() && usage.limitBytes() == 0) return project;
        }
        throw new SysException(Errno.ENOSPC, "find a free project on", mountPoint.toString());
    }

    private static void note(Path layer, long bytes) throws SysException {
        try {
            attributes(layer).write(GIVEN, ByteBuffer.allocate(Long.BYTES).putLong(0, bytes));
        } catch (IOException e) {
            throw new SysException(Errno.EIO, "note the bound of", layer + ": " + e);
        }
    }

    /** 0 where nothing was noted yet. */
    private static long noted(Path layer) {
        ByteBuffer bytes = ByteBuffer.allocate(Long.BYTES);
        try {
            return attributes(layer).read(GIVEN, bytes) == Long.BYTES ? bytes.getLong(0) : 0;
        } catch (IOException e) {
            return 0;
        }
    }

    private static UserDefinedFileAttributeView attributes(Path layer) {
        return Files.getFileAttributeView(layer, UserDefinedFileAttributeView.class);
    }
}
