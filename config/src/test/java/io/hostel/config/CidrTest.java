package io.hostel.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class CidrTest {
    private final Cidr hosts = Cidr.parse("10.77.0.0/16");

    @Test
    void addressesAreCountedFromTheLowest() {
        int offset = 1;
        assertThat(hosts.address(offset)).isEqualTo(Cidr.parseAddress("10.77.0.1"));
        assertThat(hosts.address(65_535L)).isEqualTo(Cidr.parseAddress("10.77.255.255"));
        assertThatThrownBy(() -> hosts.address(65_536L)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void blocksLieOneBehindTheOther() {
        assertThat(hosts.block(24, 0)).hasToString("10.77.0.0/24");
        assertThat(hosts.block(24, 255)).hasToString("10.77.255.0/24");
        assertThatThrownBy(() -> hosts.block(24, 256)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> hosts.block(15, 0)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void containsAndOverlapsGoByThePrefix() {
        assertThat(hosts.contains(Cidr.parseAddress("10.77.9.9"))).isTrue();
        assertThat(hosts.contains(Cidr.parseAddress("10.78.0.0"))).isFalse();
        assertThat(hosts.overlaps(Cidr.parse("10.0.0.0/8"))).isTrue();
        assertThat(hosts.overlaps(Cidr.parse("0.0.0.0/0"))).isTrue();
        assertThat(hosts.overlaps(Cidr.parse("10.76.0.0/16"))).isFalse();
        assertThat(Cidr.parse("224.0.0.0/4").contains(Cidr.parseAddress("239.1.2.3")))
                .isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "10.0.0.1/8",
                "10.0.0/8",
                "10.0.0.0/33",
                "10.0.0.0/-1",
                "256.0.0.0/8",
                "a.b.c.d/8",
                "10.0.0.0/",
                "",
                "10.0.0.0.0/8"
            })
    void whatIsNoBlockIsRefused(String text) {
        assertThatThrownBy(() -> Cidr.parse(text)).isInstanceOf(IllegalArgumentException.class);
    }
}
