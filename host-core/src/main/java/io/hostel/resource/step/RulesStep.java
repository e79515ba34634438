package io.hostel.resource.step;

import io.hostel.kernel.KernelException;
import io.hostel.kernel.PacketFilter;
import io.hostel.resource.Step;

/**
 * The packet filter's elements: without them nothing passes, so they come last and go first.
 *
 * <p>Undone by taking the same elements out, in one transaction. Absent means: the tables have none of this link and address.
 */
public record RulesStep(PacketFilter filter, PacketFilter.Rules rules) implements Step {
    @Override
    public String name() {
        return "rules";
    }

    @Override
    public void apply() throws KernelException {
        filter.admit(rules);
    }

    @Override
    public void revert() throws KernelException {
        filter.expel(rules);
    }
}
