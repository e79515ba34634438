package io.hostel.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What the founding document shows of networks, and how a sandbox's differs. */
final class FoundingNetworkIT {
    @RegisterExtension
    static final Host HOST = new Host();

    private static Tenant alice;
    private static Tenant bob;
    private static App aliceApp;
    private static Sandbox alices;
    private static Sandbox bobs;

    @BeforeAll
    static void twoTenantsWithOneServiceEach() {
        alice = HOST.tenant("alice");
        bob = HOST.tenant("bob");
        aliceApp = alice.web("shop", Program.webServer());
        alices = aliceApp.sandbox();
        bobs = bob.web("shop", Program.webServer()).sandbox();
    }

    /** A program that sends one ICMP echo request and fails where no reply comes; the stock ping is not on every machine. */
    private static String ping(String kind, String address) {
        return "import socket,struct\ns=socket.socket(socket.AF_INET, socket.SOCK_" + kind + ", socket.IPPROTO_ICMP)\n"
                + "s.settimeout(" + Patience.silence(5) + ")\ns.connect(('" + address + "', 0))\n"
                + "s.send(struct.pack('!BBHHH', 8, 0, 0xf7fd, 1, 1))\nassert s.recv(200)\n";
    }

    @Test
    void n1WithNetworkNoneThereIsOnlyLo() {
        App app = alice.app("alone");
        app.deploy(Release.of("job", Program.idle().with("network", "none"))).live();
        Sandbox alone = app.sandbox();
        assertThat(alone.shell("sed 1,2d /proc/net/dev | cut -d: -f1 | tr -d ' '")
                        .succeeded())
                .isEqualTo("lo\n");
        assertThat(alone.shell("sed 1d /proc/net/route").succeeded()).isEmpty();
        app.delete();
    }

    @Test
    void n2RunDirListsOneNetworkNamespacePerSandboxThatNsenterEnters() {
        Path pin = HOST.runDir().resolve("netns").resolve(alices.id());
        assertThat(Files.exists(pin)).isTrue();
        String inode = Shell.run("nsenter", "--net=" + pin, "readlink", "/proc/self/ns/net")
                .strip();
        assertThat(inode).isEqualTo(alices.namespaces().get("net"));
    }

    @Test
    void n3TheHostEndCarriesTheSandboxsIdAndForwardsOnTheBridge() {
        String links = Shell.run("bridge", "-d", "link");
        assertThat(links.lines()
                        .filter(line -> line.contains(alices.id()))
                        .findFirst()
                        .orElse(links))
                .contains("state forwarding")
                .contains("master " + HOST.bridge());
    }

    @Test
    void n4HostAndSandboxAnswerEachOthersPings() {
        Shell.run("/usr/bin/python3", "-c", ping("RAW", alices.ip()));
        assertThat(alices.python(ping("DGRAM", "10.123.0.1")).code()).isZero();
    }

    @Test
    void n5SandboxesOfOneTenantReachEachOtherAndThoseOfTwoOnlyWhenLinked() {
        App second = alice.web("second", Program.webServer());
        String own = second.address("web");
        assertThat(alices.curl("http://" + own + "/").succeeded())
                .isEqualTo(second.sandbox().id());
        assertThat(alices.python(ping("DGRAM", own.split(":")[0])).code()).isZero();
        String strange = bobs.ip() + ":8080";
        assertThat(alices.curl("http://" + strange + "/").code()).isNotZero();
        assertThat(alices.python(ping("DGRAM", bobs.ip())).code()).isNotZero();

        alice.api().put(alice.path() + "/links/bob").succeeded();
        assertThat(alices.curl("http://" + strange + "/").code())
                .as("one side alone is not enough")
                .isNotZero();
        bob.api().put(bob.path() + "/links/alice").succeeded();
        Awaitility.await()
                .atMost(Host.PATIENCE)
                .untilAsserted(
                        () -> assertThat(alices.curl("http://" + strange + "/").stdout())
                                .isEqualTo(bobs.id()));
        bob.api().delete(bob.path() + "/links/alice").succeeded();
        Awaitility.await()
                .atMost(Host.PATIENCE)
                .untilAsserted(
                        () -> assertThat(alices.curl("http://" + strange + "/").code())
                                .isNotZero());
        second.delete();
    }

