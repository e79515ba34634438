package io.hostel.kernel.linux;

import io.hostel.sys.Fd;
import io.hostel.sys.ProjectQuota;
import io.hostel.sys.SysException;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Deletes trees that tenants made, however deep: directories are moved out beside their tree before it goes, so that no path
 * grows long and nothing is kept in memory. What a crash leaves is deleted by the next daemon.
 */
final class LayerTrash {
    private final Path gone;
    private final ProjectBounds bounds;
    private final String unique = Long.toHexString(System.nanoTime()) + "-";
    private final AtomicLong count = new AtomicLong();
    private final Set<Integer> dying = new HashSet<>();

    LayerTrash(Path gone, ProjectBounds bounds) {
        this.gone = gone;
        this.bounds = bounds;
    }

    /** Where to move something that is to be deleted; a new name each time. */
    Path place() {
        return gone.resolve(unique + count.incrementAndGet());
    }

    /**
     * Returns when nothing is left, or the thread is interrupted.
     *
     * @return whether all projects are forgotten; the file system may count what was deleted for a while yet
     */
    synchronized boolean empty() throws IOException, SysException {
        for (boolean any = true; any; ) {
            any = false;
            try (DirectoryStream<Path> trees = Files.newDirectoryStream(gone)) {
                for (Path tree : trees) {
                    if (Thread.currentThread().isInterrupted()) return false;
                    delete(tree);
                    any = true;
                }
            }
        }
        for (int project : Set.copyOf(dying)) {
            if (bounds.forget(project)) dying.remove(project);
        }
        return dying.isEmpty();
    }

    private void delete(Path tree) throws IOException, SysException {
        try (Fd fd = ProjectLayers.directory(tree)) {
            int project = ProjectQuota.projectOf(fd);
            if (bounds.ours(project)) dying.add(project);
        }
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(tree)) {
            for (Path entry : entries) {
                if (Files.isDirectory(entry, LinkOption.NOFOLLOW_LINKS)) {
                    Files.move(entry, place(), StandardCopyOption.ATOMIC_MOVE);
                } else {
                    Files.delete(entry);
                }
            }
        }
        Files.delete(tree);
    }
}
