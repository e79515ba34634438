package io.hostel.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** All that callers can make the host hold, at once: it lives, stays within its memory, and answers the operator. */
final class BoundsIT {
    /** Without a bound on how fast calls may come, so that there are as many as there can be. */
    @RegisterExtension
    static final Host HOST = new Host("-Dhostel.api.changes-per-second=0", "-Dhostel.api.reads-per-second=0");

    private static final int TENANTS = 4;
    private static final int PLANS = 16;
    private static final String LARGE = "x".repeat(30_000);
    private static final long MOST_RESIDENT_KIB = 350 << 10;
    private static final List<App> APPS = new ArrayList<>();

    @BeforeAll
    static void tenantsWithLongLogs() {
        APPS.clear(); // those of a first try were another host's
        for (int i = 0; i < TENANTS; i++) {
            App app = HOST.tenant("loud" + i).app("log");
            app.deploy(Release.of(
                            "web",
                            Program.shell("head -c 6000 /dev/zero | tr '\\0' '\"' >/tmp/x; echo >>/tmp/x; i=0;"
                                            + " while [ $i -lt 1300 ]; do cat /tmp/x; i=$((i+1)); done; sleep 100000")
                                    .limits("memory", "400MiB", "pids", 128)
                                    .scale(2)))
                    .live();
            APPS.add(app);
            app.tenant()
                    .app("plans")
                    .deploy(Release.of(
                                    "web",
                                    Program.shell("sleep 100000").limits("memory", "8MiB", "cpus", 0.05).scale(PLANS))
                            .with("env", Map.of("A", LARGE, "B", LARGE, "C", LARGE, "D", LARGE)))
                    .live();
        }
        APPS.forEach(app -> app.running(2));
        APPS.forEach(app -> app.tenant().app("plans").running(PLANS));
    }

    @AfterAll
    static void away() {
        APPS.forEach(app -> app.tenant().delete());
    }

    private static long kib(String field) throws Exception {
        for (String line : Files.readAllLines(Path.of("/proc/" + HOST.daemon().pid() + "/status"))) {
            if (line.startsWith(field + ":")) {
                return Long.parseLong(line.replaceAll("[^0-9]", ""));
            }
        }
        throw new AssertionError("no " + field);
    }

    private static List<Socket> execs(Doors doors, App app) {
        List<Socket> calls = new ArrayList<>();
        byte[] body = "{\"command\":[\"sh\",\"-c\",\"head -c 1048576 /dev/zero | tee /dev/stderr\"]}"
                .getBytes(StandardCharsets.US_ASCII);
        for (Sandbox sandbox : app.running(2)) {
            for (int i = 0; i < 40; i++) {
                calls.add(doors.send(
                        Doors.head(
                                "POST",
                                sandbox.path() + "/exec",
                                app.api().token(),
                                "Content-Type",
                                "application/json",
                                "Content-Length",
                                "" + body.length),
                        body));
            }
        }
        return calls;
    }

