package io.hostel.resource.step;

import io.hostel.kernel.Cgroups;
import io.hostel.kernel.KernelException;
import io.hostel.resource.Step;

/**
 * The tenant's limits on the control group in place of a slot's.
 *
 * <p>Never undone here: they go with the group, see {@link CgroupStep}.
 */
public record CgroupBoundsStep(Cgroups cgroups, String group, Cgroups.Limits limits) implements Step {
    @Override
    public String name() {
        return "cgroup_bounds";
    }

    @Override
    public void apply() throws KernelException {
        cgroups.create(group, limits);
    }

    @Override
    public void revert() {}
}
