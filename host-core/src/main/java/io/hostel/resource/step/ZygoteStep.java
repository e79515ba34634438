package io.hostel.resource.step;

import io.hostel.kernel.KernelException;
import io.hostel.kernel.Launcher;
import io.hostel.resource.Step;

/**
 * The sandbox's zygote, and an init parked for the next launch.
 *
 * <p>Undone by ending both; what has been launched is not theirs any more. Absent means: neither of them lives.
 */
public record ZygoteStep(Launcher launcher, Launcher.Ahead ahead) implements Step {
    @Override
    public String name() {
        return "zygote";
    }

    @Override
    public void apply() throws KernelException {
        if (launcher.parked(ahead.first()).isPresent()) {
            return;
        }
        launcher.unready(ahead.records());
        launcher.ready(ahead);
    }

    @Override
    public void revert() throws KernelException {
        launcher.unready(ahead.records());
    }
}
