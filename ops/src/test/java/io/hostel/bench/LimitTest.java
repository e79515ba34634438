package io.hostel.bench;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** What is taken from a program that prints the machine's limit. */
final class LimitTest {
    private static final String SAID = """

            ## all namespaces from nothing
              TOTAL start -> exec done            n=200   p50=   1000.0 p95=   9999.0 us
              TOTAL start -> first HTTP 200       n=9   p50=   2500.0 p95=   9999.0 us

            ## slot from a warm pool
                exec done -> first HTTP 200       n=9   p50=    400.0 p95=   9999.0 us
              TOTAL start -> exec done            n=200 p50=    900.0 p95=   9999.0 us
              TOTAL start -> first HTTP 200       n=200 p50=   1500.0 p95=   9999.0 us
              whole run -> sustained 700.0/s

            ## PID 1 killed
              restart: kill -9 -> HTTP 200        n=9   p50=      1.7 p95=      9.9 ms

            ## create+destroy, pooled
              TOTAL start -> first HTTP 200       n=9   p50=   9000.0 p95=   9999.0 us
              whole run 292.2 ms -> sustained 342.0/s incl. clean-up
            """;

    @Test
    void seriesAreToldApartByTheirTitlesAndTheMeanOfTheRunsCounts() {
        Limit limit = new Limit("");
        limit.read(SAID);
        limit.read(SAID.replace("342.0/s", "358.0/s").replace("1500.0", "1700.0"));
        assertThat(limit.launchMillis()).isEqualTo(1.6);
        assertThat(limit.freshLaunchMillis()).isEqualTo(2.5);
        assertThat(limit.restartMillis()).isEqualTo(1.7);
        assertThat(limit.cyclesPerSecond()).isEqualTo(350);
    }

    @Test
    void whatIsNotSaidIsNotANumber() {
        Limit limit = new Limit("");
        limit.read("command not found");
        assertThat(limit.launchMillis()).isNaN();
        assertThat(limit.cyclesPerSecond()).isNaN();
    }
}
