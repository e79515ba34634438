package io.hostel.resource.step;

import io.hostel.kernel.KernelException;
import io.hostel.kernel.Layers;
import io.hostel.resource.Step;
import java.nio.file.Path;

/**
 * The tenant's bounds on the writable layer in place of a slot's, and its owner.
 *
 * <p>Never undone here: they go with the layer, see {@link LayerStep}.
 *
 * @param bytes the most that the layer may take
 * @param owner host uid of root inside
 */
public record LayerBoundsStep(Layers layers, Path pool, String layer, long bytes, int owner) implements Step {
    @Override
    public String name() {
        return "layer_bounds";
    }

    @Override
    public void apply() throws KernelException {
        layers.create(pool, layer, bytes, owner);
    }

    @Override
    public void revert() {}
}
