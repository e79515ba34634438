package io.hostel.resource.step;

import io.hostel.kernel.Cgroups;
import io.hostel.kernel.KernelException;
import io.hostel.resource.Step;

/**
 * The control group with its limits.
 *
 * <p>Undone by killing whatever is in it and removing it. The killed take a moment to go; until then the removal fails with
 * EBUSY, and whoever owns the leftover tries again. Absent means: no group of that name, in any hierarchy.
 */
public record CgroupStep(Cgroups cgroups, String group, Cgroups.Limits limits) implements Step {
    @Override
    public String name() {
        return "cgroup";
    }

    @Override
    public void apply() throws KernelException {
        cgroups.create(group, limits);
    }

    @Override
    public void revert() throws KernelException {
        cgroups.killForGood(group);
        cgroups.remove(group);
    }
}
