package io.hostel.sandbox;

import java.io.IOException;

/**
 * Where sandboxes come from. What a sandbox consists of before there is a tenant can be made ahead of need; who takes a seat
 * need not know whether that is so. Safe for any thread.
 */
public interface Slots {

    /** Never blocks, and never gives out an id twice. @param networked whether it is to have a link */
    Seat take(boolean networked);

    /** Whether all that {@link SandboxSteps#ahead} makes is there, in the slots' ledger still. */
    boolean holds(String id);

    /**
     * The sandbox is in the ledger of sandboxes now and out of the slots'.
     *
     * @return whether all that {@link SandboxSteps#ahead} makes is there
     */
    boolean claim(String id) throws IOException;

    /** It was taken, and nothing came of it. */
    void giveBack(String id);

    /** The sandbox that it became is gone, with all that it consisted of. */
    void gone(String id);

    /**
     * @param id the sandbox's
     * @param bridge where its link is attached, or is to be
     */
    record Seat(String id, String bridge) {}
}
