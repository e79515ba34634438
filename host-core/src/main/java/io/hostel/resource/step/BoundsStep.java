package io.hostel.resource.step;

import io.hostel.kernel.Cgroups;
import io.hostel.kernel.KernelException;
import io.hostel.kernel.Layers;
import io.hostel.resource.Step;
import java.nio.file.Path;

/**
 * The tenant's bounds on the writable layer and the control group, in place of a slot's.
 *
 * <p>Never undone here: they go with what they bound, see {@link LayerStep} and {@link CgroupStep}.
 */
public record BoundsStep(Layers layers, Cgroups cgroups, Bounds bounds) implements Step {

    /**
     * @param bytes the most that the layer may take
     * @param owner host uid of root inside
     */
    public record Bounds(Path pool, String layer, long bytes, int owner, String group, Cgroups.Limits limits) {}

    @Override
    public String name() {
        return "bounds";
    }

    @Override
    public void apply() throws KernelException {
        layers.create(bounds.pool(), bounds.layer(), bounds.bytes(), bounds.owner());
        cgroups.create(bounds.group(), bounds.limits());
    }

    @Override
    public void revert() {}
}
