package io.hostel.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Settings are changed so that what was leased under the former ones is outside: refused, at a start as at a restore. */
final class ChangedSettingsIT {
    @RegisterExtension
    static final Host HOST = new Host("-Dhostel.slots.warm=1");

    private static List<String> changed(String setting) {
        List<String> all = new ArrayList<>(HOST.settings());
        all.add("-D" + setting);
        return all;
    }

    private static void refused(String setting, String... says) {
        List<String> before = Machine.state(HOST.bridge());
        Shell.Outcome outcome = Daemon.outcome(changed(setting));
        assertThat(outcome.code()).as(outcome.output()).isEqualTo(78);
        assertThat(outcome.output().lines().filter(line -> line.startsWith("hostd: ")))
                .singleElement()
                .asString()
                .contains(says);
        assertThat(outcome.output()).doesNotContain("\tat ").doesNotContain("hostel ready");
        assertThat(Machine.state(HOST.bridge())).isEqualTo(before);
    }

    @Test
    void aStartIsRefusedAndTheServiceGoesOn() throws Exception {
        Service service = new Service(HOST, "alice");
        service.running(1);
        String url = service.app().url("web");
        Sandbox sandbox = service.app().running(1).get(0);
        long pid = sandbox.pid();
        String address = sandbox.ip();
        HOST.daemon().stop();

        refused("hostel.network.published-ports=24500-24999", "hostel.network.published-ports is 24500", "alice/web");
        refused("hostel.tenants.uid-base=934464", "hostel.tenants.uid-base is 934464", "alice", "set it to 1000000");
        refused("hostel.network.cidr=10.99.0.0/16", "hostel.network.cidr is 10.99.0.0/16", address, "--reap");
        refused("hostel.network.tenant-prefix=28", "hostel.network.tenant-prefix 28", address);
        assertThat(Shell.curl(url)).isEqualTo("the first of alice");

        HOST.startAgain();
        assertThat(service.app().running(1).get(0).pid()).isEqualTo(pid);
        service.deleteIfThere();
    }

    @Test
    void whereOneLinkAlonePublishesTheUrlsNameItsAddressAndAnswer() throws Exception {
        Service service = new Service(HOST, "dora");
        service.running(1);
        assertThat(service.app().url("web")).startsWith("http://127.0.0.1:");
        HOST.daemon().stop();

        Daemon other = Daemon.start(changed("hostel.network.publish-interface=world0"), HOST.log());
        String url = service.app().url("web");
        assertThat(url).startsWith("http://" + World.HOST_ADDRESS + ":");
        assertThat(Shell.curl(url)).isEqualTo("the first of dora");
        other.stop();

        HOST.startAgain();
        assertThat(Shell.curl(service.app().url("web"))).isEqualTo("the first of dora");
        service.deleteIfThere();
    }

    @Test
    void aRestoreIsRefusedBeforeAnythingIsTouched() throws Exception {
        Service bob = new Service(HOST, "bob");
        bob.running(1);
        byte[] backup = HOST.operator().download("/v1/backup");
        bob.deleteIfThere();
        HOST.daemon().stop();

        Daemon other = Daemon.start(changed("hostel.network.published-ports=24500-24999"), HOST.log());
        Service carol = new Service(HOST, "carol");
        carol.create();
        assertThat(HOST.operator()
                        .upload("/v1/restore", "application/zstd", backup)
                        .isProblem(422)
                        .path("detail")
                        .asText())
                .contains("nothing was changed", "hostel.network.published-ports is 24500-24999", "bob/web");
        assertThat(carol.exists()).isTrue();
        carol.deleteIfThere();
        other.stop();

        HOST.startAgain();
        HOST.operator().upload("/v1/restore", "application/zstd", backup).is(202);
        Awaitility.await()
                .atMost(Host.PATIENCE)
                .ignoreExceptions()
                .until(() -> bob.says().equals("the first of bob"));
        bob.deleteIfThere();
    }
}
