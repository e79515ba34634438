package io.hostel.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What the founding document shows of processes, users, mounts, names, IPC and control groups. */
final class FoundingProcessIT {
    static final Set<String> KINDS = Set.of("pid", "net", "mnt", "uts", "ipc", "user", "cgroup");

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

    private static Map<String, String> links(String process) {
        Map<String, String> links = new TreeMap<>();
        KINDS.forEach(kind -> links.put(kind, Sandbox.link("/proc/" + process + "/ns/" + kind)));
        return links;
    }

    private static Map<String, String> inside(Sandbox sandbox) {
        Map<String, String> links = new TreeMap<>();
        String script = "for k in pid net mnt uts ipc user cgroup; do readlink /proc/self/ns/$k; done";
        sandbox.shell(script).succeeded().lines().forEach(link -> links.put(link.split(":")[0], link));
        return links;
    }

    @Test
    void p1TheNamespacesShownAreThoseOfPid1AndAllSevenDifferFromTheHosts() {
        Map<String, String> shown = alices.namespaces();
        assertThat(shown.keySet()).isEqualTo(KINDS);
        assertThat(shown).isEqualTo(links(Long.toString(alices.pid())));
        Map<String, String> own = links("self");
        KINDS.forEach(
                kind -> assertThat(shown.get(kind)).isNotEqualTo(own.get(kind)).matches(kind + ":\\[\\d+]"));
    }

    @Test
    void p2TwoCommandsOfOneSandboxShareAllSevenAndTwoTenantsShareNone() {
        Map<String, String> first = inside(alices);
        assertThat(first).hasSize(7).isEqualTo(inside(alices)).isEqualTo(alices.namespaces());
        Map<String, String> others = inside(bobs);
        KINDS.forEach(kind -> assertThat(first.get(kind)).isNotEqualTo(others.get(kind)));
    }

    @Test
    void p3CapabilitiesNameEachKindOfNamespace() {
        JsonNode capabilities = HOST.operator().get("/v1/capabilities").is(200);
        List<String> kinds = Answer.JSON.convertValue(
                capabilities.path("namespaces"), new com.fasterxml.jackson.core.type.TypeReference<>() {});
        assertThat(kinds).containsAll(KINDS);
    }

    @Test
    void p4InsideThereIsOneTreeFromPid1WithTheSandboxsProcessesOnly() {
        String[] lines = alices.exec("ps", "-eo", "pid,ppid,comm", "--no-headers")
                .succeeded()
                .split("\n");
        assertThat(lines).hasSizeLessThan(8);
        assertThat(lines[0].strip()).startsWith("1 ");
        assertThat(String.join("\n", lines)).contains("python3");
        assertThat(Arrays.stream(lines).map(String::strip).filter(line -> line.matches("\\d+ +1 python3.*")))
                .as("the command is the child of PID 1: %s", Arrays.toString(lines))
                .hasSize(1);
    }

    @Test
    void p5ExecIntoASandboxWhosePid1HasDiedIsRefusedWithAProblem() {
        App app = alice.app("once");
        app.deploy(Release.of("job", Program.shell("exit 0").restart("never"))).live();
        Sandbox ended = app.sandbox().awaitState("ended");
        alice.api()
                .post(ended.path() + "/exec", Map.of("command", List.of("true")))
                .isProblem(409);
        app.delete();
    }

    @Test
    void p6ProcIsTheSandboxsOwn() {
        String numbers = alices.shell("ls /proc | grep -E '^[0-9]+$'").succeeded();
        assertThat(numbers.lines().map(Integer::parseInt))
                .allMatch(pid -> pid < 1000)
                .contains(1);
        assertThat(alices.exec("cat", "/proc/1/cmdline").stdout())
                .doesNotContain("java")
                .doesNotContain("systemd");
    }

    @Test
    void p7OnTheHostTheProcessShowsItsInnerNumber1() {
        String status = Machine.read(Path.of("/proc/" + alices.pid() + "/status"));
        assertThat(status).containsPattern("NSpid:\\s+" + alices.pid() + "\\s+1\n");
    }

    @Test
    void p8ASandboxCantKillAnotherTenantsProcess() {
        long victim = bobs.pid();
        Sandbox.Executed killed = alices.python(
                "import os,sys\ntry:\n os.kill(" + victim + ", 9)\nexcept ProcessLookupError as e:\n print('ESRCH')\n");
        assertThat(killed.stdout()).isEqualTo("ESRCH\n");
        assertThat(bobs.pid()).isEqualTo(victim);
        assertThat(bobs.state()).isEqualTo("running");
    }

