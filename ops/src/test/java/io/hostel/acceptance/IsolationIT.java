package io.hostel.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A tenant that attacks from inside its sandbox. */
final class IsolationIT {
    @RegisterExtension
    static final Host HOST = new Host();

    private static Tenant alice;
    private static Tenant bob;
    private static Sandbox attacker;
    private static Sandbox victim;
    private static App victims;

    @BeforeAll
    static void anAttackerAndAVictim() {
        alice = HOST.tenant("alice");
        bob = HOST.tenant("bob");
        attacker = alice.web("attack", Program.webServer()).sandbox();
        victims = bob.app("victim");
        victims.deploy(Release.of("web", Program.webServer())
                        .and("db", Program.webServer().with("expose", "tenant")))
                .live();
        victim = victims.running(2).get(0);
    }

    @Test
    void theControlApiDoesNotAnswerFromInside() {
        int port = URI.create(HOST.daemon().api()).getPort();
        for (String address : List.of("10.123.0.1", World.HOST_ADDRESS, "127.0.0.1")) {
            assertThat(attacker.curl("http://" + address + ":" + port + "/healthz")
                            .code())
                    .as(address)
                    .isNotZero();
        }
    }

    @Test
    void theHostsOwnServicesDoNotAnswerFromInside() throws Exception {
        try (java.net.ServerSocket service = new java.net.ServerSocket(0)) {
            for (String address : List.of("10.123.0.1", World.HOST_ADDRESS)) {
                assertThat(attacker.exec(
                                        "python3",
                                        "-c",
                                        "import socket;socket.create_connection(('" + address + "',"
                                                + service.getLocalPort() + "),2)")
                                .code())
                        .as(address)
                        .isNotZero();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {World.PRIVATE_ADDRESS, World.LINK_LOCAL_ADDRESS})
    void privateAndLinkLocalAddressesAreOutOfReach(String address) {
        // They would answer: the host itself, without the rules, gets there.
        assertThat(Shell.curl("http://" + address + "/")).startsWith("seen");
        assertThat(attacker.curl("http://" + address + "/").code()).isNotZero();
    }

    @Test
    void anotherTenantsSandboxDoesNotAnswerOnAnyPort() {
        for (Sandbox one : victims.running(2)) {
            assertThat(attacker.curl("http://" + one.ip() + ":8080/").code()).isNotZero();
        }
    }

    @Test
    void aServiceThatIsOnlyForTheTenantHasNoPublishedPort() {
        assertThat(victims.process("db").has("publishedPort")).isFalse();
        assertThat(victims.process("db").path("address").asText()).endsWith(":8080");
        assertThat(World.reachable()
                        .curl("http://" + victims.process("db").path("address").asText() + "/")
                        .code())
                .isNotZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"socket.AF_PACKET, socket.SOCK_RAW", "socket.AF_INET, socket.SOCK_RAW, 255"})
    void rawSocketsAreRefused(String kind) {
        Sandbox.Executed tried = attacker.python(
                "import socket\ntry:\n socket.socket(" + kind + ")\nexcept OSError as e:\n print(type(e).__name__)");
        assertThat(tried.stdout()).as(tried.stderr()).isEqualTo("PermissionError\n");
    }

    @Test
    void anAddressThatIsNotOnesOwnCantBeTakenOrSpokenFrom() {
        assertThat(attacker.python("import socket; s=socket.socket(); s.bind(('" + victim.ip() + "', 5000))")
                        .code())
                .isNotZero();
        assertThat(attacker.exec("ip", "addr", "add", victim.ip() + "/32", "dev", "eth0")
                        .code())
                .isNotZero();
    }

    /** As if the walls inside had fallen: whoever has the network namespace still can't speak for another. */
    @Test
    void aSpoofedSourceAddressOrMacIsDroppedEvenWithFullPowerOverTheNetworkNamespace() {
        long pid = attacker.pid();
        Shell.inNetworkOf(pid, "ip", "addr", "add", victim.ip() + "/32", "dev", "lo");
        try {
            assertThat(Shell.outcomeInNetworkOf(
                                    pid,
                                    "curl",
                                    "-sS",
                                    "--max-time",
                                    "2",
                                    "--interface",
                                    victim.ip(),
                                    "http://" + World.ADDRESS + "/")
                            .code())
                    .isNotZero();
        } finally {
            Shell.inNetworkOf(pid, "ip", "addr", "del", victim.ip() + "/32", "dev", "lo");
        }
        String own = mac(pid);
        // The kernel forgets the neighbours of a link whose address changes, and this one asks for none.
        String[] gateway = Shell.inNetworkOf(pid, "ip", "neigh", "show", "dev", "eth0")
                .strip()
                .split(" ");
        Shell.inNetworkOf(pid, "ip", "link", "set", "eth0", "address", "02:de:ad:00:00:01");
        try {
            assertThat(Shell.outcomeInNetworkOf(pid, "curl", "-sS", "--max-time", "2", "http://" + World.ADDRESS + "/")
                            .code())
                    .isNotZero();
        } finally {
            Shell.inNetworkOf(pid, "ip", "link", "set", "eth0", "address", own);
            Shell.inNetworkOf(
                    pid, "ip", "neigh", "replace", gateway[0], gateway[1], gateway[2], "dev", "eth0", "nud", "permanent");
        }
        assertThat(attacker.curl("http://" + World.ADDRESS + "/").code()).isZero();
    }

    private static String mac(long pid) {
        String link = Shell.inNetworkOf(pid, "ip", "-o", "link", "show", "eth0");
        return link.replaceAll("(?s).*link/ether (\\S+).*", "$1");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "cat /etc/shadow",
                "cat /proc/1/environ",
                "ls /proc/1/root/",
                "readlink /proc/1/exe",
                "head -c 1 /proc/kcore | grep -q .",
                "grep . /proc/keys",
                "echo c > /proc/sysrq-trigger",
                "echo 1 > /proc/sys/kernel/panic",
                "echo 1 > /proc/sys/vm/drop_caches",
                "dmesg",
                "mknod /app/disk b 8 0",
                "mknod /app/null c 1 3",
                "chroot /proc/1/root ls",
                "unshare --net true",
                "unshare --pid --fork true",
                "unshare --user true",
                "unshare --mount true",
                "nsenter --target 1 --mount true",
                "hostname evil",
                "date -s 2000-01-01",
                "echo x > /usr/bin/evil",
                "touch /usr/evil",
                "mount -o remount,rw /usr",
                "mount --bind / /app",
                "ls /sys/kernel/debug/*",
                "cat /sys/firmware/*/*",
                "echo +memory > /sys/fs/cgroup/cgroup.subtree_control",
                "mkdir /sys/fs/cgroup/evil",
                "setpriv --inh-caps +sys_admin --ambient-caps +sys_admin grep CapAmb /proc/self/status | grep -v 0000000000000000",
                "ip link add evil type dummy",
                "ip link del eth0",
                "ip route del default",
                "sysctl -w net.ipv4.ip_forward=1"
            })
    void isRefused(String script) {
        Sandbox.Executed tried = attacker.shell(script);
        assertThat(tried.code())
                .as("%s: %s%s", script, tried.stdout(), tried.stderr())
                .isNotZero();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "321, 0, 0, 0", // bpf(2)
                "101, 16, 1, 0", // ptrace(2) PTRACE_ATTACH to PID 1
                "250, 0, -3, 0", // keyctl(2)
                "246, 0, 0, 0", // kexec_load(2)
                "175, 0, 0, 0", // init_module(2)
                "272, 0x10000000, 0, 0", // unshare(2) CLONE_NEWUSER
                "308, 0, 0, 0", // setns(2)
                "165, 0, 0, 0", // mount(2)
                "298, 0, 0, 0", // perf_event_open(2)
                "323, 0, 0, 0", // userfaultfd(2)
                "425, 8, 0, 0", // io_uring_setup(2)
                "304, 0, 0, 0", // open_by_handle_at(2)
                "169, 0xfee1dead, 672274793, 0x1234567", // reboot(2)
            })
    void theSystemCallIsRefused(String numberAndArguments) {
        String program = "import ctypes,errno,sys\nl=ctypes.CDLL(None,use_errno=True)\n"
                + "r=l.syscall(*[ctypes.c_long(x) for x in (" + numberAndArguments + ")])\n"
                + "print(r, errno.errorcode.get(ctypes.get_errno()))";
        Sandbox.Executed tried = attacker.python(program);
        assertThat(tried.stdout()).as(tried.stderr()).matches("-1 (EPERM|ENOSYS|EACCES)\n");
    }

    @Test
    void aSetUidProgramGivesNothing() {
        Sandbox.Executed tried = attacker.exec(Map.of(
                "command",
                List.of("/bin/sh", "-c", "cp /usr/bin/id /tmp/i && chmod 4755 /tmp/i; su -c id || /tmp/i -u"),
                "user",
                "33:33"));
        assertThat(tried.stdout().strip()).isNotEqualTo("0");
    }

    @Test
    void theHostsFilesOutsideUsrAreNotThere() {
        assertThat(attacker.shell("ls -a /root /home /var/lib /boot 2>/dev/null")
                        .stdout())
                .doesNotContain("hostel")
                .doesNotContain(".ssh");
        assertThat(attacker.exec("cat", "/etc/passwd").succeeded()).doesNotContain("hostel");
        assertThat(attacker.exec("ls", HOST.directory().toString()).code()).isNotZero();
    }

    @Test
    void noDescriptorOfTheHostIsOpenInside() {
        String program = "import os\nfor f in os.listdir('/proc/self/fd'):\n"
                + " try: print(f, os.readlink('/proc/self/fd/' + f))\n except OSError: pass";
        List<String> open = attacker.python(program).succeeded().lines().toList();
        assertThat(open)
                .allMatch(line ->
                        line.matches("[0-9]+ (pipe:.*|/dev/null|/memfd:stdin \\(deleted\\)|/proc/\\d+/fd|socket:.*)"))
                .hasSizeLessThanOrEqualTo(4);
        long command = attacker.pidsInside().stream()
                .filter(pid -> pid != attacker.pid())
                .findFirst()
                .orElseThrow();
        String descriptors = Shell.run("ls", "-l", "/proc/" + command + "/fd");
        assertThat(descriptors)
                .doesNotContain("cgroup")
                .doesNotContain(HOST.directory().toString())
                .doesNotContain("/usr/lib/jvm");
    }

    @Test
    void theEnvironmentHoldsNothingOfTheHosts() {
        List<String> names = attacker.python("import os\nprint('\\n'.join(sorted(os.environ)))")
                .succeeded()
                .lines()
                .toList();
        assertThat(names)
                .contains(
                        "HOME",
                        "PATH",
                        "HOSTEL_TENANT",
                        "HOSTEL_APP",
                        "HOSTEL_PROCESS",
                        "HOSTEL_SANDBOX",
                        "HOSTEL_RELEASE");
        assertThat(names).allMatch(name -> name.matches("PATH|HOME|PORT|HOSTEL_[A-Z]+|LC_CTYPE|PWD|SHLVL|_|TERM|LANG"));
    }

    @Test
    void whatOneSandboxWritesNoOtherSees() {
        attacker.shell("echo secret > /app/secret; echo secret > /tmp/secret; echo secret > /dev/shm/secret || true")
                .succeeded();
        assertThat(victim.shell("ls /app /tmp /dev/shm").succeeded()).doesNotContain("secret");
        assertThat(Files.exists(Path.of("/tmp/secret"))).isFalse();
        assertThat(Files.exists(Path.of("/dev/shm/secret"))).isFalse();
    }

    @Test
    void aTenantsTokenOpensNothingOfAnother() {
        Api api = alice.api();
        for (String path : List.of(
                "", "/apps", "/apps/victim", "/apps/victim/sandboxes", "/apps/victim/logs", "/tokens", "/events")) {
            api.get(bob.path() + path).isProblem(404);
        }
        api.get("/v1/tenants/nobody").isProblem(404);
        api.post(victim.path() + "/exec", Map.of("command", List.of("id"))).isProblem(404);
        api.delete(bob.path() + "/apps/victim").isProblem(404);
        api.post(alice.path() + "/apps/attack/sandboxes/" + victim.id() + "/exec", Map.of("command", List.of("id")))
                .isProblem(404);
        for (String path : List.of("/v1/tenants", "/v1/sandboxes", "/v1/doctor", "/v1/events")) {
            api.get(path).isProblem(403);
        }
        api.post("/v1/tenants", Map.of("id", "mine")).isProblem(403);
        api.delete(alice.path()).isProblem(403);
        api.patch(alice.path(), Map.of("quota", Map.of("cpus", 64))).isProblem(403);
    }

    @Test
    void withoutATokenOrWithABadOneNothingOpens() {
        HOST.anonymous().get("/v1/tenants").isProblem(401);
        HOST.anonymous().as("nonsense").get("/v1/tenants").isProblem(401);
        HOST.anonymous().as(alice.api().token() + "x").get(alice.path()).isProblem(401);
    }

    @Test
    void aRevokedTokenOpensNothing() {
        var token = alice.api()
                .post(alice.path() + "/tokens", Map.of("label", "ci"))
                .is(201);
        Api ci = HOST.anonymous().as(token.path("token").asText());
        ci.get(alice.path()).is(200);
        alice.api()
                .delete(alice.path() + "/tokens/" + token.path("id").asText())
                .succeeded();
        ci.get(alice.path()).isProblem(401);
    }

    @Test
    void aTenantsArtifactIsNoOneElses() {
        String digest = bob.upload(new Tar().file("secret.txt", "bob's").bytes());
        Answer tried = alice.api()
                .post(
                        alice.path() + "/apps/thief/releases" + Patience.WAIT,
                        Release.of("job", Program.of("cat", "secret.txt"))
                                .with("artifact", digest)
                                .spec());
        assertThat(tried.status()).as(tried.text()).isIn(404, 422);
    }
}
