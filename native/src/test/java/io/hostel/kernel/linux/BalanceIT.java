package io.hostel.kernel.linux;

import static io.hostel.kernel.linux.NetworkLab.HOST;
import static io.hostel.kernel.linux.NetworkLab.call;
import static io.hostel.kernel.linux.NetworkLab.refusal;
import static org.assertj.core.api.Assertions.assertThat;

import io.hostel.kernel.PacketFilter;
import io.hostel.kernel.PacketFilter.Backend;
import io.hostel.kernel.linux.NetworkLab.Guest;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class BalanceIT {
    private NetworkLab lab;

    @BeforeEach
    void make() throws Exception {
        lab = new NetworkLab();
    }

    @AfterEach
    void clear() throws Exception {
        lab.close();
    }

    @Test
    void connectionsAreSharedByAllSandboxesOfAPortAndNoOther() throws Exception {
        List<Guest> guests = List.of(lab.sandbox(2, 1), lab.sandbox(3, 1), lab.sandbox(4, 1));
        for (Guest guest : guests) guest.serving(80);
        lab.filter.publish(20000, guests.stream().map(g -> g.backend(80)).toList());
        Map<String, Integer> answers = new TreeMap<>();
        for (int i = 0; i < 90; i++)
            answers.merge(call(lab.internet, HOST, 20000).split(" ")[0], 1, Integer::sum);
        assertThat(answers.keySet())
                .containsExactlyInAnyOrderElementsOf(
                        guests.stream().map(g -> g.name).toList());
        // Thirty each by expectation; fewer than five happens once in a hundred million runs.
        assertThat(answers.values()).allMatch(count -> count >= 5);
    }

    @Test
    void noRequestFailsWhileThePortsSandboxesAreChangedAHundredAndTwentyTimes() throws Exception {
        List<Guest> guests = List.of(lab.sandbox(2, 1), lab.sandbox(3, 1), lab.sandbox(4, 1));
        for (Guest guest : guests) guest.serving(80);
        List<Backend> three = guests.stream().map(g -> g.backend(80)).toList();
        lab.filter.publish(20000, three);
        AtomicBoolean over = new AtomicBoolean();
        AtomicInteger answered = new AtomicInteger();
        Queue<String> failures = new ConcurrentLinkedQueue<>();
        List<Thread> callers = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            Thread caller = new Thread(() -> {
                while (!over.get()) {
                    String answer = answer();
                    if (answer.startsWith(NetworkLab.PREFIX)) answered.incrementAndGet();
                    else failures.add(answer);
                }
            });
            caller.start();
            callers.add(caller);
        }
        for (int swap = 0; swap < 120; swap++) {
            int calledBefore = answered.get() + failures.size();
            lab.filter.publish(20000, three.subList(swap % 2, 1 + swap % 2 + swap / 2 % 2));
            while (answered.get() + failures.size() < calledBefore + 3) Thread.onSpinWait();
        }
        over.set(true);
        for (Thread caller : callers) caller.join();
        assertThat(failures).isEmpty();
        assertThat(answered).hasValueGreaterThan(360);
    }

    private String answer() {
        try {
            return call(HOST, 20000);
        } catch (RuntimeException e) {
            return e.toString();
        }
    }

    @Test
    void whatIsPublishedAndAdmittedCanBeReadBackAfterEveryGrowingAndShrinking() throws Exception {
        Guest guest = lab.sandbox(2, 7);
        for (int size : new int[] {1, 3, 2, 256, 4, 0, 0, 5}) {
            List<Backend> backends = new ArrayList<>();
            for (int i = 0; i < size; i++) backends.add(guest.backend(8000 + i));
            lab.filter.publish(20000, backends);
            lab.filter.publish(20000, backends);
            PacketFilter.Contents contents = lab.filter.contents();
            assertThat(contents.published()).isEqualTo(size == 0 ? Map.of() : Map.of(20000, backends));
            assertThat(contents.addresses()).isEqualTo(Map.of(guest.address, 7));
        }
    }

    @Test
    void moreSandboxesThanAPortIsBalancedOverAreRefused() throws Exception {
        Guest guest = lab.sandbox(2, 7);
        List<Backend> tooMany = new ArrayList<>();
        for (int i = 0; i <= PacketFilter.MAX_BACKENDS; i++) tooMany.add(guest.backend(8000 + i));
        assertThat(refusal(() -> lab.filter.publish(20000, tooMany)).errno()).isEqualTo("E2BIG");
        assertThat(lab.filter.contents().published()).isEmpty();
    }

    @Test
    void admittingAgainChangesTheRulesAndExpellingTwiceIsHarmless() throws Exception {
        Guest guest = lab.sandbox(2, 7);
        PacketFilter.Rules closed = new PacketFilter.Rules(guest.name, guest.mac, guest.address, 8, false, false);
        lab.filter.admit(guest.rules());
        assertThat(elements("reach") + elements("egress"))
                .contains("10.77.0.2 : 0x00000007")
                .contains("{ 10.77.0.2 }");
        lab.filter.admit(closed);
        assertThat(lab.filter.contents().addresses()).isEqualTo(Map.of(guest.address, 8));
        assertThat(elements("reach") + elements("egress")).doesNotContain("10.77.0.2");
        lab.filter.expel(closed);
        lab.filter.expel(closed);
        assertThat(lab.filter.contents().addresses()).isEmpty();
        for (String set : Set.of("tenant", "reach", "egress", "self")) {
            assertThat(elements(set)).doesNotContain("elements");
        }
        assertThat(NetworkLab.run("nft", "list", "set", "bridge", NetworkLab.BRIDGE, "source"))
                .doesNotContain("elements");
    }

    @Test
    void whatAnotherDaemonWroteMeanwhileIsFoundOutAndChanged() throws Exception {
        Guest guest = lab.sandbox(2, 7);
        List<Backend> backends = new ArrayList<>();
        for (int i = 0; i < 4; i++) backends.add(guest.backend(8000 + i));
        try (LinuxPacketFilter other = new LinuxPacketFilter(NetworkLab.BRIDGE)) {
            List<LinuxPacketFilter> turns = List.of(lab.filter, other, other, lab.filter);
            int turn = 0;
            for (List<Backend> wanted : List.of(
                    backends.subList(0, 1),
                    backends.subList(1, 2),
                    backends,
                    backends.subList(2, 4),
                    List.<Backend>of(),
                    backends.subList(0, 3),
                    backends.subList(1, 4),
                    backends.subList(1, 4))) {
                turns.get(turn++ % turns.size()).publish(20000, wanted);
                assertThat(lab.filter.contents().published())
                        .isEqualTo(wanted.isEmpty() ? Map.of() : Map.of(20000, wanted));
            }
            PacketFilter.Rules closed = new PacketFilter.Rules(guest.name, guest.mac, guest.address, 8, false, false);
            other.admit(closed);
            assertThat(elements("reach") + elements("egress")).doesNotContain("10.77.0.2");
            lab.filter.expel(guest.rules());
            other.expel(closed);
            assertThat(lab.filter.contents().addresses()).isEmpty();
        }
    }

    private static String elements(String set) throws Exception {
        String kind = Set.of("tenant", "reach").contains(set) ? "map" : "set";
        return NetworkLab.run("nft", "list", kind, "inet", NetworkLab.BRIDGE, set);
    }
}
