package io.hostel.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Somebody with root takes away what the host has made: it is put right, what runs goes on, and an event says so. */
final class ReconcilerIT {
    @RegisterExtension
    static final Host HOST = new Host(
            "-Dhostel.slots.warm=1",
            "-Dhostel.doctor.interval-seconds=2",
            "-Dhostel.tenants.quota.sandboxes=300",
            "-Dhostel.tenants.quota.files=400000",
            "-Dhostel.tenants.quota.memory=80GiB",
            "-Dhostel.tenants.quota.cpus=300",
            "-Dhostel.tenants.quota.pids=100000",
            "-Dhostel.tenants.quota.disk=80GiB");

    /** Fewer than a bridge takes; an emulated machine has not the time for as many. */
    private static final int MANY = Integer.getInteger("hostel.test.many", 250);

    private static final Service SERVICE = new Service(HOST, "alice");

    private List<Long> pids = List.of();
    private long lastEvent;

    @BeforeAll
    static void aServiceOfTwoAndThingsOfOthers() {
        SERVICE.running(2);
        Shell.run("nft", "add", "table", "inet", "theirs");
        Shell.run("ip", "link", "add", "theirs0", "type", "bridge");
    }

    @AfterAll
    static void thingsOfOthersGo() {
        Shell.run("nft", "delete", "table", "inet", "theirs");
        Shell.run("ip", "link", "delete", "theirs0");
    }

    @BeforeEach
    void atRest() {
        settled();
        pids = pids();
        lastEvent = events(0).stream()
                .mapToLong(event -> event.path("sequence").asLong())
                .max()
                .orElse(0);
    }

    private static List<Long> pids() {
        return SERVICE.app().running(2).stream().map(Sandbox::pid).sorted().toList();
    }

    /** All that belongs to the two and to the slot is there, and nothing else; and the world is answered. */
    private static void settled() {
        Awaitility.await().atMost(Host.PATIENCE).untilAsserted(() -> {
            Rest.of(HOST, 2);
            assertThat(World.reachable()
                            .curl("http://" + World.HOST_ADDRESS + ":" + port())
                            .output())
                    .isEqualTo("the first of alice");
            for (Sandbox one : SERVICE.app().running(2)) {
                assertThat(one.curl("http://" + World.ADDRESS).stdout()).contains("seen");
            }
        });
    }

    private static int port() {
        return SERVICE.app().publishedPort("web");
    }

    private static List<JsonNode> events(long since) {
        String text = HOST.operator().get("/v1/events?since=" + since).text();
        return text.lines()
                .filter(line -> line.startsWith("{"))
                .map(line -> new Answer("events", 200, "", line).json())
                .toList();
    }

    /** It is as it was, the same processes run, and the last events tell of the repair. */
    private void putRight(String kind, String what) {
        settled();
        assertThat(pids()).isEqualTo(pids);
        Awaitility.await()
                .atMost(Host.PATIENCE)
                .untilAsserted(() -> assertThat(events(lastEvent)).anySatisfy(event -> {
                    assertThat(event.path("kind").asText()).isEqualTo(kind);
                    assertThat(event.path("details").path("what").asText()).contains(what);
                }));
        assertThat(HOST.operator().get("/v1/doctor").is(200).path("repaired").asInt())
                .isPositive();
        assertThat(Shell.run("nft", "list", "tables")).contains("theirs");
        Shell.run("ip", "link", "show", "theirs0");
    }

    @Test
    void aBridgeIsDeleted() {
        Shell.run("ip", "link", "delete", HOST.bridge());
        putRight("host.repaired", "bridge " + HOST.bridge());
    }

    @Test
    void aBridgeOfManyIsDeletedAndNoneOfThemIsPutUpAnew() {
        Service many = new Service(HOST, "bob");
        many.running(MANY);
        List<Sandbox> before = many.app().running(MANY);
        List<Long> all = before.stream().map(Sandbox::pid).sorted().toList();
        Shell.run("ip", "link", "delete", HOST.bridge());
        // Where the repair of one goes wrong, it is put up anew a while later.
        Awaitility.await().atMost(Host.PATIENCE).untilAsserted(() -> {
            Rest.of(HOST, MANY + 2);
            for (Sandbox one : before) {
                assertThat(Shell.curl("http://" + one.ip() + ":8080")).isEqualTo("the first of bob");
            }
        });
        assertThat(many.app().running(MANY).stream().map(Sandbox::pid).sorted().toList())
                .isEqualTo(all);
        many.deleteIfThere();
    }

    @Test
    void aBridgeIsTakenDown() {
        Shell.run("ip", "link", "set", HOST.bridge(), "down");
        putRight("host.repaired", "bridge " + HOST.bridge());
    }

    @Test
    void aLinkIsDeleted() {
        String link = "hs-" + SERVICE.app().running(2).get(0).id();
        Shell.run("ip", "link", "delete", link);
        putRight("sandbox.repaired", "link " + link);
    }

