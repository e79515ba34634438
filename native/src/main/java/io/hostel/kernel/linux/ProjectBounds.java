package io.hostel.kernel.linux;

import io.hostel.sys.Errno;
import io.hostel.sys.Fd;
import io.hostel.sys.ProjectQuota;
import io.hostel.sys.Stat;
import io.hostel.sys.Statfs;
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
final class ProjectBounds implements LayerDisk {
    private static final Logger LOG = LoggerFactory.getLogger(ProjectBounds.class);
    private static final int PROJECTS = 1 << 16;
    private static final String GIVEN = "hostel.bytes";

    // As many files as mkfs.ext4 makes room for, so that one layer cannot take all inodes of the disk.
    private static final long BYTES_PER_FILE = 16 << 10;
    private static final long LEAST_FILES = 1024;

    private final Path mountPoint;
    private final int first;
    private final AtomicInteger next = new AtomicInteger((int) System.nanoTime());

    ProjectBounds(Path mountPoint) {
        this.mountPoint = mountPoint;
        this.first = 1 << 30 | (mountPoint.toString().hashCode() & 0x3fff) << 16;
    }

    /** Bytes, and files to go with them. */
    static Amount given(long bytes) {
        return new Amount(bytes, LEAST_FILES + bytes / BYTES_PER_FILE);
    }

    /** Makes a directory a project where it is none yet. */
    @Override
    public synchronized void give(String name, Amount given, Amount most) throws SysException {
        Path layer = mountPoint.resolve(name);
        try (Fd fd = ProjectLayers.directory(layer)) {
            int project = ProjectQuota.projectOf(fd);
            if (!ours(project)) {
                project = free(fd);
                ProjectQuota.give(fd, project);
            }
            note(layer, given.bytes());
            limit(fd, project, most);
        }
    }

    @Override
    public Space space() throws SysException {
        Statfs there = Statfs.of(mountPoint.toString());
        long keptBytes = Math.min(LayerRoom.MOST_KEPT_BYTES, there.bytes() / LayerRoom.KEPT_PART);
        long spareFiles = there.files() == 0 // the file system makes room for any number
                ? Amount.ANY
                : there.freeFiles() - there.files() / LayerRoom.KEPT_PART;
        return new Space(there.bytes(), new Amount(there.availableBytes() - keptBytes, spareFiles), there.bytes() - there.availableBytes(), keptBytes);
    }

    @Override
    public List<String> names() {
        return ProjectPool.layers(mountPoint);
    }

    @Override
    public Layer read(String name) throws SysException {
        Path layer = mountPoint.resolve(name);
        try (Fd fd = ProjectLayers.directory(layer)) {
            int project = ProjectQuota.projectOf(fd);
            long bytes = noted(layer);
            // As after a crash: half made, and nobody's.
            if (!ours(project) || bytes == 0) throw new SysException(Errno.ENOENT, "find the project of", name);
            ProjectQuota.Usage usage = ProjectQuota.usage(fd, project);
            return new Layer(
                    name,
                    Stat.of(layer.resolve("work").toString()).uid(),
                    given(bytes),
                    new Amount(usage.bytes(), usage.inodes()),
                    new Amount(usage.limitBytes(), usage.limitInodes()));
        }
    }

    @Override
    public void bound(String name, Amount most) throws SysException {
        try (Fd fd = ProjectLayers.directory(mountPoint.resolve(name))) {
            limit(fd, ProjectQuota.projectOf(fd), most);
        }
    }

    /** A limit of 0 would be none. */
    private static void limit(Fd fd, int project, Amount most) throws SysException {
        ProjectQuota.limit(fd, project, Math.max(1, most.bytes()), Math.max(1, most.files()));
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
