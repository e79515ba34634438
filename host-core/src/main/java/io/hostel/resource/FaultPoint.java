package io.hostel.resource;

import io.hostel.kernel.KernelException;

/** A place between two effects, where tests let things fail or the daemon die; in production nothing happens there. */
@FunctionalInterface
public interface FaultPoint {

    FaultPoint INERT = effect -> {};

    /** @param effect what comes next, or has just been done, e.g. {@code apply netns} */
    void reached(String effect) throws KernelException;
}