    @Test
    void aSlotsLinkIsDeleted() {
        String slot = Footprint.names(HOST.runDir().resolve("slots"))
                .map(name -> name.replace(".json", ""))
                .findFirst()
                .orElseThrow();
        Shell.run("ip", "link", "delete", "hs-" + slot);
        settled();
        SERVICE.scale(3);
        SERVICE.app().running(3);
        assertThat(Shell.curl(SERVICE.app().url("web"))).isEqualTo("the first of alice");
        SERVICE.scale(2);
        settled();
    }

    @Test
    void aLinkLeavesItsBridge() {
        String link = "hs-" + SERVICE.app().running(2).get(0).id();
        Shell.run("ip", "link", "set", link, "nomaster");
        settled();
        assertThat(Shell.run("ip", "-o", "link", "show", link)).contains("master " + HOST.bridge());
    }

    @Test
    void theFiltersTablesAreDeleted() {
        Shell.run("nft", "delete", "table", "inet", HOST.bridge());
        Shell.run("nft", "delete", "table", "bridge", HOST.bridge());
        putRight("host.repaired", "tables " + HOST.bridge());
    }

    @Test
    void theRulesetIsFlushed() {
        Shell.run("nft", "flush", "ruleset");
        Shell.run("nft", "add", "table", "inet", "theirs");
        putRight("host.repaired", "tables " + HOST.bridge());
    }

    @Test
    void rulesOfATableAreFlushed() {
        Shell.run("nft", "flush", "table", "inet", HOST.bridge());
        putRight("host.repaired", "tables " + HOST.bridge());
    }

    @Test
    void elementsAreFlushedAndOthersAdded() {
        Shell.run("nft", "flush", "map", "inet", HOST.bridge(), "backend");
        Shell.run("nft", "flush", "map", "inet", HOST.bridge(), "count");
        Shell.run("nft", "flush", "set", "bridge", HOST.bridge(), "source");
        Shell.run("nft", "add", "element", "inet", HOST.bridge(), "egress", "{ 10.123.200.200 }");
        putRight("host.repaired", "elements of the filter");
    }

    @Test
    void aRouteAndANeighbourAreDeleted() {
        String address = SERVICE.app().running(2).get(0).ip();
        Shell.run("ip", "route", "delete", address, "dev", HOST.bridge());
        Shell.run("ip", "neigh", "delete", address, "dev", HOST.bridge());
        settled();
        assertThat(pids()).isEqualTo(pids);
    }

    @Test
    void aControlGroupIsEmptiedAndRemoved() throws Exception {
        Sandbox sandbox = SERVICE.app().running(2).get(0);
        List<Path> groups = Stream.of(Shell.run("find", "/sys/fs/cgroup", "-type", "d", "-name", "hs-" + sandbox.id())
                        .split("\n"))
                .map(Path::of)
                .toList();
        for (Path group : groups) {
            for (String pid : Files.readAllLines(group.resolve("cgroup.procs"))) {
                Files.writeString(group.resolve("../../../cgroup.procs"), pid);
            }
            Files.delete(group);
        }
        putRight("sandbox.repaired", "control group hs-" + sandbox.id());
        for (Path group : groups) {
            assertThat(Files.readAllLines(group.resolve("cgroup.procs"))).contains(Long.toString(sandbox.pid()));
        }
        assertThat(sandbox.shell("echo inside").succeeded()).contains("inside");
    }

    @Test
    void aPinIsUnmountedAndTheSandboxIsPutUpAnew() {
        Sandbox sandbox = SERVICE.app().running(2).get(0);
        long former = sandbox.pid();
        Shell.run(
                "umount",
                "-l",
                HOST.runDir().resolve("netns").resolve(sandbox.id()).toString());
        Awaitility.await("another one runs in its place")
                .atMost(Host.PATIENCE)
                .until(() -> !Files.exists(Path.of("/proc/" + former)));
        settled();
    }

    @Test
    void whatBearsTheHostsNameAndIsNobodysGoes() {
        String tag = SERVICE.app().running(2).get(0).id().substring(0, 2);
        Shell.run("ip", "link", "add", "hs-" + tag + "leaked", "type", "veth", "peer", "name", "theirs1");
        Shell.run(
                "ip",
                "neigh",
                "add",
                "10.123.99.99",
                "lladdr",
                "02:00:00:00:00:01",
                "nud",
                "permanent",
                "dev",
                HOST.bridge());
        Awaitility.await().atMost(Host.PATIENCE).untilAsserted(() -> {
            assertThat(Shell.run("ip", "-o", "link")).doesNotContain(tag + "leaked");
            assertThat(Shell.run("ip", "neigh")).doesNotContain("10.123.99.99");
        });
        putRight("host.repaired", "leaked link hs-" + tag + "leaked");
    }
}
