package io.hostel.resource.step;

import io.hostel.kernel.KernelException;
import io.hostel.kernel.Netns;
import io.hostel.resource.Step;
import java.nio.file.Path;

/**
 * A network namespace of the sandbox's own, pinned so that it outlives every init.
 *
 * <p>Undone by taking the pin away; the kernel then takes the namespace with all that is in it, when nothing runs in it any
 * more, asynchronously and many at once. Absent means: nothing is pinned there.
 */
public record NetnsStep(Netns netns, Path pin) implements Step {
    @Override
    public String name() {
        return "netns";
    }

    @Override
    public void apply() throws KernelException {
        netns.create(pin);
    }

    @Override
    public void revert() throws KernelException {
        netns.remove(pin);
    }
}
