package io.hostel.resource.step;

import io.hostel.kernel.KernelException;
import io.hostel.kernel.Links;
import io.hostel.kernel.Netns;
import io.hostel.resource.Step;

/**
 * The veth: eth0 inside, a port of the bridge outside.
 *
 * <p>Undone by the end of its namespace, which {@link NetnsStep} brings about next: an RTM_DELLINK for each sandbox would cost
 * six times as much. Only where nothing is pinned (an earlier attempt has unpinned and failed at something else, or the pin was
 * lost) nothing says that the namespace goes, and the veth is taken away by name. Absent means: no link of that name.
 */
public record VethStep(Links links, Netns netns, Links.Veth veth) implements Step {
    @Override
    public String name() {
        return "veth";
    }

    @Override
    public void apply() throws KernelException {
        links.attach(veth);
    }

    @Override
    public void revert() throws KernelException {
        if (netns.inode(veth.netns()) == 0) {
            links.detach(veth);
        }
    }
}
