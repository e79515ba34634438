package io.hostel.netlink;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class GoldenTest {
    @Test
    void equalBytesPassAndEveryDifferenceIsShownAtItsLine() {
        byte[] bytes = {1, 2, 3, 4};
        Golden.assertBytes(bytes, "01 02 | first\n03 04 | second");
        assertThatThrownBy(() -> Golden.assertBytes(bytes, "01 02 | first\n03 05 | second"))
                .hasMessageContaining("0002  03 05 | second   <-- came 03 04");
        assertThatThrownBy(() -> Golden.assertBytes(bytes, "01 02 | first")).hasMessageContaining("besides: 03 04");
        assertThatThrownBy(() -> Golden.assertBytes(bytes, "01 02 03 04 | first\n05 | more"))
                .hasMessageContaining("0004  05 | more");
    }
}