    @Test
    void n6WithEgressNoneTheWorldIsOutOfReachAndTheTenantsOwnAreNot() {
        App app = alice.app("inward");
        app.deploy(Release.of("web", Program.webServer().with("egress", "none")))
                .live();
        Sandbox inward = app.sandbox();
        assertThat(inward.curl("http://" + World.ADDRESS + "/").code()).isNotZero();
        assertThat(inward.curl("http://" + alices.ip() + ":8080/").succeeded()).isEqualTo(alices.id());
        app.delete();
    }

    @Test
    void n8TheWorldAnswersAndSeesTheHostsAddress() {
        assertThat(alices.curl("http://" + World.ADDRESS + "/").succeeded())
                .isEqualTo("seen " + World.HOST_ADDRESS + "\n");
    }

    @Test
    void n8NamesAreResolvedByTheConfiguredResolver() {
        assertThat(alices.curl("http://world.example/").succeeded()).isEqualTo("seen " + World.HOST_ADDRESS + "\n");
    }

    @Test
    void n9InterfacesRoutesAndSocketsInsideAreTheSandboxsOwn() {
        assertThat(alices.shell("sed 1,2d /proc/net/dev | cut -d: -f1 | tr -d ' ' | sort")
                        .succeeded())
                .isEqualTo("eth0\nlo\n");
        assertThat(alices.exec("ip", "-4", "-o", "addr", "show", "eth0").succeeded())
                .contains(alices.ip());
        assertThat(alices.exec("ip", "route").succeeded()).contains("default via 10.123.0.1");
        String sockets = alices.shell("sed 1d /proc/net/tcp | grep ' 0A '").succeeded();
        assertThat(sockets.lines()).as("listening sockets").hasSize(1).allMatch(line -> line.contains(":1F90"));
    }

    @Test
    void publishedPortsAnswerFromTheWorldFromTheHostAndFromInside() {
        int port = aliceApp.publishedPort("web");
        assertThat(World.reachable()
                        .curl("http://" + World.HOST_ADDRESS + ":" + port + "/")
                        .output())
                .isEqualTo(alices.id());
        assertThat(Shell.curl("http://127.0.0.1:" + port + "/")).isEqualTo(alices.id());
        assertThat(alices.curl("http://" + World.HOST_ADDRESS + ":" + port + "/")
                        .succeeded())
                .isEqualTo(alices.id());
        assertThat(bobs.curl("http://" + World.HOST_ADDRESS + ":" + port + "/").succeeded())
                .isEqualTo(alices.id());
    }

    @Test
    void aPublishedPortIsSharedByAllRunningSandboxesOfItsProcess() {
        App app = alice.app("many");
        app.deploy(Release.of("web", Program.webServer().scale(3))).live();
        List<String> ids = app.running(3).stream().map(Sandbox::id).toList();
        String url = "http://127.0.0.1:" + app.publishedPort("web") + "/";
        Awaitility.await().atMost(Host.PATIENCE).untilAsserted(() -> {
            java.util.Set<String> answering = new java.util.TreeSet<>();
            for (int i = 0; i < 30; i++) {
                answering.add(Shell.curl(url));
            }
            assertThat(answering).containsExactlyInAnyOrderElementsOf(ids);
        });
        app.delete();
    }

    @Test
    void privilegedPortsNeedNoPrivilege() {
        App app = alice.app("low");
        app.deploy(Release.of("web", Program.webServer().with("port", 80).with("user", "33:33")))
                .live();
        assertThat(Shell.curl("http://127.0.0.1:" + app.publishedPort("web") + "/"))
                .isEqualTo(app.sandbox().id());
        assertThat(app.sandbox()
                        .exec(Map.of("command", List.of("id", "-u"), "user", "33:33"))
                        .succeeded())
                .isEqualTo("33\n");
        app.delete();
    }
}
