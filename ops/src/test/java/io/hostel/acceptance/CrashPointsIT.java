package io.hostel.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * The host is killed between any two effects that it has on the kernel or the disk, at one after the other; the next host must
 * hold what was acknowledged, the rest wholly or not at all, and the machine exactly what belongs to that.
 *
 * <p>All points take a while: every {@code hostel.crash.stride}th is tried (24 unless said otherwise), from
 * {@code hostel.crash.first} on. {@code ops/test --crash} tries all of them.
 */
final class CrashPointsIT {
    private static final int STRIDE = Integer.getInteger("hostel.crash.stride", 24);
    private static final int FIRST = Integer.getInteger("hostel.crash.first", 1);

    @RegisterExtension
    static final Host HOST = new Host("-Dhostel.slots.warm=1");

    private static final Service STAYS = new Service(HOST, "stays");
    private static final Service SERVICE = new Service(HOST, "acme");
    private static long neighbour;

    /** Something that is done to a host. */
    private interface Operation {
        void prepare() throws Exception;

        /** @return whether the host has said that it is done; a host that dies over it has not */
        boolean run() throws Exception;

        /** Throws unless the host is as it is to be. Is called again and again until it does not. */
        void check(boolean acknowledged) throws Exception;

        /** How the host to be killed comes to be; the one that runs, unless said otherwise. */
        default Daemon victim() throws Exception {
            return HOST.daemon();
        }
    }

    @BeforeAll
    static void aNeighbourThatNothingHappensTo() {
        KillAt.build();
        STAYS.create();
        STAYS.deploy("the neighbour");
        neighbour = STAYS.app().sandbox().pid();
    }

    @Test
    void creationOfATenant() throws Exception {
        everywhere(new Operation() {
            private @Nullable Answer answer;

            @Override
            public void prepare() {
                new Service(HOST, "brief").deleteIfThere();
                SERVICE.deleteIfThere();
            }

            @Override
            public boolean run() {
                answer = null;
                answer = HOST.operator().post("/v1/tenants", Map.of("id", "brief"));
                return answer.status() == 201;
            }

            @Override
            public void check(boolean acknowledged) {
                Answer found = HOST.operator().get("/v1/tenants/brief");
                if (acknowledged && answer != null) {
                    found.is(200);
                    HOST.anonymous()
                            .as(answer.json().path("token").asText())
                            .get("/v1/tenants/brief")
                            .is(200);
                } else if (found.status() != 404) {
                    found.is(200);
                }
                Rest.of(HOST, 1);
            }
        });
    }

    @Test
    void deploy() throws Exception {
        everywhere(new Operation() {
            private String before = "";
            private String after = "";
            private int artifacts;

            @Override
            public void prepare() {
                // A release keeps its artifact: now and then a new tenant, so that they do not grow without end.
                if (artifacts % 16 == 0) {
                    SERVICE.deleteIfThere();
                }
                SERVICE.running(1);
                before = SERVICE.says();
                artifacts++;
                after = "release " + artifacts + " after " + before.hashCode();
            }

            @Override
            public boolean run() {
                return SERVICE.deploy(after);
            }

            @Override
            public void check(boolean acknowledged) {
                Rest.of(HOST, 2);
                assertThat(SERVICE.says()).isIn(acknowledged ? List.of(after) : List.of(before, after));
                assertThat(SERVICE.statuses())
                        .as("releases")
                        .doesNotContain("deploying")
                        .containsOnlyOnce("live");
            }
        });
    }

    @Test
    void scalingUp() throws Exception {
        everywhere(scaling(1, 3));
    }

    @Test
    void scalingDown() throws Exception {
        everywhere(scaling(3, 1));
    }

    private static Operation scaling(int from, int to) {
        return new Operation() {
            @Override
            public void prepare() {
                SERVICE.running(from);
            }

            @Override
            public boolean run() {
                return SERVICE.scale(to);
            }

            @Override
            public void check(boolean acknowledged) {
                if (acknowledged) {
                    Rest.of(HOST, 1 + to);
                } else {
                    Rest.of(HOST, 1 + from, 1 + to);
                }
                SERVICE.says();
            }
        };
    }

    @Test
    void restart() throws Exception {
        everywhere(new Operation() {
            private long former;
            private int restarts;

            @Override
            public void prepare() {
                SERVICE.fresh(1);
                Sandbox sandbox = SERVICE.app().sandbox();
                former = sandbox.pid();
                restarts = sandbox.view().path("restarts").asInt();
            }

            @Override
            public boolean run() {
                Shell.run("kill", "-KILL", Long.toString(former));
                return false;
            }

            @Override
            public void check(boolean acknowledged) {
                Rest.of(HOST, 2);
                Sandbox sandbox = SERVICE.app().sandbox();
                assertThat(sandbox.pid()).isNotEqualTo(former);
                assertThat(sandbox.view().path("restarts").asInt()).isGreaterThan(restarts);
                SERVICE.says();
            }
        });
    }

