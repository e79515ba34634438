package io.hostel.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The host runs out of what the machine gives: what runs goes on, and all is well again when there is room. */
final class ExhaustionIT {
    @RegisterExtension
    static final Host HOST = new Host("-Dhostel.slots.warm=1");

    private static final Service SERVICE = new Service(HOST, "alice");

    private final List<Path> groups = new ArrayList<>();
    private long pid;

    @BeforeEach
    void aService() {
        SERVICE.fresh(2);
        pid = HOST.daemon().pid();
    }

    @AfterEach
    void room() throws Exception {
        for (Path group : groups) {
            Files.delete(group);
        }
    }

    private static void serves() {
        assertThat(SERVICE.says()).isEqualTo("the first of alice");
    }

    /** One of the two dies, and is up again once there is room. */
    private static void dies(Sandbox sandbox, Runnable room) throws Exception {
        String url = SERVICE.app().url("web");
        long former = sandbox.killInit();
        Thread.sleep(1000);
        Awaitility.await("the other one answers")
                .atMost(Host.PATIENCE)
                .until(() -> Shell.outcome(Map.of(), "curl", "-sS", "--max-time", "2", url)
                        .output()
                        .equals("the first of alice"));
        room.run();
        sandbox.awaitRestart(former);
    }

    @Test
    void noDescriptors() throws Exception {
        Sandbox sandbox = SERVICE.app().running(2).get(0);
        int open = Footprint.names(Path.of("/proc/" + pid + "/fd")).toList().size();
        limitDescriptors(Integer.toString(open));
        Optional<Answer> answer = attempt();
        assertThat(answer.filter(a -> a.status() == 200))
                .as("a launch without descriptors")
                .isEmpty();
        dies(sandbox, () -> limitDescriptors("4096"));
        assertThat(HOST.daemon().pid()).isEqualTo(pid);
        assertThat(HOST.daemon().isAlive()).isTrue();
        Awaitility.await()
                .atMost(Host.PATIENCE)
                .untilAsserted(() -> assertThat(SERVICE.scale(3)).isTrue());
        assertThat(SERVICE.scale(2)).isTrue();
        rest();
        serves();
    }

    private void limitDescriptors(String limit) {
        Shell.run("prlimit", "--pid", Long.toString(pid), "--nofile=" + limit + ":");
    }

    private static Optional<Answer> attempt() {
        try {
            return Optional.of(
                    HOST.operator().patch(SERVICE.app().path() + "/processes/web?wait=5s", Map.of("scale", 4)));
        } catch (UncheckedIOException e) {
            return Optional.empty();
        }
    }

    /** Neither threads nor processes: the JVM may end, and another one takes over. */
    @Test
    void noProcesses() throws Exception {
        Sandbox sandbox = SERVICE.app().running(2).get(0);
        List<Path> homes = ofItsOwn(pid);
        for (Path group : groups) {
            Files.writeString(
                    group.resolve("pids.max"),
                    Files.readString(group.resolve("pids.current")).strip());
        }
        attempt();
        dies(sandbox, () -> {
            for (int i = 0; i < groups.size(); i++) {
                enter(homes.get(i), pid);
            }
            if (!HOST.daemon().isAlive()) {
                again();
            }
        });
        assertThat(SERVICE.scale(2)).isTrue();
        rest();
        serves();
    }

    private static void again() {
        try {
            HOST.startAgain();
        } catch (java.io.IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Puts a process into a group of its own, of the hierarchy that counts processes. @return where it was */
    private List<Path> ofItsOwn(long process) throws Exception {
        List<Path> homes = new ArrayList<>();
        for (String line : Files.readAllLines(Path.of("/proc/" + process + "/cgroup"))) {
            String[] parts = line.split(":", 3);
            Path root = Path.of("/sys/fs/cgroup").resolve(parts[1].equals("") ? "." : parts[1]);
            if (!List.of(parts[1].split(",")).contains("pids") && !Files.exists(root.resolve("cgroup.controllers"))) {
                continue;
            }
            if (parts[1].isEmpty()
                    && !Files.readString(root.resolve("cgroup.controllers")).contains("pids")) {
                continue;
            }
            Path group = root.resolve(HOST.bridge() + "-daemon");
            Files.createDirectory(group);
            groups.add(group);
            homes.add(root.resolve("." + parts[2]));
            enter(group, process);
        }
        assertThat(homes).as("hierarchies that count processes").isNotEmpty();
        return homes;
    }

    private static void enter(Path group, long process) {
        try {
            Files.writeString(group.resolve("cgroup.procs"), Long.toString(process));
        } catch (java.io.IOException e) {
            if (Files.exists(Path.of("/proc/" + process))) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private static void rest() {
        Awaitility.await()
                .pollInterval(Duration.ofMillis(200))
                .atMost(Host.PATIENCE)
                .untilAsserted(() -> Rest.of(HOST, 2));
    }
}
