package io.hostel.kernel.linux;

import static org.assertj.core.api.Assertions.assertThat;

import io.hostel.kernel.linux.LayerShares.Claimant;
import io.hostel.kernel.linux.LayerShares.Dealt;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class LayerSharesTest {
    private static final long OWED = 10;

    private static Claimant layer(long tenant, long given, long used) {
        return new Claimant(tenant, given, used, Math.min(given, OWED));
    }

    private static long growth(Dealt dealt, List<Claimant> of) {
        return Arrays.stream(dealt.bounds()).sum()
                - of.stream().mapToLong(Claimant::used).sum();
    }

    @Test
    void whereAllThatWasPromisedFitsEverybodyGetsIt() {
        Dealt dealt = LayerShares.deal(150, List.of(layer(1, 100, 50), layer(2, 100, 0)));
        assertThat(dealt.free()).isTrue();
        assertThat(dealt.bounds()).containsExactly(100, 100);
        assertThat(dealt.left()).isZero();
        assertThat(LayerShares.deal(149, List.of(layer(1, 100, 50), layer(2, 100, 0)))
                        .free())
                .isFalse();
    }

    @Test
    void whatIsPromisedToOneTenantLeavesAnotherHalfOfItsPart() {
        List<Claimant> layers = List.of(layer(1, 10_000, 0), layer(2, 400, 0));
        Dealt dealt = LayerShares.deal(1000, layers);
        assertThat(dealt.bounds()[0]).as("half of its part, and more").isGreaterThan(300);
        assertThat(dealt.bounds()[1]).isGreaterThanOrEqualTo(200);
        assertThat(growth(dealt, layers)).isLessThanOrEqualTo(1000);
        assertThat(dealt.left()).as("for those who come").isPositive();
    }

    @Test
    void manyLayersOfOneTenantGetNoMoreThanOneOfAnother() {
        List<Claimant> layers = new ArrayList<>();
        for (int i = 0; i < 200; i++) layers.add(layer(1, 1000, 10));
        layers.add(layer(2, 100_000, 10));
        Dealt dealt = LayerShares.deal(10_000, layers);
        long first = Arrays.stream(dealt.bounds(), 0, 200).sum();
        assertThat(dealt.bounds()[200]).isBetween(2500L, 7500L);
        assertThat(first).isBetween(2500L + 2000, 7500L + 2000);
        long[] own = Arrays.stream(dealt.bounds(), 0, 200).sorted().toArray();
        assertThat(own[199] - own[0]).as("but for what cannot be divided").isLessThanOrEqualTo(2);
    }

    @Test
    void whoeverHasTakenMuchTakesNobodysPart() {
        // The first goes on and on, and the other never begins.
        long used = 0;
        Dealt dealt = LayerShares.deal(1000, List.of(layer(1, 5000, 0), layer(2, 400, 0)));
        for (int look = 0; look < 100; look++) {
            used = dealt.bounds()[0];
            dealt = LayerShares.deal(1000 - used, List.of(layer(1, 5000, used), layer(2, 400, 0)));
        }
        assertThat(used).isBetween(700L, 800L);
        assertThat(dealt.bounds()[1]).isGreaterThanOrEqualTo(200);
    }

    @Test
    void floorsAreHadEvenWhereNothingIsSpare() {
        List<Claimant> layers = List.of(layer(1, 5000, 900), layer(2, 400, 3), layer(3, 5, 0));
        Dealt dealt = LayerShares.deal(-50, layers);
        assertThat(dealt.bounds()).containsExactly(900, 10, 5);
        assertThat(dealt.left()).isZero();
    }

    @Test
    void whatIsUsedBeyondWhatWasGivenIsNoReasonToGrow() {
        assertThat(LayerShares.deal(100, List.of(layer(1, 20, 50))).bounds()).containsExactly(50);
        assertThat(LayerShares.deal(5, List.of(layer(1, 20, 50), layer(1, 100, 0)))
                        .bounds()[0])
                .isEqualTo(50);
    }

    @Test
    void noBoundsTogetherAreMoreThanThereIs() {
        Random random = new Random(42);
        for (int round = 0; round < 10_000; round++) {
            List<Claimant> layers = new ArrayList<>();
            long owed = 0;
            for (int i = random.nextInt(20); i >= 0; i--) {
                long given = random.nextInt(1000);
                long used = random.nextInt(1000);
                Claimant each = new Claimant(random.nextInt(4), given, used, Math.min(given, random.nextInt(20)));
                owed += Math.max(0, each.owed() - used);
                layers.add(each);
            }
            long spare = random.nextInt(5000) - 1000;
            Dealt dealt = LayerShares.deal(spare, layers);
            assertThat(growth(dealt, layers)).isLessThanOrEqualTo(Math.max(Math.max(0, spare), owed));
            assertThat(growth(dealt, layers) + dealt.left()).isLessThanOrEqualTo(Math.max(Math.max(0, spare), owed));
            for (int i = 0; i < layers.size(); i++) {
                Claimant each = layers.get(i);
                assertThat(dealt.bounds()[i]).isGreaterThanOrEqualTo(Math.max(each.used(), each.owed()));
                assertThat(dealt.bounds()[i]).isLessThanOrEqualTo(Math.max(each.used(), each.given()));
            }
        }
    }

    @Test
    void anEvenPartIsForThoseWhoAskForIt() {
        assertThat(LayerShares.even(90, new long[] {100, 10, 100})).containsExactly(40, 10, 40);
        assertThat(LayerShares.even(-1, new long[] {1, 2})).containsExactly(0, 0);
        assertThat(LayerShares.even(Long.MAX_VALUE, new long[] {Long.MAX_VALUE, 5}))
                .containsExactly(Long.MAX_VALUE - 5, 5);
    }
}