    @Test
    void p9WithPid1EveryProcessOfTheSandboxIsGoneAndTheSandboxIsRestarted() {
        App app = alice.app("family");
        app.deploy(Release.of("web", Program.shell("sleep 1000 & sleep 1001 & wait")))
                .live();
        Sandbox sandbox = app.sandbox();
        List<Long> family = sandbox.pidsInside();
        assertThat(family).hasSizeGreaterThanOrEqualTo(4);
        long former = sandbox.killInit();
        Awaitility.await()
                .atMost(Host.PATIENCE)
                .untilAsserted(() -> assertThat(family).noneMatch(pid -> Files.exists(Path.of("/proc/" + pid))));
        sandbox.awaitRestart(former);
        assertThat(sandbox.view().path("restarts").asInt()).isEqualTo(1);
        assertThat(sandbox.view().path("lastExit").path("signal").asText()).isEqualTo("SIGKILL");
        app.delete();
    }

    @Test
    void u1OwnersThatAreNotMappedShowAsNobody() {
        assertThat(alices.exec("stat", "-c", "%u", "/proc/sys/kernel")
                        .succeeded()
                        .strip())
                .isEqualTo("65534");
    }

    @Test
    void u2RootInsideIsAnUnprivilegedNumberOfTheTenantsOwnRange() {
        String map = alices.exec("cat", "/proc/self/uid_map").succeeded().strip();
        assertThat(map.split("\\s+")).containsExactly("0", Long.toString(alice.uidBase()), "65536");
        assertThat(Math.abs(alice.uidBase() - bob.uidBase())).isGreaterThanOrEqualTo(65_536);
        alices.shell("echo mine > /app/mine && test \"$(stat -c %u:%g /app/mine)\" = 0:0")
                .succeeded();
        String owner = Shell.run("stat", "-c", "%u:%g", "/proc/" + alices.pid() + "/root/app/mine")
                .strip();
        assertThat(owner).isEqualTo(alice.uidBase() + ":" + alice.uidBase());
        assertThat(Shell.run("stat", "-c", "%u", "/proc/" + alices.pidsInside().get(1))
                        .strip())
                .as("who the command is on the host")
                .isEqualTo(Long.toString(alice.uidBase()));
    }

    @Test
    void u3NoMoreCapabilitiesThanListedAreEffectiveOrBounding() {
        // CHOWN DAC_OVERRIDE FOWNER FSETID KILL SETGID SETUID SETPCAP NET_BIND_SERVICE SYS_CHROOT (capability.h)
        long allowed = bits(0, 1, 3, 4, 5, 6, 7, 8, 10, 18);
        String status = alices.exec("cat", "/proc/self/status").succeeded();
        for (String set : List.of("CapEff", "CapBnd", "CapPrm", "CapInh", "CapAmb")) {
            long held = Long.parseUnsignedLong(field(status, set), 16);
            assertThat(held & ~allowed).as("%s %x", set, held).isZero();
        }
        assertThat(field(status, "NoNewPrivs")).isEqualTo("1");
        assertThat(field(status, "Seccomp")).isEqualTo("2");
    }

    private static long bits(int... numbers) {
        return Arrays.stream(numbers).mapToLong(number -> 1L << number).reduce(0, (a, b) -> a | b);
    }

    private static String field(String status, String name) {
        return status.lines()
                .filter(line -> line.startsWith(name + ":"))
                .map(line -> line.substring(name.length() + 1).strip())
                .findFirst()
                .orElseThrow();
    }

    @Test
    void m1MountsInsideAreTheSandboxsOnlyAndMountingIsRefused() {
        String mounts = alices.exec("cat", "/proc/self/mounts").succeeded();
        assertThat(mounts)
                .doesNotContain("/var/lib")
                .doesNotContain(HOST.directory().toString() + "/run/netns");
        assertThat(mounts.lines().map(line -> line.split(" ")[1]).toList())
                .contains("/", "/proc")
                .doesNotContain("/var/tmp");
        assertThat(mounts.lines()
                        .filter(line -> line.split(" ")[1].equals("/"))
                        .findFirst()
                        .orElseThrow()
                        .split(" ")[3])
                .contains("nosuid");
        assertThat(alices.exec("mount", "-t", "tmpfs", "none", "/tmp").code()).isNotZero();
        assertThat(alices.exec("umount", "/proc").code()).isNotZero();
        assertThat(alices.exec("unshare", "-U", "true").code()).isNotZero();
        List<String> onTheHost = Machine.read(Path.of("/proc/self/mounts"))
                .lines()
                .map(line -> line.split(" ")[1])
                .filter(target -> target.contains(alices.id()))
                .toList();
        assertThat(onTheHost).allMatch(target -> target.equals(HOST.runDir() + "/netns/" + alices.id()));
    }

    @Test
    void s1TheHostnameInsideIsTheSandboxsId() {
        String own = Machine.read(Path.of("/proc/sys/kernel/hostname"));
        assertThat(alices.exec("hostname").succeeded().strip()).isEqualTo(alices.id());
        assertThat(alices.id()).hasSizeLessThanOrEqualTo(12);
        assertThat(alices.exec("hostname", "evil").code()).isNotZero();
        assertThat(Machine.read(Path.of("/proc/sys/kernel/hostname"))).isEqualTo(own);
    }

