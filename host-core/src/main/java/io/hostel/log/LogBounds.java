package io.hostel.log;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * How much the logs of running sandboxes may take: the symbolic link LOG.bound consists of the number, in bytes, and their monitors
 * read it at most once a second while they write. Where there is none, it is what the sandbox was made with; 0 means nothing.
 * For one thread.
 */
final class LogBounds {
    private static final String SUFFIX = ".bound";

    private final Map<Path, Long> known = new HashMap<>();

    /** @param most what it was made with */
    void set(Path log, long bound, long most) throws IOException {
        Long before = known.get(log);
        if (before != null && before == bound) {
            return;
        }
        Path link = log.resolveSibling(log.getFileName() + SUFFIX);
        if (bound >= most) {
            Files.deleteIfExists(link);
        } else {
            Path fresh = log.resolveSibling(log.getFileName() + SUFFIX + ".new");
            Files.deleteIfExists(fresh);
            try {
                Files.createSymbolicLink(fresh, Path.of(Long.toString(bound)));
                Files.move(fresh, link, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            } catch (NoSuchFileException gone) {
                return; // the app was deleted meanwhile
            }
        }
        known.put(log, bound);
    }

    /** Forgets those of sandboxes that are no more. */
    void retain(Set<String> living) {
        known.keySet().removeIf(log -> !living.contains(SandboxFiles.sandbox(log)));
    }
}
