package io.hostel.resource.step;

import io.hostel.kernel.KernelException;
import io.hostel.kernel.Links;
import io.hostel.resource.Step;

/**
 * eth0's address and route, and permanent neighbours both ways.
 *
 * <p>Undone on the bridge's side, connections included; the other side goes with the namespace. Absent means: the bridge has no
 * permanent neighbour of that address.
 */
public record LeaseStep(Links links, Links.Lease lease) implements Step {
    @Override
    public String name() {
        return "lease";
    }

    @Override
    public void apply() throws KernelException {
        links.lease(lease);
    }

    @Override
    public void revert() throws KernelException {
        links.giveBack(lease);
    }
}
