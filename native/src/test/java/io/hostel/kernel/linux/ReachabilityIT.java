package io.hostel.kernel.linux;

import static io.hostel.kernel.linux.NetworkLab.GATEWAY;
import static io.hostel.kernel.linux.NetworkLab.HOST;
import static io.hostel.kernel.linux.NetworkLab.INTERNET;
import static io.hostel.kernel.linux.NetworkLab.call;
import static io.hostel.kernel.linux.NetworkLab.run;
import static org.assertj.core.api.Assertions.assertThat;

import io.hostel.kernel.linux.NetworkLab.Guest;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Everything that must get through, with and without br_netfilter's hooks in between. */
class ReachabilityIT {
    private final BridgeNetfilter bridgeNetfilter = new BridgeNetfilter();
    private NetworkLab lab;

    @BeforeEach
    void make() throws Exception {
        lab = new NetworkLab();
    }

    @AfterEach
    void clear() throws Exception {
        lab.close();
        bridgeNetfilter.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "1"})
    void whatMustGetThroughDoes(String on) throws Exception {
        bridgeNetfilter.set(on);
        Guest one = lab.sandbox(2, 1).serving(80);
        Guest two = lab.sandbox(3, 1).serving(80);
        Guest other = lab.sandbox(4, 2).serving(80);
        lab.serve(lab.internet, "internet", 443);
        lab.filter.publish(20000, List.of(one.backend(80)));
        lab.filter.publish(20001, List.of(other.backend(80)));

        assertThat(call(one.address.getHostAddress(), 80)).isEqualTo(one.name + " 10.77.0.1");
        assertThat(call(lab.internet, HOST, 20000)).isEqualTo(one.name + " " + INTERNET);
        assertThat(call("127.0.0.1", 20000)).isEqualTo(one.name + " 10.77.0.1");
        assertThat(call(HOST, 20000)).startsWith(one.name);
        assertThat(one.calls(HOST, 20000)).as("itself by its published port").startsWith(one.name);
        assertThat(two.calls(HOST, 20000)).isEqualTo(one.name + " 10.77.0.3");
        assertThat(one.calls(HOST, 20001)).as("another tenant's published port").isEqualTo(other.name + " 10.77.0.2");
        assertThat(one.calls(GATEWAY.getHostAddress(), 20001)).startsWith(other.name);
        assertThat(one.calls(two.address.getHostAddress(), 80)).isEqualTo(two.name + " 10.77.0.2");
        assertThat(one.calls(INTERNET, 443)).isEqualTo("internet " + HOST);
        run("busybox", "ping", "-c1", "-W20", one.address.getHostAddress());
        run("nsenter", "--net=" + one.pin(), "busybox", "ping", "-c1", "-W20", "10.77.0.1");
        run("nsenter", "--net=" + one.pin(), "busybox", "ping", "-c1", "-W20", two.address.getHostAddress());
        run("nsenter", "--net=" + one.pin(), "busybox", "ping", "-c1", "-W20", INTERNET);
    }
}
