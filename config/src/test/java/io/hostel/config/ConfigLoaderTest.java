package io.hostel.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ConfigLoaderTest {
    @TempDir
    Path directory;

    private HostelConfig load(String hocon, Map<String, String> overrides) throws ConfigException, IOException {
        Path file = Files.writeString(directory.resolve("host.conf"), hocon);
        Path resolv = Files.writeString(
                directory.resolve("resolv.conf"),
                "search x\nnameserver 127.0.0.53\nnameserver 9.9.9.9\nnameserver ::1\n");
        return ConfigLoader.load(Optional.of(file), overrides, List.of(resolv));
    }

    private List<String> problems(String hocon, Map<String, String> overrides) {
        ConfigException refused = catchThrowableOfType(ConfigException.class, () -> load(hocon, overrides));
        assertThat(refused).as("problems").isNotNull();
        return refused.problems().stream()
                .map(problem -> problem.replace(directory.toString() + "/", ""))
                .toList();
    }

    @Test
    void withoutAFileTheDocumentedDefaultsHold() throws ConfigException {
        HostelConfig config = ConfigLoader.load(Optional.empty(), Map.of());
        assertThat(config.stateDir()).isEqualTo(Path.of("/var/lib/hostel"));
        assertThat(config.runDir()).isEqualTo(Path.of("/run/hostel"));
        assertThat(config.logDir()).isEqualTo(Path.of("/var/log/hostel"));
        assertThat(config.api()).isEqualTo(new Endpoint("127.0.0.1", 7070));
        assertThat(config.ingress()).isEqualTo(new Endpoint("127.0.0.1", 7080));
        assertThat(config.network().bridge()).isEqualTo("hostel0");
        assertThat(config.network().cidr()).hasToString("10.77.0.0/16");
        assertThat(config.network().tenantPrefix()).isEqualTo(24);
        assertThat(config.network().publishedPorts()).hasToString("20000-29999");
        assertThat(config.network().publishInterface()).isEmpty();
        assertThat(config.network().egressDeny())
                .extracting(Cidr::toString)
                .contains("10.0.0.0/8", "100.64.0.0/10", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16")
                .hasSize(12);
        // Where the large clouds hand out what belongs to the machine.
        for (String service : List.of(
                "169.254.169.254", "169.254.169.253", "169.254.170.2", "168.63.129.16", "100.100.100.200", "192.0.0.192")) {
            assertThat(config.network().egressDeny())
                    .as(service)
                    .anyMatch(block -> block.contains(Cidr.parseAddress(service)));
        }
        assertThat(config.network().egressPortsDeny()).isEmpty();
        assertThat(config.network().connectionsPerSource()).isEqualTo(1024);
        assertThat(config.network().forwardsOthers()).isFalse();
        assertThat(config.network().connectionsPerSandbox()).isEqualTo(4096);
        assertThat(config.uidBase()).isEqualTo(1_000_000);
        assertThat(config.tenantQuota()).isEqualTo(Quota.STANDARD);
        assertThat(config.logBytesPerSandbox()).isEqualTo(16L << 20);
        assertThat(config.logRatePerSandbox()).isEqualTo(2L << 20);
        assertThat(config.layers().poolBytes()).isEqualTo(4L << 30);
        assertThat(config.layers().poolPart()).isEqualTo(0.25);
        assertThat(config.layers().floorBytes()).isEqualTo(1 << 20);
        assertThat(config.layers().overcommit()).isEmpty();
    }

    @Test
    void theCommandLineWinsOverTheFileAndTheFileOverTheDefaults() throws Exception {
        HostelConfig config = load(
                "hostel { api.port = 1, network { bridge = h1, cidr = 10.9.0.0/16 } }",
                Map.of(
                        "hostel.api.port", "0",
                        "hostel.network.egress-deny", "10.0.0.0/8,172.16.0.0/12",
                        "hostel.logs.max-rate", "2MiB"));
        assertThat(config.api().port()).isZero();
        assertThat(config.logRatePerSandbox()).isEqualTo(2L << 20);
        assertThat(config.network().bridge()).isEqualTo("h1");
        assertThat(config.network().cidr()).hasToString("10.9.0.0/16");
        assertThat(config.network().egressDeny())
                .extracting(Cidr::toString)
                .containsExactly("10.0.0.0/8", "172.16.0.0/12");
        assertThat(config.ingress().port()).isEqualTo(7080);
    }

    @Test
    void theMachinesResolversThatAreNotLoopbackAreTheDefaultOnes() throws Exception {
        assertThat(load("", Map.of()).network().dns()).containsExactly(Cidr.parseAddress("9.9.9.9"));
        assertThat(load("hostel.network.dns = [1.1.1.1, 8.8.8.8]", Map.of())
                        .network()
                        .dns())
                .containsExactly(Cidr.parseAddress("1.1.1.1"), Cidr.parseAddress("8.8.8.8"));
        assertThat(load("", Map.of("hostel.network.dns", "")).network().dns()).isEmpty();
    }

    @Test
    void portsAreNamedEachOrByTheirRangeAndASwitchIsTrueOrFalse() throws Exception {
        HostelConfig config = load(
                "hostel.network { egress-ports-deny = [25, \"6881-6889\"], forwards-others = true }", Map.of());
        assertThat(config.network().egressPortsDeny())
                .containsExactly(new PortRange(25, 25), new PortRange(6881, 6889));
        assertThat(config.network().forwardsOthers()).isTrue();
        assertThat(load("", Map.of("hostel.network.egress-ports-deny", "25,465"))
                        .network()
                        .egressPortsDeny())
                .hasSize(2);
        assertThat(problems(
                        "hostel.network { egress-ports-deny = [smtp, 70000], forwards-others = perhaps }", Map.of()))
                .hasSize(3)
                .anyMatch(line -> line.contains("\"smtp\": must be a port"))
                .anyMatch(line -> line.contains("\"70000\": "))
                .anyMatch(line -> line.endsWith("forwards-others: must be true or false"));
    }

    @Test
    void everyProblemIsReportedTogetherWithFileAndLine() {
        assertThat(problems("""
                        hostel {
                          state-dir = "var/lib"
                          network {
                            cidr = "10.77.0.1/16"
                            bridge = "muchtoolongname"
                          }
                          logs.max-per-sandbox = 1KiB
                        }
                        """, Map.of("hostel.api.port", "70000")))
                .hasSize(5)
                .anyMatch(line -> line.startsWith("host.conf:2: hostel.state-dir: must be an absolute path"))
                .anyMatch(line -> line.startsWith("host.conf:4: hostel.network.cidr: 10.77.0.1/16 has bits set"))
                .anyMatch(line -> line.startsWith("host.conf:5: hostel.network.bridge: must be 1 to 10"))
                .anyMatch(line -> line.startsWith("host.conf:7: hostel.logs.max-per-sandbox: must be within 64KiB.."))
                .anyMatch(line -> line.startsWith("-Dhostel.api.port: hostel.api.port: must be within 0..65535"));
    }

    @ParameterizedTest
    @CsvSource({
        "hostel.network.bridgee = x, hostel.network.bridgee: is no setting; did you mean hostel.network.bridge?",
        "hostel.statedir = /x, hostel.statedir: is no setting; did you mean hostel.state-dir?",
        "hostel.api.prot = 1, hostel.api.prot: is no setting; did you mean hostel.api.port?",
        "hostel.bridge = x, hostel.bridge: is no setting; did you mean hostel.network.bridge?",
        "hostle.api.port = 1, hostle: is no setting; config/reference lists all",
        "hostel.network = 5, 'hostel.network: must be a section { … }, not a value'",
    })
    void whatIsNoSettingIsAnErrorThatNamesTheNearest(String hocon, String problem) {
        assertThat(problems(hocon, Map.of())).containsExactly("host.conf:1: " + problem);
    }

    @Test
    void anUnknownKeyOnTheCommandLineIsAnErrorToo() {
        assertThat(problems("", Map.of("hostel.api.prt", "1")))
                .containsExactly("-Dhostel.api.prt: is no setting; did you mean hostel.api.port?");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "network.cidr = 10.0.0.0/8, hostel.network.tenant-prefix = 30; tenant-prefix: /30 makes no 2..65536 blocks",
                "network.tenant-prefix = 16; tenant-prefix: /16 makes no",
                "network.cidr = 127.0.0.0/8; cidr: must be a block of private addresses",
                "network.cidr = \"fe80::/10\"; cidr: ",
                "network.published-ports = 7000-7075; published-ports: 7000-7075 holds hostel.api.port, 7070",
                "network.published-ports = 9-1; published-ports: 9-1 is not a range",
                "network.published-ports = 7; published-ports: must be a range of ports",
                "network.publish-interface = a/b; publish-interface: must be the name of a link",
                "network.dns = [127.0.0.1]; would lead to the sandbox itself",
                "network.dns = [10.77.0.9]; a resolver lies within",
                "network.egress-deny = [all]; egress-deny: \"all\": ",
                "network.bridge = all; bridge: must be 1 to 10",
                "network.bridge = [a]; bridge: must be one value",
                "tenants.uid-base = 65535; uid-base: must be within 65536..",
                "tenants.uid-base = 2147483647; uid-base: must be within 65536..",
                "tenants.quota.cpus = many; cpus: must be a number within",
                "tenants.quota.memory = 4 giga; memory: is no size",
                "layers.pool-size = 64MiB; pool-size: must be within 128MiB..",
                "layers.pool-part = 1.5; pool-part: must be a number within 0.01..1",
                "layers.floor = 1KiB; floor: must be within 64KiB..",
                "layers.overcommit = twice; overcommit: must be off, or how often",
                "run-dir = /var/lib/hostel; run-dir: is the same directory as hostel.state-dir",
                "run-dir = /; run-dir: must be an absolute path",
                "run-dir = /..; run-dir: must be a directory of its own",
                "run-dir = \"/a,b\"; run-dir: must be an absolute path",
                "api.interface = \"a b\"; interface: must be an address or host name",
                "ingress.port = 7070; port: is the API's own",
            })
    void valuesOutOfRangeOrAtOddsAreRefused(String setting, String problem) {
        assertThat(problems("hostel." + setting.replace(", ", "\n"), Map.of()))
                .singleElement()
                .asString()
                .contains(problem);
    }

    @Test
    void whatIsNoHoconIsReportedWithItsPlace() {
        assertThat(problems("hostel {\n api.port = [1\n", Map.of()))
                .singleElement()
                .asString()
                .startsWith("host.conf:");
        assertThat(problems("hostel.run-dir = ${nowhere}", Map.of()))
                .singleElement()
                .asString()
                .startsWith("host.conf:1: ");
    }

    @Test
    void aFileThatIsNotThereIsAProblem() {
        ConfigException refused = catchThrowableOfType(
                ConfigException.class, () -> ConfigLoader.load(Optional.of(directory.resolve("none")), Map.of()));
        assertThat(refused.problems()).singleElement().asString().contains("none: is no file that can be read");
    }

    @Test
    void theFileMayBuildOnTheDefaults() throws Exception {
        assertThat(load("hostel.log-dir = ${hostel.state-dir}/logs", Map.of()).logDir())
                .isEqualTo(Path.of("/var/lib/hostel/logs"));
    }

    @Test
    void onlyPropertiesThatBeginWithHostelAreSettings() {
        Properties properties = new Properties();
        properties.setProperty("hostel.api.port", "1");
        properties.setProperty("user.dir", "/");
        assertThat(ConfigLoader.overrides(properties)).containsExactly(Map.entry("hostel.api.port", "1"));
    }
}
