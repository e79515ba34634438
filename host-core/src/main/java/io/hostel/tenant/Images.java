package io.hostel.tenant;

import io.hostel.store.Image;
import java.util.Optional;

/** Root file systems by name. */
@FunctionalInterface
public interface Images {
    /** May block for a moment. */
    Optional<Image> image(String name);
}
