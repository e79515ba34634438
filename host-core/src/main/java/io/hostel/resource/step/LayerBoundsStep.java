package io.hostel.resource.step;

import io.hostel.kernel.KernelException;
import io.hostel.kernel.Layers;
import io.hostel.resource.Step;
import java.nio.file.Path;

/**
 * The tenant's bound on the writable layer in place of a slot's.
 *
 * <p>Never undone here: it goes with the layer, see {@link LayerStep}.
 *
 * @param bytes the most that the layer may take
 */
public record LayerBoundsStep(Layers layers, Path pool, String layer, long bytes) implements Step {
    @Override
    public String name() {
        return "layer_bounds";
    }

    @Override
    public void apply() throws KernelException {
        layers.bound(pool, layer, bytes);
    }

    @Override
    public void revert() {}
}
