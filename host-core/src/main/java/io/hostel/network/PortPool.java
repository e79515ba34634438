package io.hostel.network;

import io.hostel.api.Refusal;
import io.hostel.api.RefusedException;
import io.hostel.config.PortRange;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;

/**
 * Ports of the host that lead to published processes. Which are whose is recorded with the apps. One on which somebody of the
 * machine listens is passed over for as long as that lasts: the port would take over what is meant for that service.
 */
public final class PortPool {
    private final PortRange range;
    private final Slots slots;
    private final Supplier<Set<Integer>> listening;
    private volatile Set<Integer> occupied = Set.of();

    /** @param listening looks up on which TCP ports of the machine somebody listens; may block for as long as it takes to read a file */
    public PortPool(PortRange range, Supplier<Set<Integer>> listening) {
        this.range = range;
        this.slots = new Slots(range.size());
        this.listening = listening;
    }

    /**
     * Looks on which ports somebody listens, for {@link #lease} to pass them over.
     *
     * @return those that are leased all the same, ascending: their services began to listen later
     */
    public Set<Integer> look() {
        Set<Integer> found = listening.get();
        occupied = Set.copyOf(found);
        Set<Integer> taken = new TreeSet<>();
        for (int port : found) {
            if (port >= range.first() && port <= range.last() && slots.isLeased(port - range.first())) {
                taken.add(port);
            }
        }
        return taken;
    }

    /** Looks anew. */
    public boolean isListenedOn(int port) {
        look();
        return occupied.contains(port);
    }

    /**
     * As of the last {@link #look}.
     *
     * @throws RefusedException NoCapacity where every port is taken
     */
    public int lease() {
        return range.first()
                + slots.lease(slot -> !occupied.contains(range.first() + slot))
                        .orElseThrow(() -> new RefusedException(new Refusal.NoCapacity("all " + slots.size()
                                + " published ports of " + range
                                + " are taken, or services of the machine listen on them; widen"
                                + " hostel.network.published-ports or delete an app")));
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
