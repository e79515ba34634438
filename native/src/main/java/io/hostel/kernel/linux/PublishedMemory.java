package io.hostel.kernel.linux;

import io.hostel.kernel.PacketFilter.Backend;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What of published ports is known to be in the tables: what this daemon, their only writer, wrote or saw last. */
final class PublishedMemory {
    private final Map<Integer, List<Backend>> byPort = new HashMap<>();
    private final Set<Integer> balances = new HashSet<>();

    /** Where a port leads, nowhere included; empty: nobody has looked. */
    Optional<List<Backend>> leadsTo(int port) {
        return Optional.ofNullable(byPort.get(port));
    }

    /** Whether the chain for so many sandboxes is there. */
    boolean hasBalance(int backends) {
        return balances.contains(backends);
    }

    void wrote(int port, List<Backend> backends) {
        byPort.put(port, List.copyOf(backends));
        if (!backends.isEmpty()) balances.add(backends.size());
    }

    /** All that is in the tables; whatever was remembered besides is not there. */
    void saw(Map<Integer, List<Backend>> published) {
        forget();
        byPort.putAll(published);
    }

    /** From now on everything is looked up again. */
    void forget() {
        byPort.clear();
        balances.clear();
    }
}
