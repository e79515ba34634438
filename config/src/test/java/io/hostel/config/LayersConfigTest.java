package io.hostel.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

class LayersConfigTest {
    private static final long GIB = 1L << 30;

    private final LayersConfig layers = new LayersConfig(4 * GIB, 0.25, 1 << 20, OptionalDouble.empty());

    @Test
    void thePoolTakesAPartOfASmallDiskAndNoMoreThanItMayOfALargeOne() {
        assertThat(layers.poolBytes(0, 100 * GIB)).isEqualTo(4 * GIB);
        assertThat(layers.poolBytes(0, 4 * GIB)).isEqualTo(GIB);
        assertThat(layers.poolBytes(0, 1 << 20)).isEqualTo(128 << 20);
    }

    @Test
    void itStaysAsItIsUntilThereIsMoreOfTheDisk() {
        assertThat(layers.poolBytes(GIB, 3 * GIB)).isEqualTo(GIB);
        assertThat(layers.poolBytes(GIB, 0)).isEqualTo(GIB);
        assertThat(layers.poolBytes(GIB, 7 * GIB)).isEqualTo(2 * GIB);
        assertThat(layers.poolBytes(8 * GIB, 100 * GIB)).as("it never shrinks").isEqualTo(8 * GIB);
    }
}
