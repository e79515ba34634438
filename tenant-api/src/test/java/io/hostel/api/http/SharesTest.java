package io.hostel.api.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.hostel.api.Caller;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** How what is bounded is shared out. */
final class SharesTest {
    private static final Party ANN = Party.of(tenant("ann"));
    private static final Party BOB = Party.of(tenant("bob"));

    private static Caller tenant(String id) {
        return new Caller.Tenant(id, 1, "first", Optional.empty());
    }

    private static int takes(Shares shares, Party who) {
        return (int) IntStream.range(0, 1_000).filter(i -> shares.enter(who)).count();
    }

    @Test
    void aPartyHoldsNoMoreThanItsMost() {
        Shares shares = new Shares("calls", 3, 100, 0);
        assertThat(takes(shares, ANN)).isEqualTo(3);
        shares.leave(ANN);
        assertThat(takes(shares, ANN)).isEqualTo(1);
        assertThat(shares.refusal(ANN).detail()).contains("at most 3 calls");
    }

    @Test
    void howeverManyCameBeforeWhoComesLateFindsRoom() {
        Shares shares = new Shares("calls", 128, 768, 0);
        for (int i = 0; i < 10; i++) {
            assertThat(takes(shares, Party.of(tenant("t" + i)))).as("tenant %d", i).isPositive();
            if (i == 7) {
                assertThat(takes(shares, BOB)).as("after eight that take all they get").isPositive();
            }
        }
        assertThat(shares.held()).isLessThanOrEqualTo(768);
        assertThat(shares.refusal(ANN).detail()).contains("768 calls").contains("shared out");
    }

    @Test
    void whatTakesNothingAlwaysEnters() {
        Shares shares = new Shares("bytes", 10, 20, 0);
        assertThat(shares.enter(ANN, 10)).isTrue();
        assertThat(shares.enter(BOB, 9)).isTrue();
        assertThat(shares.enter(ANN, 0)).as("with less left for it than it has").isTrue();
        shares.leave(ANN, 0);
        assertThat(shares.held(ANN)).isEqualTo(10);
    }

    @Test
    void whatIsTakenOverTheBoundIsCountedUntilItIsGivenBack() {
        Shares shares = new Shares("bytes", 10, 20, 0);
        shares.enterAnyway(ANN, 30);
        assertThat(shares.held(ANN)).isEqualTo(30);
        assertThat(shares.enter(BOB, 1)).isFalse();
        shares.leave(ANN, 30);
        assertThat(shares.enter(BOB, 10)).isTrue();
    }

    @Test
    void theOperatorsReserveIsNobodyElses() {
        Shares shares = new Shares("calls", 10, 10, 5);
        for (int i = 0; i < 50; i++) {
            takes(shares, Party.of(tenant("t" + i)));
        }
        takes(shares, Party.ANYBODY);
        assertThat(takes(shares, Party.OPERATOR)).isEqualTo(5);
        assertThat(shares.held()).isEqualTo(15);
    }

    @Test
    void whatIsGivenBackIsThereAgain() {
        Shares bytes = new Shares("bytes", 16, 24, 0);
        assertThat(bytes.enter(ANN, 17)).isFalse();
        assertThat(bytes.enter(ANN, 16)).isTrue();
        assertThat(bytes.enter(BOB, 9)).as("more than is left").isFalse();
        bytes.leave(ANN, 16);
        assertThat(bytes.enter(BOB, 16)).isTrue();
        assertThat(bytes.held()).isEqualTo(16);
    }

    @Test
    void aRateIsHeldAndWhatWasNotUsedAddsUpForFourSeconds() {
        AtomicLong nanos = new AtomicLong();
        Rates rates = new Rates(10, nanos::get);
        assertThat(granted(rates, ANN)).isEqualTo(10 * Rates.DEPTH_SECONDS);
        assertThat(rates.take(ANN)).hasValue(Duration.ofMillis(100));
        nanos.addAndGet(500_000_000);
        assertThat(granted(rates, ANN)).isEqualTo(5);
        assertThat(granted(rates, BOB)).as("another's bucket").isEqualTo(40);
        nanos.addAndGet(3_600_000_000_000L);
        assertThat(granted(rates, ANN)).isEqualTo(40);
    }

    @Test
    void neitherTheOperatorNorAHostWithoutARateIsHeldBack() {
        AtomicLong nanos = new AtomicLong();
        assertThat(granted(new Rates(10, nanos::get), Party.OPERATOR)).isEqualTo(1_000);
        assertThat(granted(new Rates(0, nanos::get), ANN)).isEqualTo(1_000);
    }

    @Test
    void fullBucketsAreForgotten() {
        AtomicLong nanos = new AtomicLong();
        Rates rates = new Rates(1, nanos::get);
        for (int i = 0; i < 10_000; i++) {
            assertThat(rates.take(Party.of(tenant("t" + i)))).isEmpty();
            nanos.addAndGet(1_000_000_000);
        }
        assertThat(rates.remembered()).isLessThan(300);
    }

    private static int granted(Rates rates, Party who) {
        return (int) IntStream.range(0, 1_000)
                .filter(i -> rates.take(who).isEmpty())
                .count();
    }

    @Test
    void forOneConnectionTooManyTheOldestGoes() {
        Idle<Integer> idle = new Idle<>();
        for (int i = 0; i < Idle.MOST; i++) {
            assertThat(idle.add(i, "10.0.0." + i)).isNull();
        }
        idle.remove(0);
        assertThat(idle.add(1_000, "10.0.1.1")).isNull();
        assertThat(idle.add(1_001, "10.0.1.2")).isEqualTo(1);
        assertThat(idle.size()).isEqualTo(Idle.MOST);
    }

    @Test
    void anAddressThatHasHalfOfTheConnectionsMakesRoomByItself() {
        Idle<Integer> idle = new Idle<>();
        idle.add(-1, "10.0.0.1");
        int first = 0;
        for (int i = 0; i < 10 * Idle.MOST; i++) {
            Integer gone = idle.add(i, "10.0.0.66");
            if (gone != null) {
                assertThat(gone).isEqualTo(first++);
            }
        }
        assertThat(first).isEqualTo(9 * Idle.MOST + 1);
        idle.remove(-1);
        assertThat(idle.size()).as("the other one was there still").isEqualTo(Idle.MOST - 1);
    }
}
