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
    private static final long HELD_BYTES = 256 << 10; // XFS sets aside some 100 KiB for the making of a directory
    private static final long HELD_FILES = 16;

    private final Path mountPoint;
    private final int first;
    private final AtomicInteger next = new AtomicInteger((int) System.nanoTime());

    ProjectBounds(Path mountPoint) {
        this.mountPoint = mountPoint;
        this.first = 1 << 30 | (mountPoint.toString().hashCode() & 0x3fff) << 16;
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
            ProjectQuota.limit(fd, project, bytes, files(bytes));
        }
    }

    /** It keeps what it has, and gets hardly more: as much as it takes to be mounted, else a launch would find it read-only. */
    synchronized void hold(Path layer) throws SysException {
        try (Fd fd = ProjectLayers.directory(layer)) {
            int project = ProjectQuota.projectOf(fd);
            if (!ours(project)) return;
            ProjectQuota.Usage usage = ProjectQuota.usage(fd, project);
            // Never more than before, since this is said again and again.
            long bytes = lesser(usage.limitBytes(), usage.bytes() + HELD_BYTES);
            ProjectQuota.limit(fd, project, bytes, lesser(usage.limitInodes(), usage.inodes() + HELD_FILES));
        }
    }

    /** It may take again what it was given. */
    synchronized void release(Path layer) throws SysException {
        try (Fd fd = ProjectLayers.directory(layer)) {
            int project = ProjectQuota.projectOf(fd);
            long bytes = noted(layer);
            if (ours(project) && bytes > 0) ProjectQuota.limit(fd, project, bytes, files(bytes));
        }
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
        Set<Integer> known = new HashSet<>();
        try (Fd fd = ProjectLayers.directory(mountPoint)) {
            for (int from = first; ours(from); from++) {
                ProjectQuota.Usage usage = ProjectQuota.next(fd, from);
                if (!ours(usage.project())) break;
                from = usage.project();
                if (usage.limitBytes() != 0) known.add(from);
            }
        } catch (SysException e) {
            if (!e.is(Errno.ENOENT) && !e.is(Errno.ESRCH)) LOG.warn("Old projects stay: {}", e.getMessage());
        }
        try {
            for (int project : known) forget(project);
        } catch (SysException e) {
            LOG.warn("Old projects stay: {}", e.getMessage());
        }
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

    private static long lesser(long limit, long other) {
        return limit == 0 ? other : Math.min(limit, other);
    }

    private static long files(long bytes) {
        return LEAST_FILES + bytes / BYTES_PER_FILE;
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
