package io.hostel.resource;

import io.hostel.kernel.KernelException;

/**
 * One reversible change to the machine. Both directions are idempotent: twice equals once, and reverting what is absent
 * succeeds. A step is a record of plan values and the port it needs, so any daemon can revert what another applied.
 */
public interface Step {
    String name();

    void apply() throws KernelException;

    void revert() throws KernelException;
}