    private static List<Socket> followers(Doors doors, App app) {
        List<Socket> calls = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            calls.add(doors.send(Doors.head(
                    "GET", app.path() + "/logs?tail=10000&follow=true", app.api().token())));
            calls.add(doors.send(Doors.head(
                    "GET", app.tenant().path() + "/events?follow=true", app.api().token())));
        }
        return calls;
    }

    /** All of them but the last byte. */
    private static void bodies(Doors doors, App app) {
        byte[] dear = ("{\"processes\":[" + "{},".repeat(84_000)).substring(0, 250_000).getBytes(StandardCharsets.US_ASCII);
        for (int i = 0; i < 40; i++) {
            doors.send(
                    Doors.head(
                            "POST",
                            app.path() + "/releases",
                            app.api().token(),
                            "Content-Type",
                            "application/json",
                            "Content-Length",
                            "" + (dear.length + 1)),
                    dear);
        }
    }

    private static List<Socket> uploads(Doors doors, App app) {
        List<Socket> calls = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            calls.add(doors.send(
                    Doors.head(
                            "POST",
                            app.tenant().path() + "/artifacts",
                            app.api().token(),
                            "Content-Type",
                            "application/x-tar",
                            "Content-Length",
                            "10000000"),
                    new byte[512]));
        }
        return calls;
    }

    /** Waits until so many of the calls have been answered with that status. */
    private static void answered(String what, List<Socket> calls, int status, int least) {
        Map<Socket, Integer> statuses = new HashMap<>();
        Awaitility.await(what).atMost(Host.PATIENCE).untilAsserted(() -> {
            for (Socket call : calls) {
                if (statuses.getOrDefault(call, 0) == 0) {
                    statuses.put(call, Doors.status(call, 1));
                }
            }
            assertThat(statuses.values())
                    .as(what)
                    .filteredOn(is -> is == status)
                    .hasSizeGreaterThanOrEqualTo(least);
        });
    }

    private static void heads(Doors doors) {
        StringBuilder head = new StringBuilder("GET /healthz HTTP/1.1\r\nHost: localhost\r\n");
        for (int i = 0; i < 28; i++) {
            head.append("X-").append(i).append(": ").append("y".repeat(2_000)).append("\r\n");
        }
        for (int i = 0; i < 400; i++) {
            doors.send(head.toString());
        }
    }

    @Test
    void allAtOnceTheHostLivesAndAnswers() throws Exception {
        long pid = HOST.daemon().pid();
        AtomicInteger refused = new AtomicInteger();
        try (Doors doors = new Doors(HOST.daemon().api())) {
            List<Socket> followers = new ArrayList<>();
            List<Socket> uploads = new ArrayList<>();
            List<Socket> execs = new ArrayList<>();
            heads(doors);
            for (App app : APPS) {
                followers.addAll(followers(doors, app));
                bodies(doors, app);
                uploads.addAll(uploads(doors, app));
                execs.addAll(execs(doors, app));
            }
            long most = 0;
            for (int i = 0; i < 40; i++) {
                assertThat(HOST.operator().get("/v1/tenants").is(200).path("items")).hasSize(TENANTS);
                assertThat(HOST.operator().get("/v1/sandboxes").is(200).path("items")).hasSize((2 + PLANS) * TENANTS);
                refused.addAndGet(APPS.get(i % TENANTS)
                                        .api()
                                        .get(APPS.get(i % TENANTS).path())
                                        .status()
                                == 429
                        ? 1
                        : 0);
                most = Math.max(most, kib("VmRSS"));
                Thread.sleep(250);
            }
            System.out.println("bounds: " + doors.size() + " connections, at most " + most / 1024 + " MiB resident, peak "
                    + kib("VmHWM") / 1024 + " MiB, " + refused + " of 40 reads of those who do it refused");
            answered("followers that were let in", followers, 200, 10 * TENANTS);
            answered("execs that were done", execs, 200, 10 * TENANTS);
            answered("uploads that were let in, until they stalled for too long", uploads, 408, 2 * TENANTS);
            assertThat(HOST.daemon().isAlive()).isTrue();
            assertThat(kib("VmHWM")).as("KiB resident").isLessThan(MOST_RESIDENT_KIB);
        }
        assertThat(HOST.daemon().pid()).isEqualTo(pid);
        for (App app : APPS) {
            Awaitility.await()
                    .atMost(Host.PATIENCE)
                    .untilAsserted(() -> assertThat(app.running(2)
                                    .get(0)
                                    .shell("echo well")
                                    .succeeded()
                                    .strip())
                            .isEqualTo("well"));
        }
    }

    @Test
    void aTenantsShareIsItsOwnAndTheOperatorHasOneThatNobodyTakes() {
        byte[] sleep = "{\"command\":[\"sleep\",\"20\"]}".getBytes(StandardCharsets.US_ASCII);
        App other = APPS.get(TENANTS - 1);
        List<Sandbox> sleeping = APPS.subList(0, TENANTS - 1).stream()
                .flatMap(app -> app.running(2).stream())
                .toList();
        try (Doors doors = new Doors(HOST.daemon().api())) {
            for (Sandbox sandbox : sleeping) {
                for (int i = 0; i < 80; i++) {
                    doors.send(
                            Doors.head(
                                    "POST",
                                    sandbox.path() + "/exec",
                                    sandbox.app().api().token(),
                                    "Content-Type",
                                    "application/json",
                                    "Content-Length",
                                    "" + sleep.length),
                            sleep);
                }
            }
            for (App app : APPS.subList(0, TENANTS - 1)) {
                for (int i = 0; i < 10; i++) {
                    uploads(doors, app);
                }
            }
            other.api().get(other.path()).is(200);
            assertThat(other.running(2).get(0).shell("echo well").succeeded().strip())
                    .isEqualTo("well");
            assertThat(other.tenant().upload(new Tar().file("./hello", "world").bytes())).isNotEmpty();
            HOST.operator().get("/v1/sandboxes").is(200);
        } finally {
            sleeping.forEach(BoundsIT::awaitItsEnd);
        }
    }

    /** Its sleeping commands, which go on without their clients, have ended and hold nobody's places any more. */
    private static void awaitItsEnd(Sandbox sandbox) {
        Awaitility.await()
                .atMost(Host.PATIENCE)
                .untilAsserted(() -> HOST.operator()
                        .post(sandbox.path() + "/exec", Map.of("command", List.of("true")))
                        .is(200));
    }

    @Test
    void followersOfQuietLogsCostNextToNothing() throws Exception {
        App app = HOST.tenant("quiet").app("log");
        app.deploy(Release.of("web", Program.shell("echo hello; sleep 100000"))).live();
        long without = leastReads();
        try (Doors doors = new Doors(HOST.daemon().api())) {
            // Places of followers that have gone are free once the host has noticed.
            int[] open = {0};
            Awaitility.await().atMost(Host.PATIENCE).untilAsserted(() -> {
                String head = Doors.head("GET", app.path() + "/logs?tail=1&follow=true", app.api().token());
                while (open[0] < 50 && Doors.status(doors.send(head), 10_000) == 200) {
                    open[0]++;
                }
                assertThat(open[0]).isEqualTo(50);
            });
            long with = leastReads();
            System.out.println("bounds: at least " + without + " reads a second, and " + with
                    + " with 50 followers of quiet logs");
            assertThat(with).as("reads in a second").isLessThan(2 * without + 50);
        }
        app.tenant().delete();
    }

    /** What the daemon reads in a second, where nothing is done now and then that is none of the followers'. */
    private static long leastReads() throws Exception {
        long least = Long.MAX_VALUE;
        for (int i = 0; i < 5; i++) {
            long before = reads();
            Thread.sleep(1_000);
            least = Math.min(least, reads() - before);
        }
        return least;
    }

    /** System calls so far. */
    private static long reads() throws Exception {
        for (String line : Files.readAllLines(Path.of("/proc/" + HOST.daemon().pid() + "/io"))) {
            if (line.startsWith("syscr: ")) {
                return Long.parseLong(line.substring("syscr: ".length()));
            }
        }
        throw new AssertionError("no count of reads");
    }
}
