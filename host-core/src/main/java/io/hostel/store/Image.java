package io.hostel.store;

import java.nio.file.Path;
import java.util.List;

/**
 * A root file system to run in.
 *
 * @param layer read-only tree, shown ID-mapped, below the artifact's
 * @param binds trees of the host shown at their own path, read-only
 */
public record Image(String name, Path layer, List<Path> binds) {
    public Image {
        binds = List.copyOf(binds);
    }
}
