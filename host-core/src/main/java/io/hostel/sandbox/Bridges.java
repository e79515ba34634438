package io.hostel.sandbox;

import io.hostel.kernel.BridgeNames;
import io.hostel.kernel.HostNetwork;
import io.hostel.kernel.KernelException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * On which bridge each sandbox's link is. Bridges are filled in turn, up to some hundred ports each, and the next one is made
 * before the last is full. Safe for any thread.
 */
public final class Bridges {
    /** A bridge takes 1,023 ports, and each new one costs a look at all that are there. */
    static final int PORTS = 400;

    /** More than come while a bridge is made. Where more do come, bridges take some ports beyond their share. */
    static final int KEPT_FREE = 100;

    private static final Logger LOG = LoggerFactory.getLogger(Bridges.class);

    private final HostNetwork network;
    private final HostNetwork.Plan plan;
    /** Ports taken, by the number of the bridge; every bridge that stands is in here. */
    private final TreeMap<Integer, Integer> taken = new TreeMap<>();

    private final Map<String, Integer> seats = new HashMap<>();

    private Bridges(HostNetwork network, HostNetwork.Plan plan) {
        this.network = network;
        this.plan = plan;
    }

    /**
     * Finds what stands, makes what is missing of the bridges that sandboxes are on.
     *
     * @param seats name of the bridge by the id of the sandbox
     */
    public static Bridges open(HostNetwork network, HostNetwork.Plan plan, Map<String, String> seats)
            throws KernelException {
        Bridges bridges = new Bridges(network, plan);
        network.bridges(plan).forEach(number -> bridges.taken.put(number, 0));
        for (Map.Entry<String, String> seat : seats.entrySet()) {
            OptionalInt number = BridgeNames.number(plan.bridge(), seat.getValue());
            if (number.isEmpty()) {
                continue;
            }
            if (!bridges.taken.containsKey(number.getAsInt())) {
                network.addBridge(plan, number.getAsInt());
                bridges.taken.put(number.getAsInt(), 0);
            }
            bridges.put(seat.getKey(), number.getAsInt());
        }
        return bridges;
    }

    /** Name of the bridge that a new sandbox's link is to be on; it has that place until {@link #leave}. Never blocks. */
    public synchronized String seat(String id) {
        int number = taken.entrySet().stream()
                .filter(bridge -> bridge.getValue() < PORTS)
                .findFirst()
                .or(() -> taken.entrySet().stream().min(Map.Entry.comparingByValue()))
                .map(Map.Entry::getKey)
                .orElse(0);
        put(id, number);
        return plan.bridge(number);
    }

    /** The sandbox is gone, or never came to be. */
    public synchronized void leave(String id) {
        Integer number = seats.remove(id);
        if (number != null) {
            taken.merge(number, -1, Integer::sum);
        }
    }

    /** Whether it is time for {@link #widen}. */
    public synchronized boolean scarce() {
        return taken.values().stream()
                        .mapToInt(ports -> Math.max(0, PORTS - ports))
                        .sum()
                < KEPT_FREE;
    }

    /**
     * Makes another bridge if places are scarce. Blocks; one caller at a time.
     *
     * @throws KernelException where none can be made: new sandboxes crowd on the bridges that there are
     */
    public void widen() throws KernelException {
        if (!scarce()) {
            return;
        }
        int number = nextNumber();
        network.addBridge(plan, number);
        LOG.info("bridge {} made", plan.bridge(number));
        synchronized (this) {
            taken.putIfAbsent(number, 0);
        }
    }

    /**
     * Makes those again that somebody has taken away, but for the first, which {@link HostNetwork#ensure} makes. Blocks.
     *
     * @return the names of those that had to be made
     */
    public List<String> restore() throws KernelException {
        Set<Integer> gone;
        synchronized (this) {
            gone = new TreeSet<>(taken.keySet());
        }
        gone.removeAll(network.bridges(plan));
        for (int number : gone) {
            network.addBridge(plan, number);
        }
        return gone.stream().map(plan::bridge).toList();
    }

    /** How many there are. */
    public synchronized int count() {
        return taken.size();
    }

    private synchronized int nextNumber() {
        int number = 0;
        while (taken.containsKey(number)) {
            number++;
        }
        return number;
    }

    private void put(String id, int number) {
        if (seats.put(Objects.requireNonNull(id), number) == null) {
            taken.merge(number, 1, Integer::sum);
        }
    }
}