    @Test
    void i1TwoSandboxesShareNoQueuesAndSegments() {
        alices.exec("ipcmk", "-M", "4096").succeeded();
        assertThat(alices.exec("ipcs", "-m").succeeded()).contains("4096");
        assertThat(bobs.exec("ipcs", "-m").succeeded()).doesNotContain("4096");
    }

    @Test
    void c1AMemoryHogIsKilledAndReportedSoAndNeighboursDontNotice() {
        App app = alice.app("hog");
        app.deploy(Release.of(
                        "job",
                        Program.of(
                                        "python3",
                                        "-c",
                                        "import os, time\nwhile not os.path.exists('/app/go'): time.sleep(0.1)\nx = []\nwhile True: x.append(bytearray(1 << 20))")
                                .limits("memory", "48MiB")
                                .restart("never")))
                .live();
        app.sandbox().exec("touch", "/app/go");
        Awaitility.await()
                .atMost(Host.PATIENCE)
                .untilAsserted(() -> assertThat(app.sandboxes()).anySatisfy(one -> {
                    assertThat(one.path("state").asText()).isEqualTo("ended");
                    assertThat(one.path("lastExit").path("oom").asBoolean())
                            .as("%s", one)
                            .isTrue();
                    assertThat(one.path("lastExit").path("signal").asText()).isEqualTo("SIGKILL");
                }));
        assertThat(bobs.exec("true").code()).isZero();
        app.delete();
    }

    @Test
    void c1AForkBombStopsAtItsLimitAndTheCgroupInsideIsTheRoot() {
        App app = alice.app("bomb");
        app.deploy(Release.of(
                        "web",
                        Program.of(
                                        "python3",
                                        "-c",
                                        "import os,time\nwhile True:\n try:\n  if os.fork() == 0: time.sleep(1000)\n"
                                                + " except OSError: time.sleep(0.2)")
                                .limits("pids", 16)))
                .live();
        Sandbox bomb = app.sandbox();
        Awaitility.await()
                .atMost(Host.PATIENCE)
                .untilAsserted(
                        () -> assertThat(bomb.view().path("usage").path("pids").asInt())
                                .isBetween(14, 16));
        assertThat(bomb.pidsInside()).hasSizeLessThanOrEqualTo(16);
        assertThat(alices.shell("for i in 1 2 3 4; do sleep 0.1 & done; wait").code())
                .isZero();
        assertThat(alices.exec("cat", "/proc/self/cgroup").succeeded().lines()).allMatch(line -> line.endsWith(":/"));
        app.delete();
    }

    @Test
    void f1AllOfItTogetherIsOnePost() {
        JsonNode release = bob.api()
                .post(
                        bob.path() + "/apps/one/releases" + Patience.WAIT,
                        Release.of("web", Program.webServer()).spec())
                .is(201);
        assertThat(release.path("status").asText()).isEqualTo("live");
        assertThat(bob.app("one").sandbox().namespaces()).hasSize(7);
        bob.app("one").delete();
    }

    @Test
    void j1AProcessThatEndsWellAtOnceIsLiveAndStaysListedUntilTheNextRelease() {
        App app = alice.app("quick");
        app.deploy(Release.of("run", Program.of("true").restart("never"))).live();
        assertThat(app.sandbox()
                        .awaitState("ended")
                        .view()
                        .path("lastExit")
                        .path("code")
                        .asInt())
                .isZero();
        app.deploy(Release.of("run", Program.shell("exit 0").restart("never"))).live();
        Awaitility.await()
                .atMost(Host.PATIENCE)
                .untilAsserted(() -> assertThat(app.sandboxes())
                        .singleElement()
                        .satisfies(
                                one -> assertThat(one.path("release").asInt()).isEqualTo(2)));
        app.delete();
    }

    @Test
    void j1AProcessThatIsNeverRestartedRunsToItsEndAndStaysListedWithItsNumbers() {
        App app = alice.app("judge");
        app.deploy(Release.of(
                        "run",
                        Program.of(
                                        "python3",
                                        "-c",
                                        "import os, time\nwhile not os.path.exists('/app/go'): time.sleep(0.1)\nb = bytearray(20 << 20)\nfor i in range(3000000): pass\nraise SystemExit(7)")
                                .restart("never")))
                .live();
        app.sandbox().exec("touch", "/app/go");
        Awaitility.await()
                .atMost(Host.PATIENCE)
                .untilAsserted(() -> assertThat(app.sandboxes())
                        .singleElement()
                        .satisfies(one -> assertThat(one.path("state").asText()).isEqualTo("ended")));
        JsonNode exit = app.sandboxes().get(0).path("lastExit");
        assertThat(exit.path("code").asInt()).as("%s", exit).isEqualTo(7);
        assertThat(exit.path("oom").asBoolean()).isFalse();
        assertThat(exit.path("wallSeconds").asDouble()).isPositive();
        assertThat(exit.path("cpuSeconds").asDouble()).isPositive();
        assertThat(exit.path("peakMemoryBytes").asLong()).isGreaterThan(20L << 20);
        app.delete();
    }
}