    @Test
    void deletionOfATenant() throws Exception {
        everywhere(new Operation() {
            @Override
            public void prepare() {
                SERVICE.running(2);
            }

            @Override
            public boolean run() {
                return HOST.operator()
                                        .delete("/v1/tenants/acme" + Patience.WAIT)
                                        .status()
                                / 100
                        == 2;
            }

            @Override
            public void check(boolean acknowledged) {
                if (!acknowledged && SERVICE.exists()) {
                    Rest.of(HOST, 3);
                    SERVICE.says();
                } else {
                    Rest.of(HOST, 1);
                    HOST.operator().get("/v1/tenants/acme").is(404);
                    assertThat(Footprint.names(HOST.stateDir().resolve("artifacts")))
                            .hasSize(1);
                    assertThat(Footprint.names(HOST.directory().resolve("log")))
                            .as("logs")
                            .containsExactly("stays");
                }
            }
        });
    }

    /** Of what runs, what has died meanwhile, and what was just being made. */
    @Test
    void adoption() throws Exception {
        everywhere(new Operation() {
            @Override
            public void prepare() {
                SERVICE.fresh(2);
            }

            @Override
            public Daemon victim() throws Exception {
                Sandbox dies = SERVICE.app().running(2).get(0);
                long pid = dies.pid();
                HOST.operator()
                        .patch(SERVICE.app().path() + "/processes/web", Map.of("scale", 3))
                        .succeeded();
                HOST.daemon().kill();
                Shell.run("kill", "-KILL", Long.toString(pid));
                return HOST.beginAgain();
            }

            @Override
            public boolean run() throws Exception {
                HOST.daemon().awaitReady();
                return true; // the scale was acknowledged before
            }

            @Override
            public void check(boolean acknowledged) {
                Rest.of(HOST, 4);
                SERVICE.says();
            }
        });
    }

    private static void everywhere(Operation operation) throws Exception {
        String name = StackWalker.getInstance()
                .walk(frames -> frames.skip(1).findFirst().orElseThrow().getMethodName());
        int points = 0;
        List<String> last = List.of();
        for (int n = FIRST; ; n += STRIDE) {
            operation.prepare();
            try (KillAt kill = KillAt.watch(operation.victim().pid(), n, HOST.directory())) {
                boolean acknowledged = attempt(operation);
                boolean killed = settledOrKilled(operation, acknowledged, kill);
                last = kill.effects();
                if (!killed) {
                    break;
                }
                points++;
                HOST.startAgain();
                settled(operation, acknowledged, n, last);
            }
        }
        System.out.println("crash points: " + name + ": killed at " + points + " of " + last.size() + " effects");
        assertThat(points).as("points at which the host was killed").isPositive();
    }

    private static boolean attempt(Operation operation) throws Exception {
        try {
            return operation.run();
        } catch (UncheckedIOException e) {
            return false; // the host died before it answered
        }
    }

    /** Comes to rest without having been killed, or is. @return whether it was killed */
    private static boolean settledOrKilled(Operation operation, boolean acknowledged, KillAt kill) throws Exception {
        Awaitility.await("the host has come to rest, or is killed")
                .pollInterval(Duration.ofMillis(100))
                .atMost(Host.PATIENCE)
                .ignoreExceptions()
                .until(() -> {
                    if (!kill.killed()) {
                        checkAll(operation, acknowledged);
                    }
                    return true;
                });
        if (kill.killed()) {
            HOST.daemon().awaitEnd();
        }
        return kill.killed();
    }

    private static void settled(Operation operation, boolean acknowledged, int n, List<String> effects) {
        try {
            Awaitility.await()
                    .pollInterval(Duration.ofMillis(100))
                    .atMost(Host.PATIENCE)
                    .untilAsserted(() -> checkAll(operation, acknowledged));
        } catch (ConditionTimeoutException e) {
            throw new AssertionError(
                    "killed at effect " + n + (acknowledged ? ", after the answer" : ", before the answer")
                            + ", the last ones being\n  "
                            + String.join("\n  ", effects.subList(Math.max(0, effects.size() - 8), effects.size()))
                            + "\n"
                            + e.getMessage(),
                    e);
        }
    }

    private static void checkAll(Operation operation, boolean acknowledged) throws Exception {
        operation.check(acknowledged);
        assertThat(STAYS.app().sandbox().pid()).as("the neighbour's PID 1").isEqualTo(neighbour);
        assertThat(STAYS.says()).isEqualTo("the neighbour");
    }
}
