package io.hostel.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hostel.config.Cidr;
import io.hostel.fake.FakeKernel;
import io.hostel.kernel.HostNetwork;
import io.hostel.kernel.KernelException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class BridgesTest {
    static final HostNetwork.Plan PLAN = new HostNetwork.Plan(
            "hostel0",
            Cidr.parseAddress("10.77.0.1"),
            16,
            "hs-a7",
            new HostNetwork.Egress(List.of(), List.of(), List.of()),
            new HostNetwork.Bounds(4096, 1024, 8192, 4032),
            Optional.empty(),
            21000,
            21099,
            0,
            false);

    private final FakeKernel kernel = new FakeKernel();

    @BeforeEach
    void stand() throws KernelException {
        kernel.hostNetwork().ensure(PLAN);
    }

    private Bridges open(Map<String, String> seats) throws KernelException {
        return Bridges.open(kernel.hostNetwork(), PLAN, seats);
    }

    /** Seats so many, widening as it goes; gives back how many got a place on each bridge. */
    private static Map<String, Integer> seat(Bridges bridges, int sandboxes) throws KernelException {
        Map<String, Integer> on = new TreeMap<>();
        for (int i = 0; i < sandboxes; i++) {
            on.merge(bridges.seat("a" + i), 1, Integer::sum);
            bridges.widen();
        }
        return on;
    }

    @Test
    void bridges_are_filled_in_turn_and_made_before_they_are_needed() throws KernelException {
        Bridges bridges = open(Map.of());
        seat(bridges, Bridges.PORTS - Bridges.KEPT_FREE);
        assertThat(kernel.hostNetwork().bridges(PLAN)).containsExactly(0);

        bridges.seat("one more");
        bridges.widen();
        assertThat(kernel.hostNetwork().bridges(PLAN)).containsExactly(0, 1);

        assertThat(seat(open(Map.of()), 3_000))
                .hasSize(8)
                .allSatisfy((name, ports) -> assertThat(ports).isLessThanOrEqualTo(Bridges.PORTS));
    }

    @Test
    void a_place_that_is_left_is_taken_again() throws KernelException {
        Bridges bridges = open(Map.of());
        seat(bridges, Bridges.PORTS);
        assertThat(bridges.seat("next")).isEqualTo("hostel0_1");
        bridges.leave("a7");
        bridges.leave("a7"); // of no consequence
        assertThat(bridges.seat("another")).isEqualTo("hostel0");
        assertThat(bridges.seat("yet another")).isEqualTo("hostel0_1");
    }

    @Test
    void what_an_earlier_daemon_seated_counts_and_its_bridges_are_made_again() throws KernelException {
        Map<String, String> seats = new TreeMap<>();
        for (int i = 0; i < Bridges.PORTS; i++) {
            seats.put("b" + i, "hostel0");
        }
        seats.put("far", "hostel0_3");
        seats.put("of another host", "other0");
        Bridges bridges = open(seats);

        assertThat(kernel.hostNetwork().bridges(PLAN)).containsExactly(0, 3);
        assertThat(bridges.count()).isEqualTo(2);
        assertThat(bridges.seat("new")).isEqualTo("hostel0_3");
    }

    @Test
    void where_no_bridge_can_be_made_sandboxes_crowd_evenly_on_those_there_are() throws KernelException {
        kernel.hostNetwork().addBridge(PLAN, 1);
        Bridges bridges = open(Map.of());
        kernel.effects().refuse("add bridge");
        Map<String, Integer> on = new TreeMap<>();
        for (int i = 0; i < 2 * Bridges.PORTS + 100; i++) {
            on.merge(bridges.seat("c" + i), 1, Integer::sum);
        }
        assertThat(bridges.scarce()).isTrue();
        assertThatThrownBy(bridges::widen).isInstanceOf(KernelException.class);
        assertThat(on).containsExactly(Map.entry("hostel0", 450), Map.entry("hostel0_1", 450));
    }
}
