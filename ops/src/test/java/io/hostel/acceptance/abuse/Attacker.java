package io.hostel.acceptance.abuse;

import com.fasterxml.jackson.databind.JsonNode;
import io.hostel.acceptance.App;
import io.hostel.acceptance.Host;
import io.hostel.acceptance.Patience;
import io.hostel.acceptance.Program;
import io.hostel.acceptance.Release;
import io.hostel.acceptance.Shell;
import io.hostel.acceptance.Tar;
import io.hostel.acceptance.Tenant;
import io.hostel.acceptance.TestProgram;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A tenant that attacks from its sandboxes ({@code inside.py}) and at the interface ({@code outside.py}). */
final class Attacker {
    private final Host host;
    private final Tenant tenant;
    private final String artifact;
    private final App inside;
    private @Nullable Process outside;

    /** @param quota where other than the standard */
    Attacker(Host host, String id, Map<String, Object> quota) throws IOException {
        this.host = host;
        this.tenant = host.tenant(id, quota);
        String script = Files.readString(TestProgram.python("abuse/inside.py"));
        this.artifact = tenant.upload(new Tar().file("inside.py", script).bytes());
        this.inside = tenant.app("inside");
    }

    /** An attack from inside: {@code inside.py} with these arguments, in so many sandboxes. */
    static Program program(int scale, String... arguments) {
        List<String> command = new ArrayList<>(List.of("python3", "/app/inside.py"));
        command.addAll(List.of(arguments));
        return Program.of(command.toArray(String[]::new))
                .with("expose", "none")
                .scale(scale);
    }

    /** Begins to put up what its attacks at the interface aim at. */
    void prepare(List<String> attacks) throws IOException {
        // Clients of attackers would be on other machines: these get what the host leaves of the cores.
        List<String> command = new ArrayList<>(List.of(
                "nice",
                "-n",
                "19",
                "python3",
                TestProgram.python("abuse/outside.py").toString(),
                tenant.api().base().replaceAll(".*:", ""),
                tenant.id()));
        command.addAll(attacks);
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().putAll(Map.of("HOSTEL_TOKEN", tenant.api().token(), "HOSTEL_ARTIFACT", artifact));
        outside = builder.start();
    }

    void awaitPrepared() throws IOException {
        String first = outside().inputReader(StandardCharsets.UTF_8).readLine();
        if (!"ready".equals(first)) {
            throw new AssertionError("outside.py: " + first);
        }
    }

    /**
     * Begins to attack, from inside and at the interface.
     *
     * @param seconds after which attacks from inside end, also where nobody ends them
     */
    void begin(Map<String, Program> programs, int seconds) throws IOException {
        Map<String, Object> processes = new TreeMap<>();
        programs.forEach((name, program) -> processes.put(name, program.spec()));
        String until = Long.toString(Instant.now().getEpochSecond() + seconds);
        inside.deployLater(
                new Release(Map.of("artifact", artifact, "env", Map.of("UNTIL", until), "processes", processes)));
        outside().outputWriter(StandardCharsets.UTF_8).append("begin\n").flush();
    }

    /** Attacks at the interface no more. @return for each attack how often it was answered how */
    Map<String, Map<String, Integer>> endOutside() throws IOException, InterruptedException {
        Process process = outside();
        process.outputWriter(StandardCharsets.UTF_8).close();
        Map<String, Map<String, Integer>> answers = new TreeMap<>();
        process.inputReader(StandardCharsets.UTF_8).lines().forEach(line -> {
            String[] words = line.split(" ");
            Map<String, Integer> counts = answers.computeIfAbsent(words[0], key -> new TreeMap<>());
            for (int i = 1; i < words.length; i++) {
                int sign = words[i].indexOf('=');
                counts.merge(words[i].substring(0, sign), Integer.parseInt(words[i].substring(sign + 1)), Integer::sum);
            }
        });
        if (!process.waitFor(Patience.seconds(30).toSeconds(), TimeUnit.SECONDS)) {
            process.destroyForcibly();
        }
        return answers;
    }

    /** How much each attack from inside has done so far, by the name of its process. */
    Map<String, Long> did() {
        Map<String, Long> all = new TreeMap<>();
        for (JsonNode one : inside.sandboxes()) {
            all.merge(one.path("process").asText(), did(one.path("pid").asText()), Long::sum);
        }
        return all;
    }

    /** From the host: the interface may be the attack's. */
    private static long did(String init) {
        String file = "/proc/" + init + "/root/dev/shm/did";
        String text = Shell.outcome(Map.of(), "head", "-c", "31", file).output().strip();
        return text.matches("\\d+") ? Long.parseLong(text) : 0;
    }

    private Process outside() {
        if (outside == null) {
            throw new IllegalStateException(tenant.id() + " is not prepared");
        }
        return outside;
    }

    String id() {
        return tenant.id();
    }

    /** Takes the tenant away with all that it has. */
    void delete() {
        host.operator().delete(tenant.path() + Patience.WAIT).succeeded();
    }
}
