package io.hostel.network;

import static org.assertj.core.api.Assertions.assertThat;

import io.hostel.config.Cidr;
import java.net.Inet4Address;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AddressPoolTest {
    private static final Inet4Address GATEWAY = Cidr.parseAddress("10.77.0.1");
    private static final Duration QUARANTINE = Duration.ofSeconds(2);

    private final BlockPool blocks = new BlockPool(Cidr.parse("10.77.0.0/24"), 28);
    private Instant now = Instant.EPOCH;

    private AddressPool pool(Integer... claimed) {
        return new AddressPool(blocks, List.of(claimed), GATEWAY, QUARANTINE, () -> now);
    }

    @Test
    void aBlockGivesAllItsAddressesButTheLowestAndTheHighest() {
        AddressPool pool = pool(1);

        Set<String> leased = new HashSet<>();
        pool.lease().ifPresent(a -> leased.add(a.getHostAddress()));
        while (leased.size() == pool.leased() && leased.size() < 20) {
            pool.lease().ifPresentOrElse(a -> leased.add(a.getHostAddress()), () -> leased.add("none"));
        }

        leased.remove("none");
        assertThat(leased).hasSize(14).contains("10.77.0.17", "10.77.0.30").doesNotContain("10.77.0.16", "10.77.0.31");
    }

    @Test
    void theGatewaysAddressIsNeverLeased() {
        AddressPool pool = pool(0);

        assertThat(pool.size()).isEqualTo(13);
        assertThat(pool.retake(GATEWAY)).isFalse();
        assertThat(pool.lease()).contains(Cidr.parseAddress("10.77.0.2"));
    }

    @Test
    void anAddressRestsBeforeItIsLeasedAgain() {
        AddressPool pool = pool(1);
        Inet4Address first = pool.lease().orElseThrow();
        for (int i = 1; i < 14; i++) {
            assertThat(pool.lease()).isPresent();
        }
        pool.giveBack(first);

        assertThat(pool.lease()).isEmpty();
        now = now.plus(QUARANTINE);
        assertThat(pool.lease()).contains(first);
    }

    @Test
    void anAddressInUseByTheRecordsIsTakenOnceAndNoOther() {
        AddressPool pool = pool(1);
        Inet4Address used = Cidr.parseAddress("10.77.0.17");

        assertThat(pool.retake(used)).isTrue();
        assertThat(pool.retake(used)).isFalse();
        assertThat(pool.retake(Cidr.parseAddress("10.77.0.33"))).isFalse();
        assertThat(pool.lease()).contains(Cidr.parseAddress("10.77.0.18"));
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void noTwoLeasesAreEqualAndNothingIsLost(long seed) {
        Random random = new Random(seed);
        AddressPool pool = pool(1);
        List<Inet4Address> held = new ArrayList<>();
        int size = 14;
        for (int i = 0; i < 5_000; i++) {
            switch (random.nextInt(5)) {
                case 0, 1 ->
                    pool.lease().ifPresent(address -> {
                        assertThat(held).doesNotContain(address);
                        held.add(address);
                    });
                case 2, 3 -> {
                    if (!held.isEmpty()) {
                        Inet4Address address = held.remove(random.nextInt(held.size()));
                        pool.giveBack(address);
                        pool.giveBack(address);
                    }
                }
                default -> now = now.plusMillis(random.nextInt(3_000));
            }
            assertThat(pool.leased()).isEqualTo(held.size());
            assertThat(pool.size()).isEqualTo(size);
            if (i == 2_000) {
                pool.add(2);
                pool.add(2);
                size = 28;
            }
        }
        held.forEach(pool::giveBack);
        now = now.plus(QUARANTINE);
        for (int i = 0; i < size; i++) {
            assertThat(pool.lease()).isPresent();
        }
        assertThat(pool.lease()).isEmpty();
    }
}
