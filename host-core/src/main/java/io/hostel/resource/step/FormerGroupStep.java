package io.hostel.resource.step;

import io.hostel.kernel.Cgroups;
import io.hostel.kernel.KernelException;
import io.hostel.resource.Step;

/**
 * The control group that a daemon without groups for tenants has made in the host's own. Never made: who adopts the sandbox moves
 * what is in it.
 *
 * <p>Undone as {@link CgroupStep} is.
 */
public record FormerGroupStep(Cgroups cgroups, String group) implements Step {
    @Override
    public String name() {
        return "former_cgroup";
    }

    @Override
    public void apply() {}

    @Override
    public void revert() throws KernelException {
        if (cgroups.present(group)) {
            cgroups.killForGood(group);
            cgroups.remove(group);
        }
    }
}
