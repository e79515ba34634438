package io.hostel.kernel.linux;

import io.hostel.sys.Directory;
import io.hostel.sys.Fd;
import io.hostel.sys.ProjectQuota;
import io.hostel.sys.SysException;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Deletes layers that tenants filled, however deep they are. Each is moved into a heap of its own name, a directory; there each
 * directory's files are deleted, the directories in it are moved out into the heap, and it goes itself. So no path grows long and
 * nothing is kept in memory, and what a crash leaves is gone on with by whoever finds it.
 */
final class LayerTrash {
    private static final Logger LOG = LoggerFactory.getLogger(LayerTrash.class);
    private static final int OF_ROOT_ALONE = 0700;
    private static final Duration ANY = Duration.ofDays(1);

    private final Path heaps;
    private final ProjectBounds bounds;
    private final String unique = Long.toHexString(System.nanoTime()) + "-";
    private final AtomicLong count = new AtomicLong();
    private final Set<Integer> dying = ConcurrentHashMap.newKeySet();

    LayerTrash(Path heaps, ProjectBounds bounds) {
        this.heaps = heaps;
        this.bounds = bounds;
    }

    /**
     * Out of sight at once, and deleted if that takes no longer than {@code most}; {@link #sweep} goes on with the rest.
     *
     * @return whether it is gone, as it is if it was not there
     */
    boolean take(Path layer, Duration most) throws IOException, SysException {
        Path heap = heaps.resolve(layer.getFileName());
        if (Files.isDirectory(layer, LinkOption.NOFOLLOW_LINKS)) {
            Directory.make(heap.toString(), OF_ROOT_ALONE);
            move(layer, heap);
        }
        return !Files.exists(heap) || delete(heap, System.nanoTime() + most.toNanos());
    }

    /** Goes through all heaps once; what goes wrong with one keeps it from no other. @return whether nothing is left */
    boolean sweep() {
        boolean all = true;
        try (DirectoryStream<Path> left = Files.newDirectoryStream(heaps)) {
            for (Path heap : left) all &= swept(heap);
        } catch (NoSuchFileException e) {
            return true;
        } catch (IOException | RuntimeException e) {
            LOG.warn("Removed layers are not deleted yet: {}", e.getClass().getSimpleName());
            return false;
        }
        return forgotten() && all;
    }

    private boolean swept(Path heap) {
        try {
            return delete(heap, System.nanoTime() + ANY.toNanos());
        } catch (IOException | SysException | RuntimeException e) {
            // Without its message, which may hold a name that a tenant has chosen.
            LOG.warn(
                    "The removed layer {} is not deleted yet: {}",
                    heap.getFileName(),
                    e.getClass().getSimpleName());
            return false;
        }
    }

    /** The file system may count what was deleted for a while yet. */
    private boolean forgotten() {
        try {
            for (int project : dying) {
                if (bounds.forget(project)) dying.remove(project);
            }
        } catch (SysException e) {
            LOG.warn("A removed layer's project is still there: {}", e.getMessage());
        }
        return dying.isEmpty();
    }

    private boolean delete(Path heap, long end) throws IOException, SysException {
        for (boolean any = true; any; ) {
            any = false;
            try (DirectoryStream<Path> trees = Files.newDirectoryStream(heap)) {
                for (Path tree : trees) {
                    any = true;
                    if (!delete(tree, heap, end)) return false;
                }
            } catch (NoSuchFileException e) {
                return true; // somebody else was here
            }
        }
        Files.deleteIfExists(heap);
        forgotten();
        return true;
    }

    private boolean delete(Path tree, Path heap, long end) throws IOException, SysException {
        if (!isDirectory(tree)) {
            Files.deleteIfExists(tree);
            return true;
        }
        try (Fd fd = ProjectLayers.directory(tree)) {
            int project = ProjectQuota.projectOf(fd);
            if (bounds.ours(project)) dying.add(project);
        }
        // Files first: where the disk is full there is room for the moves then.
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(tree)) {
            for (Path entry : entries) {
                if (late(end)) return false;
                if (!isDirectory(entry)) Files.deleteIfExists(entry);
            }
        }
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(tree)) {
            for (Path entry : entries) {
                if (late(end)) return false;
                move(entry, heap);
            }
        }
        Files.deleteIfExists(tree);
        return true;
    }

    private static boolean isDirectory(Path path) {
        return Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS);
    }

    private static boolean late(long end) {
        return Thread.currentThread().isInterrupted() || System.nanoTime() > end;
    }

    private void move(Path tree, Path heap) throws IOException {
        Files.move(tree, heap.resolve(unique + count.incrementAndGet()), StandardCopyOption.ATOMIC_MOVE);
    }
}
