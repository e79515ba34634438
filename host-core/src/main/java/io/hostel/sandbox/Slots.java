package io.hostel.sandbox;

import java.io.IOException;

/**
 * Where sandboxes come from. What a sandbox consists of before there is a tenant can be made ahead of need; who takes a seat
 * need not know whether that is so. Safe for any thread.
 */
public interface Slots {

    /** What of a sandbox is there before it is one. */
    enum Made {
        NOTHING,
        /** What {@link SandboxSteps#placed} makes. */
        PLACE,
        /** What {@link SandboxSteps#ahead} makes. */
        ALL
    }

    /**
     * Never blocks, and never gives out an id twice.
     *
     * @param tenant the number of whose sandbox it is to be
     * @param networked whether it is to have a link
     */
    Seat take(int tenant, boolean networked);

    /** Whether all that {@link SandboxSteps#ahead} makes is there, in the slots' ledger still. */
    boolean holds(String id);

    /**
     * The sandbox is in the ledger of sandboxes now and out of the slots'.
     *
     * @return what is there of it
     */
    Made claim(String id) throws IOException;

    /** It was taken, and nothing came of it. */
    void giveBack(String id);

    /** The sandbox that it became is gone, with all that it consisted of. */
    void gone(String id);

    /** A tenant will launch before long. @param tenant its number */
    void expect(int tenant);

    /** A tenant is gone. @param tenant its number */
    void forget(int tenant);

    /**
     * @param id the sandbox's
     * @param bridge where its link is attached, or is to be
     */
    record Seat(String id, String bridge) {}
}
