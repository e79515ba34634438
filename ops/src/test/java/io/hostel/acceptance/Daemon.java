package io.hostel.acceptance;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.awaitility.Awaitility;

/** The distribution's {@code bin/hostd} as a process. */
final class Daemon {
    private static final Pattern READY = Pattern.compile("hostel ready api=(\\S+) sandboxes=(\\d+) adopted=(\\d+)");

    private final Process process;
    private final String api;
    private final int adopted;
    private final Path temporary;

    private Daemon(Process process, String api, int adopted, Path temporary) {
        this.process = process;
        this.api = api;
        this.adopted = adopted;
        this.temporary = temporary;
    }

    /** @return once the host has said that it serves */
    static Daemon start(List<String> settings, Path log) throws IOException {
        return start(settings, log, Map.of());
    }

    /** @param environment beside this JVM's own */
    static Daemon start(List<String> settings, Path log, Map<String, String> environment) throws IOException {
        Path out = Files.createTempFile(log.getParent(), "ready", "");
        Path temporary = Files.createTempDirectory(log.getParent(), "tmp");
        ProcessBuilder builder = builder(settings);
        builder.environment().putAll(environment);
        builder.environment().put("HOSTEL_JAVA_OPTIONS", "-Djava.io.tmpdir=" + temporary);
        Process process = builder.redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()))
                .redirectOutput(out.toFile())
                .start();
        Awaitility.await("the host is ready or ends")
                .atMost(Host.PATIENCE)
                .until(() -> !process.isAlive()
                        || READY.matcher(Files.readString(out)).find());
        Matcher ready = READY.matcher(Files.readString(out));
        if (!ready.find()) {
            throw new AssertionError("the host ended with " + process.exitValue() + ":\n" + Files.readString(log));
        }
        return new Daemon(process, ready.group(1), Integer.parseInt(ready.group(3)), temporary);
    }

    /** Runs it to its end, as with {@code --reap} or settings that will not do. @return its exit code and all it wrote */
    static Shell.Outcome outcome(List<String> arguments) {
        List<String> command = new ArrayList<>(List.of(program()));
        command.addAll(arguments);
        return Shell.outcome(java.util.Map.of(), command.toArray(String[]::new));
    }

    String api() {
        return api;
    }

    int adopted() {
        return adopted;
    }

    long pid() {
        return process.pid();
    }

    /** What lies in the temporary directory that it had for itself. */
    List<Path> temporaryFiles() throws IOException {
        try (Stream<Path> files = Files.list(temporary)) {
            return files.toList();
        }
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** SIGTERM. @return its exit code */
    int stop() throws InterruptedException {
        process.destroy();
        if (!process.waitFor(Patience.seconds(60).toSeconds(), TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new AssertionError("the host did not end in time after SIGTERM");
        }
        return process.exitValue();
    }

    /** SIGKILL. */
    void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    private static ProcessBuilder builder(List<String> settings) {
        List<String> command = new ArrayList<>(List.of(program()));
        command.addAll(settings);
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().remove("JAVA_HOME");
        return builder;
    }

    private static String program() {
        return Shell.root().resolve("ops/target/dist/bin/hostd").toString();
    }
}
