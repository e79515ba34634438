package io.hostel.api.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.hostel.api.ProcessSpec;
import io.hostel.api.ProcessSpec.Egress;
import io.hostel.api.ProcessSpec.Expose;
import io.hostel.api.ProcessSpec.Health;
import io.hostel.api.ProcessSpec.Limits;
import io.hostel.api.ProcessSpec.Network;
import io.hostel.api.ProcessSpec.RestartPolicy;
import io.hostel.api.Refusal;
import io.hostel.api.RefusedException;
import io.hostel.api.ReleaseSpec;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class SpecJsonTest {
    private static final String DIGEST = "sha256:" + "a".repeat(64);
    private static final String FULL = """
            { "artifact": "%s", "image": "host", "env": {"GREETING": "hello"},
              "processes": {
                "web": { "command": ["python3", "server.py"], "port": 8080, "scale": 2, "expose": "public",
                         "limits": {"memory": "128MiB", "cpus": 0.5, "pids": 64, "disk": "256MiB", "files": 1024},
                         "health": {"http": "/", "interval": "2s", "timeout": "1s", "startup": "30s"},
                         "restart": {"policy": "on-failure"}, "stopTimeout": "10s", "network": "tenant", "egress": "none", "user": "0" },
                "worker": { "command": ["./work"] } } }
            """.formatted(DIGEST);

    private static ReleaseSpec read(String json) {
        try {
            return SpecJson.read(json);
        } catch (Json.MalformedException e) {
            throw new AssertionError(e);
        }
    }

    private static Map<String, String> problems(String json) {
        RefusedException refused = catchThrowableOfType(RefusedException.class, () -> read(json));
        assertThat(refused).as("refusal of " + json).isNotNull();
        return ((Refusal.Invalid) refused.refusal())
                .problems().stream()
                        .collect(java.util.stream.Collectors.toMap(
                                Refusal.FieldProblem::pointer, Refusal.FieldProblem::detail, (a, b) -> a + "; " + b));
    }

    @Test
    void everyFieldIsRead() {
        ReleaseSpec spec = read(FULL);
        assertThat(spec.artifact()).contains(DIGEST);
        assertThat(spec.env()).containsExactly(Map.entry("GREETING", "hello"));
        assertThat(spec.processes().get("web"))
                .isEqualTo(new ProcessSpec(
                        List.of("python3", "server.py"),
                        Optional.of(8080),
                        Optional.of(2),
                        1,
                        Expose.PUBLIC,
                        new Limits(128L << 20, 0.5, 64, 256L << 20, 1024),
                        new Health(
                                Optional.of("/"), Duration.ofSeconds(2), Duration.ofSeconds(1), Duration.ofSeconds(30)),
                        RestartPolicy.ON_FAILURE,
                        Duration.ofSeconds(10),
                        Network.TENANT,
                        Egress.NONE,
                        "0"));
    }

    @Test
    void whatIsLeftOutHasItsDefault() {
        assertThat(read(FULL).processes().get("worker"))
                .isEqualTo(new ProcessSpec(
                        List.of("./work"),
                        Optional.empty(),
                        Optional.empty(),
                        1,
                        Expose.TENANT,
                        Limits.DEFAULT,
                        Health.DEFAULT,
                        RestartPolicy.ALWAYS,
                        Duration.ofSeconds(10),
                        Network.TENANT,
                        Egress.WORLD,
                        "0"));
    }

    @ParameterizedTest
    @CsvSource({
        "web, '\"port\":80', PUBLIC",
        "web, '\"scale\":1', TENANT",
        "api, '\"port\":80', TENANT",
        "web, '\"port\":80,\"network\":\"none\"', NONE",
        "web, '\"port\":80,\"expose\":\"none\"', NONE",
    })
    void aProcessNamedWebWithAPortIsPublicUnlessItSaysOtherwise(String name, String fields, Expose expose) {
        ReleaseSpec spec = read("{\"processes\":{\"" + name + "\":{\"command\":[\"x\"]," + fields + "}}}");
        assertThat(spec.processes().values()).extracting(ProcessSpec::expose).containsExactly(expose);
    }

    @Test
    void readingWhatWasWrittenGivesTheSame() {
        for (String json : List.of(
                FULL,
                "{\"artifact\":\"" + DIGEST + "\"}",
                "{\"processes\":{\"a\":{\"command\":[\"x\"],\"network\":\"none\",\"user\":\"1:2\",\"stopTimeout\":\"1m30s\",\"limits\":{\"cpus\":0.37}}}}")) {
            ReleaseSpec spec = read(json);
            assertThat(read(SpecJson.write(spec))).isEqualTo(spec);
        }
    }

    @Test
    void withoutProcessesTheArtifactsProcfileSays() {
        assertThat(read("{\"artifact\":\"" + DIGEST + "\"}").processes()).isEmpty();
        assertThat(problems("{}")).containsOnlyKeys("/processes");
    }

    @Test
    void everyBadFieldIsNamedAtOnce() {
        assertThat(problems("""
                        {"artifact": "md5:1", "image": "../x", "env": {"1A": "x", "B": 5}, "colour": 1,
                         "processes": {"Web": {"command": []},
                           "web": {"command": ["a\\u0000b"], "port": 0, "scale": -1, "expose": "all", "limits": {"memory": "1KiB", "cpu": 1},
                                   "health": {"http": "x"}, "restart": "always", "stopTimeout": 5, "user": "root"},
                           "a/b": 3}}
                        """))
                .containsOnlyKeys(
                        "/artifact",
                        "/image",
                        "/env",
                        "/env/B",
                        "/colour",
                        "/processes/Web",
                        "/processes/Web/command",
                        "/processes/web/command/0",
                        "/processes/web/command",
                        "/processes/web/port",
                        "/processes/web/scale",
                        "/processes/web/expose",
                        "/processes/web/limits/memory",
                        "/processes/web/limits/cpu",
                        "/processes/web/health/http",
                        "/processes/web/restart",
                        "/processes/web/stopTimeout",
                        "/processes/web/user",
                        "/processes/a~1b",
                        "/processes/a~1b/command");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "'port':65536 | /port",
                "'port':8080.5 | /port",
                "'port':'8080' | /port",
                "'port':null | /port",
                "'port':99999999999999999999999999 | /port",
                "'scale':1001 | /scale",
                "'scale':1e2 | /scale",
                "'expose':'public' | /port",
                "'network':'none','port':1,'expose':'public' | /expose",
                "'network':'none','expose':'tenant' | /expose",
                "'limits':{'memory':1e9999} | /limits/memory",
                "'limits':{'memory':-1} | /limits/memory",
                "'limits':{'memory':'8EiB'} | /limits/memory",
                "'limits':{'cpus':0} | /limits/cpus",
                "'limits':{'cpus':65} | /limits/cpus",
                "'limits':{'cpus':'1'} | /limits/cpus",
                "'limits':{'pids':3} | /limits/pids",
                "'limits':{'files':15} | /limits/files",
                "'limits':{'files':1048577} | /limits/files",
                "'limits':{'disk':1048575} | /limits/disk",
                "'limits':[] | /limits",
                "'health':{'http':'/a b'},'port':1 | /health/http",
                "'health':{'http':'/a\\r\\nHost: x'},'port':1 | /health/http",
                "'health':{'http':'/'} | /health/http",
                "'health':{'interval':'1ms'} | /health/interval",
                "'health':{'startup':'2h'} | /health/startup",
                "'restart':{'policy':'sometimes'} | /restart/policy",
                "'stopTimeout':'11m' | /stopTimeout",
                "'stopTimeout':'-1s' | /stopTimeout",
                "'user':'65536' | /user",
                "'user':'1:2:3' | /user",
                "'egress':'WORLD' | /egress",
            })
    void valuesOutOfBoundsAreRefused(String fields, String pointer) {
        String json = "{'processes':{'p':{'command':['x']," + fields + "}}}";
        assertThat(problems(json.replace('\'', '"'))).containsOnlyKeys("/processes/p" + pointer);
    }

    @ParameterizedTest
    @ValueSource(strings = {"[]", "[\"\"]", "[1]", "\"x\"", "{}", "[[\"x\"]]", "[\"\\ud800\"]"})
    void aCommandIsAProgramAndItsArguments(String command) {
        assertThat(problems("{\"processes\":{\"p\":{\"command\":" + command + "}}}"))
                .isNotEmpty()
                .allSatisfy((pointer, detail) -> assertThat(pointer).startsWith("/processes/p/command"));
    }

    @Test
    void commandsVariablesAndProcessesAreBoundedInAll() {
        String words = "[\"x\"" + ",\"yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy\"".repeat(999) + "]";
        assertThat(problems("{\"processes\":{\"p\":{\"command\":" + words.replace("yyyy", "y".repeat(16)) + "}}}"))
                .containsOnlyKeys("/processes/p/command");
        StringBuilder env = new StringBuilder();
        StringBuilder processes = new StringBuilder();
        for (int i = 0; i < 21; i++) {
            env.append(i == 0 ? "" : ",")
                    .append("\"V")
                    .append(i)
                    .append("\":\"")
                    .append("x".repeat(8_000))
                    .append('"');
            processes.append(i == 0 ? "" : ",").append("\"p").append(i).append("\":{\"command\":[\"x\"]}");
        }
        assertThat(problems("{\"env\":{" + env + "},\"processes\":{" + processes + "}}"))
                .containsOnlyKeys("/env", "/processes");
    }

    @Test
    void anAnswerNeverNamesMoreThanAHundredProblems() {
        StringBuilder fields = new StringBuilder("\"x\":0");
        for (int i = 0; i < 1_000; i++) {
            fields.append(",\"x").append(i).append("\":0");
        }
        assertThat(problems("{" + fields + "}")).hasSize(100);
    }
}
