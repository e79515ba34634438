package io.hostel.tenant;

import io.hostel.kernel.PacketFilter.Backend;
import java.net.Inet4Address;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;

/**
 * Where an app's published ports lead. A port is brought to the newest set of backends by one kernel call at a time; one that
 * the app has given up leads nowhere before it returns to the pool.
 */
final class PublishedPorts {
    private final Map<Integer, Converging<List<Backend>>> ports = new HashMap<>();
    private final BiConsumer<Integer, List<Backend>> publish;

    /** @param publish makes the kernel call and reports to {@link #published} later */
    PublishedPorts(BiConsumer<Integer, List<Backend>> publish) {
        this.publish = publish;
    }

    /** From now on these ports are to lead to these backends, and all others nowhere. */
    void want(Map<Integer, List<Backend>> backends) {
        ports.forEach((port, balance) -> balance.want(backends.getOrDefault(port, List.of())));
        backends.forEach((port, to) ->
                ports.computeIfAbsent(port, p -> new Converging<>(to)).want(to));
        Set.copyOf(ports.keySet()).forEach(this::go);
    }

    /** These are the app's; where they lead is unknown, and stays as it is for now. */
    void leave(Collection<Integer> these) {
        these.forEach(port -> ports.computeIfAbsent(port, p -> new Converging<>(List.of())));
    }

    void published(int port, boolean done) {
        Converging<List<Backend>> balance = ports.get(port);
        if (balance == null) {
            return;
        }
        if (done) {
            balance.succeeded();
            go(port);
        } else {
            balance.failed();
        }
    }

    /** Tries the failed ones again. */
    void retry() {
        ports.forEach((port, balance) -> {
            balance.rested();
            go(port);
        });
    }

    /** Takes out the ports that the app no longer has and that lead nowhere by now. */
    List<Integer> released(Collection<Integer> kept) {
        List<Integer> released = ports.entrySet().stream()
                .filter(e -> !kept.contains(e.getKey()) && e.getValue().wanted().isEmpty())
                .filter(e -> e.getValue().settled())
                .map(Map.Entry::getKey)
                .toList();
        released.forEach(ports::remove);
        return released;
    }

    /** Whether new connections may still be led to an address. */
    boolean mayLeadTo(Inet4Address address) {
        return ports.values().stream()
                .anyMatch(b ->
                        b.mayBe(l -> l.stream().anyMatch(to -> to.address().equals(address))));
    }

    boolean settled() {
        return ports.values().stream().allMatch(Converging::settled);
    }

    boolean isEmpty() {
        return ports.isEmpty();
    }

    private void go(int port) {
        Converging<List<Backend>> balance = ports.get(port);
        if (balance != null) {
            balance.next().ifPresent(to -> publish.accept(port, to));
        }
    }
}
