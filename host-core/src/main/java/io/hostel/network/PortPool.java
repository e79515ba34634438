package io.hostel.network;

import io.hostel.api.Refusal;
import io.hostel.api.RefusedException;
import io.hostel.config.PortRange;

/** Ports of the host that lead to published processes. Which are whose is recorded with the apps. */
public final class PortPool {
    private final PortRange range;
    private final Slots slots;

    public PortPool(PortRange range) {
        this.range = range;
        this.slots = new Slots(range.size());
    }

    /** @throws RefusedException NoCapacity where every port is taken */
    public int lease() {
        return range.first()
                + slots.lease()
                        .orElseThrow(() -> new RefusedException(new Refusal.NoCapacity("all " + slots.size()
                                + " published ports of " + range
                                + " are taken; widen hostel.network.published-ports or delete an app")));
    }

    /** Takes a port that is an app's by the records; false where it is taken already or outside the range. */
    public boolean retake(int port) {
        return slots.retake(port - range.first());
    }

    public void giveBack(int port) {
        if (port >= range.first() && port <= range.last()) {
            slots.giveBack(port - range.first());
        }
    }

    public int leased() {
        return slots.leased();
    }
}
