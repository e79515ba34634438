package io.hostel.host;

import static org.assertj.core.api.Assertions.assertThat;

import io.hostel.fake.FakeKernel;
import org.junit.jupiter.api.Test;

class ConnectionTableTest {
    private final FakeKernel kernel = new FakeKernel();
    private final ConnectionTable table = new ConnectionTable(kernel.hostNetwork());

    @Test
    void thatItBecomesNearlyFullIsToldOnceUntilItHasEmptiedAgain() {
        kernel.hostNetwork().connections(899, 1000);
        assertThat(table.look()).isEmpty();
        kernel.hostNetwork().connections(900, 1000);
        assertThat(table.look())
                .hasValueSatisfying(text -> assertThat(text).contains("900 of at most 1000", "nf_conntrack_max"));
        assertThat(table.look()).isEmpty();
        kernel.hostNetwork().connections(850, 1000);
        assertThat(table.look()).isEmpty();
        kernel.hostNetwork().connections(950, 1000);
        assertThat(table.look()).as("it never was calm").isEmpty();
        kernel.hostNetwork().connections(799, 1000);
        assertThat(table.look()).isEmpty();
        kernel.hostNetwork().connections(950, 1000);
        assertThat(table.look()).isPresent();
    }
}
