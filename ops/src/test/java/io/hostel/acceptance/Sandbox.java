package io.hostel.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.awaitility.Awaitility;

/** One sandbox of an app. */
public record Sandbox(App app, String id) {

    /** How a command inside ended. */
    public record Executed(int code, String stdout, String stderr, JsonNode json) {
        public String succeeded() {
            assertThat(code).as("%s %s", stdout, stderr).isZero();
            return stdout;
        }
    }

    public String path() {
        return app.path() + "/sandboxes/" + id;
    }

    public JsonNode view() {
        return app.api().get(path()).is(200);
    }

    /** PID 1's number on the host. */
    public long pid() {
        return view().path("pid").asLong();
    }

    public String ip() {
        return view().path("ip").asText();
    }

    public String state() {
        return view().path("state").asText();
    }

    public Map<String, String> namespaces() {
        Map<String, String> all = new TreeMap<>();
        view().path("namespaces")
                .fields()
                .forEachRemaining(
                        field -> all.put(field.getKey(), field.getValue().asText()));
        return all;
    }

    public Executed exec(String... command) {
        return exec(Map.of("command", List.of(command), "timeout", Patience.duration(60)));
    }

    public Executed exec(Map<String, Object> request) {
        JsonNode answer = app.api().post(path() + "/exec", request).is(200);
        return new Executed(
                answer.path("exitCode").asInt(),
                answer.path("stdout").asText(),
                answer.path("stderr").asText(),
                answer);
    }

    public Executed shell(String script) {
        return exec("/bin/sh", "-c", script);
    }

    public Executed python(String program) {
        return exec("python3", "-c", program);
    }

    /** The HTTP status and text that a GET from inside gets, or what stands in its way. */
    public Executed curl(String url) {
        return exec("curl", "-sS", "--connect-timeout", Patience.silence(2), "--max-time", Patience.number(5), url);
    }

    public Sandbox awaitState(String state) {
        Awaitility.await(id + " is " + state)
                .atMost(Host.PATIENCE)
                .untilAsserted(() -> assertThat(state()).as("%s", view()).isEqualTo(state));
        return this;
    }

    /** SIGKILL for PID 1, from the host. @return the pid it had */
    public long killInit() {
        long pid = pid();
        assertThat(pid).isPositive();
        Shell.run("kill", "-KILL", Long.toString(pid));
        return pid;
    }

    public Sandbox awaitRestart(long formerPid) {
        Awaitility.await(id + " runs again").atMost(Host.PATIENCE).untilAsserted(() -> {
            JsonNode now = view();
            assertThat(now.path("state").asText()).as("%s", now).isEqualTo("running");
            assertThat(now.path("pid").asLong()).isNotEqualTo(formerPid).isPositive();
        });
        return this;
    }

    /** The host's pids of all processes inside, by their PID namespace. */
    public List<Long> pidsInside() {
        String namespace = namespaces().get("pid");
        return ProcessHandle.allProcesses()
                .map(ProcessHandle::pid)
                .filter(pid -> namespace != null && namespace.equals(link("/proc/" + pid + "/ns/pid")))
                .toList();
    }

    static String link(String path) {
        try {
            return Files.readSymbolicLink(Path.of(path)).toString();
        } catch (java.io.IOException e) {
            return ""; // the process has ended
        }
    }
}
