package io.hostel.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hostel.api.Refusal;
import io.hostel.api.RefusedException;
import io.hostel.config.Cidr;
import io.hostel.config.PortRange;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PoolsTest {

    @Test
    void theFirstBlockIsTheBridgesOwnWhereThereIsMoreThanOne() {
        assertThat(new BlockPool(Cidr.parse("10.77.0.0/16"), 24).lease()).isEqualTo(1);
        assertThat(new BlockPool(Cidr.parse("10.77.0.0/24"), 24).lease()).isEqualTo(0);
    }

    @Test
    void aBlockIsFoundByAnAddressInIt() {
        BlockPool blocks = new BlockPool(Cidr.parse("10.77.0.0/16"), 24);

        assertThat(blocks.indexOf(Cidr.parseAddress("10.77.9.200"))).isEqualTo(9);
        assertThat(blocks.block(9)).isEqualTo(Cidr.parse("10.77.9.0/24"));
    }

    @Test
    void whatWasGivenBackIsLeasedAgainAsLateAsCanBe() {
        PortPool ports = new PortPool(new PortRange(20_000, 20_002), Set::of);
        int first = ports.lease();
        ports.giveBack(first);

        assertThat(List.of(ports.lease(), ports.lease(), ports.lease())).containsExactly(20_001, 20_002, 20_000);
    }

    @Test
    void whatIsTakenByTheRecordsIsNotLeased() {
        PortPool ports = new PortPool(new PortRange(20_000, 20_001), Set::of);

        assertThat(ports.retake(20_000)).isTrue();
        assertThat(ports.retake(20_000)).isFalse();
        assertThat(ports.retake(9)).isFalse();
        assertThat(ports.lease()).isEqualTo(20_001);
    }

    @Test
    void aPortOnWhichSomebodyListensIsPassedOverForAsLongAsThatLasts() {
        Set<Integer> listening = new TreeSet<>(Set.of(20_000, 20_002, 80));
        PortPool ports = new PortPool(new PortRange(20_000, 20_002), () -> Set.copyOf(listening));
        assertThat(ports.look()).isEmpty();
        assertThat(ports.lease()).isEqualTo(20_001);
        assertThat(exhausted(ports::lease)).contains("services of the machine listen on them");

        listening.remove(20_002);
        assertThat(ports.isListenedOn(20_002)).isFalse();
        assertThat(ports.lease()).isEqualTo(20_002);

        listening.add(20_001);
        assertThat(ports.look()).as("leased before").containsExactly(20_001);
    }

    @Test
    void whereNothingIsLeftTheRefusalSaysWhatOfAndWhatToDo() {
        assertThat(exhausted(new PortPool(new PortRange(20_000, 20_000), Set::of)::lease))
                .contains("published ports of 20000-20000", "hostel.network.published-ports");
        assertThat(exhausted(new BlockPool(Cidr.parse("10.77.0.0/24"), 24)::lease))
                .contains("address blocks of /24 in 10.77.0.0/24", "hostel.network.cidr");
        assertThat(exhausted(new TenantNumbers(Integer.MAX_VALUE - 70_000)::lease))
                .contains("uid ranges", "hostel.tenants.uid-base");
    }

    private static String exhausted(ThrowingCallable lease) {
        List<String> detail = new ArrayList<>();
        assertThatThrownBy(() -> {
                    lease.call();
                    lease.call();
                })
                .isInstanceOfSatisfying(RefusedException.class, e -> {
                    assertThat(e.refusal()).isInstanceOf(Refusal.NoCapacity.class);
                    detail.add(e.refusal().detail());
                });
        return detail.get(0);
    }

    @Test
    void noTwoTenantsUidRangesOverlap() {
        TenantNumbers numbers = new TenantNumbers(1_000_000);

        List<Integer> bases = IntStream.range(0, 100)
                .mapToObj(i -> numbers.uidBase(numbers.lease()))
                .toList();

        assertThat(bases).startsWith(1_000_000, 1_065_536).doesNotHaveDuplicates();
        assertThat(bases).allMatch(b -> (b - 1_000_000) % 65_536 == 0);
        assertThat(numbers.numberOf(1_065_536)).isEqualTo(2);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void noTwoLeasesAreEqualAndNothingIsLost(long seed) {
        Random random = new Random(seed);
        PortPool ports = new PortPool(new PortRange(20_000, 20_049), Set::of);
        List<Integer> held = new ArrayList<>();
        for (int i = 0; i < 5_000; i++) {
            if (random.nextBoolean() && held.size() < 50) {
                int port = ports.lease();
                assertThat(held).doesNotContain(port);
                assertThat(port).isBetween(20_000, 20_049);
                held.add(port);
            } else if (!held.isEmpty()) {
                ports.giveBack(held.remove(random.nextInt(held.size())));
            }
            assertThat(ports.leased()).isEqualTo(held.size());
        }
    }
}
