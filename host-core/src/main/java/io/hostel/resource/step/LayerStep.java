package io.hostel.resource.step;

import io.hostel.kernel.KernelException;
import io.hostel.kernel.Layers;
import io.hostel.resource.Step;
import java.nio.file.Path;

/**
 * The writable layer, bounded in bytes, fresh for every sandbox and kept over restarts.
 *
 * <p>Undone by removing it with all that was written to it. Absent means: the pool has no layer of that name.
 *
 * @param bytes the most that it may take
 * @param owner host uid of root inside
 */
public record LayerStep(Layers layers, Path pool, String layer, long bytes, int owner) implements Step {
    @Override
    public String name() {
        return "layer";
    }

    @Override
    public void apply() throws KernelException {
        layers.create(pool, layer, bytes, owner);
    }

    @Override
    public void revert() throws KernelException {
        layers.remove(pool, layer);
    }
}
