package io.hostel.resource.step;

import io.hostel.kernel.KernelException;
import io.hostel.kernel.Layers;
import io.hostel.resource.Step;
import java.nio.file.Path;

/**
 * The tenant as owner of the writable layer in place of the host.
 *
 * <p>Never undone here: it goes with the layer, see {@link LayerStep}.
 *
 * @param owner host uid of root inside
 */
public record LayerOwnerStep(Layers layers, Path pool, String layer, int owner) implements Step {
    @Override
    public String name() {
        return "layer_owner";
    }

    @Override
    public void apply() throws KernelException {
        layers.own(pool, layer, owner);
    }

    @Override
    public void revert() {}
}
