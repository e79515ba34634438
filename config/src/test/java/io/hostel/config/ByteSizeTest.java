package io.hostel.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class ByteSizeTest {
    @ParameterizedTest
    @CsvSource({
        "0,0",
        "4096,4096",
        "64MiB,67108864",
        "1GiB,1073741824",
        "1 KiB,1024",
        "1kB,1000",
        "2MB,2000000",
        "1.5GiB,1610612736",
        "12b,12",
        "9223372036854775807,9223372036854775807"
    })
    void sizesAreReadAsWritten(String text, long bytes) {
        assertThat(ByteSize.parse(text)).isEqualTo(bytes);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "-1",
                "1e9",
                "MiB",
                "1XiB",
                "64 M iB",
                "0x10",
                "9223372036854775808",
                "9999999TiB",
                "99999999999999999999999",
                "1\n1",
                "١MiB"
            })
    void whatIsNoSizeIsRefused(String text) {
        assertThatThrownBy(() -> ByteSize.parse(text)).isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @CsvSource({"0,0", "1,1", "1024,1KiB", "1536,1536", "67108864,64MiB", "4294967296,4GiB", "1099511627776,1TiB"})
    void theShortestExactFormIsShown(long bytes, String text) {
        assertThat(ByteSize.format(bytes)).isEqualTo(text);
        assertThat(ByteSize.parse(text)).isEqualTo(bytes);
    }
}
