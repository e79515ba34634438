package io.hostel.host;

import static org.assertj.core.api.Assertions.assertThat;

import io.hostel.fake.FakeKernel;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class LayerPoolTest {
    private static final long MIB = 1 << 20;

    private final FakeKernel kernel = new FakeKernel();
    private final LayerPool pool = new LayerPool(kernel.layers(), Path.of("/pool"));

    @Test
    void thatItBecomesNearlyFullIsToldOnceUntilThereIsRoomAgain() {
        assertThat(pool.look()).isEmpty();
        kernel.layers().room(167 * MIB, 1000 * MIB);
        assertThat(pool.look()).isEmpty();
        kernel.layers().room(166 * MIB, 1000 * MIB);
        assertThat(pool.look())
                .hasValueSatisfying(text -> assertThat(text).contains("166 MiB left of 1000 MiB", "/pool"));
        assertThat(pool.look()).isEmpty();
        kernel.layers().room(249 * MIB, 1000 * MIB);
        assertThat(pool.look()).isEmpty();
        kernel.layers().room(0, 1000 * MIB);
        assertThat(pool.look()).as("it never was calm").isEmpty();
        kernel.layers().room(251 * MIB, 1000 * MIB);
        assertThat(pool.look()).isEmpty();
        kernel.layers().room(0, 1000 * MIB);
        assertThat(pool.look()).isPresent();
    }
}
