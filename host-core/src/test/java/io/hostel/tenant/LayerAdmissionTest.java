package io.hostel.tenant;

import static org.assertj.core.api.Assertions.assertThat;

import io.hostel.api.Refusal;
import io.hostel.config.LayersConfig;
import io.hostel.config.QuotaField;
import io.hostel.fake.FakeKernel;
import io.hostel.fake.FakeLayers;
import io.hostel.kernel.Layers.Promised;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.OptionalDouble;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class LayerAdmissionTest {
    private static final long MIB = 1 << 20;

    private Instant now = Instant.EPOCH;
    private final FakeLayers layers = new FakeKernel().layers();

    @BeforeEach
    void aDisk() {
        layers.promised(new Promised(1000 * MIB, 900 * MIB, 20 * MIB, Map.of()));
    }

    private LayerAdmission admission(OptionalDouble overcommit) {
        return new LayerAdmission(
                new LayersConfig(1000 * MIB, 1, MIB, overcommit), layers, Path.of("/pool"), () -> now);
    }

    private static Claim sandboxes(long count, long mibEach) {
        return new Claim(Map.of(QuotaField.SANDBOXES, count, QuotaField.DISK, count * mibEach * MIB));
    }

    @Test
    void eachSandboxNeedsItsFloorAndNoMore() {
        assertThat(admission(OptionalDouble.empty()).admit(Claim.NONE, sandboxes(20, 4000)))
                .isEmpty();
        assertThat(admission(OptionalDouble.empty()).admit(Claim.NONE, sandboxes(21, 4000)))
                .hasValueSatisfying(refusal -> {
                    assertThat(refusal).isInstanceOf(Refusal.DiskFull.class);
                    assertThat(refusal.detail()).contains("21 more", "21 MiB at the least", "20 are left");
                });
    }

    @Test
    void whatDoesNotGrowIsNotRefused() {
        layers.promised(new Promised(1000 * MIB, 5000 * MIB, 0, Map.of()));
        LayerAdmission admission = admission(OptionalDouble.of(1));
        assertThat(admission.admit(sandboxes(8, 100), sandboxes(8, 100))).isEmpty();
        assertThat(admission.admit(sandboxes(8, 100), sandboxes(9, 100))).isPresent();
    }

    @Test
    void whatWasAdmittedAMomentAgoCountsUntilItIsSeen() {
        LayerAdmission admission = admission(OptionalDouble.empty());
        assertThat(admission.admit(Claim.NONE, sandboxes(15, 64))).isEmpty();
        assertThat(admission.admit(Claim.NONE, sandboxes(15, 64))).isPresent();
        assertThat(admission.admit(Claim.NONE, sandboxes(5, 64))).isEmpty();
        now = now.plus(Duration.ofSeconds(11));
        assertThat(admission.admit(Claim.NONE, sandboxes(20, 64))).isEmpty();
    }

    @Test
    void noMoreIsPromisedThanTheOperatorAllows() {
        assertThat(admission(OptionalDouble.of(1)).admit(Claim.NONE, sandboxes(1, 100)))
                .isEmpty();
        assertThat(admission(OptionalDouble.of(1)).admit(Claim.NONE, sandboxes(1, 101)))
                .hasValueSatisfying(refusal -> assertThat(refusal.detail()).contains("1001 MiB", "more than 1000 are to be"));
        assertThat(admission(OptionalDouble.of(2)).admit(Claim.NONE, sandboxes(2, 500)))
                .isEmpty();
        LayerAdmission both = admission(OptionalDouble.of(1.1));
        assertThat(both.admit(Claim.NONE, sandboxes(1, 150))).isEmpty();
        assertThat(both.admit(Claim.NONE, sandboxes(1, 100))).isPresent();
    }

    @Test
    void beforeTheFirstLookNothingIsRefused() {
        layers.promised(Promised.UNKNOWN);
        assertThat(admission(OptionalDouble.of(1)).admit(Claim.NONE, sandboxes(1000, 4000)))
                .isEmpty();
    }
}
