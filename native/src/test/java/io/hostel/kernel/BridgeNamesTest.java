package io.hostel.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BridgeNamesTest {
    @Test
    void theFirstIsAsConfiguredAndTheOthersAreNamedAfterIt() {
        assertThat(BridgeNames.of("hostel0", 0)).isEqualTo("hostel0");
        assertThat(BridgeNames.of("hostel0", 1)).isEqualTo("hostel0_1");
        assertThat(BridgeNames.of("hostelhost", BridgeNames.LAST))
                .isEqualTo("hostelhost_9999")
                .hasSize(15);
    }

    @Test
    void aNameTellsItsNumber() {
        for (int number : new int[] {0, 1, 10, 9999}) {
            assertThat(BridgeNames.number("hostel0", BridgeNames.of("hostel0", number)))
                    .hasValue(number);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"hostel01", "hostel", "hostel01_1", "hostel0_", "hostel0_0", "hostel0_01", "hostel0_x", "x"})
    void whatIsNamedAlikeIsNobodysOfThatHost(String other) {
        assertThat(BridgeNames.number("hostel0", other)).isEmpty();
    }

    @Test
    void thereAreNoOtherNumbers() {
        assertThatThrownBy(() -> BridgeNames.of("b", -1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> BridgeNames.of("b", 10_000)).isInstanceOf(IllegalArgumentException.class);
    }
}
