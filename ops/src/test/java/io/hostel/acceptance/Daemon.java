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
public final class Daemon {
    private static final Pattern READY = Pattern.compile("hostel ready api=(\\S+) sandboxes=(\\d+) adopted=(\\d+)");

    private final Process process;
    private final Path temporary;
    private final Path out;
    private String api = "";
    private int adopted;

    private Daemon(Process process, Path temporary, Path out) {
        this.process = process;
        this.temporary = temporary;
        this.out = out;
    }

    /** @return once the host has said that it serves */
    public static Daemon start(List<String> settings, Path log) throws IOException {
        return start(settings, log, Map.of());
    }

    /** @param environment beside this JVM's own */
    public static Daemon start(List<String> settings, Path log, Map<String, String> environment) throws IOException {
        Daemon daemon = begin(settings, log, environment);
        if (!daemon.awaitReady()) {
            throw new AssertionError(
                    "the host ended with " + daemon.process.exitValue() + ":\n" + Files.readString(log));
        }
        return daemon;
    }

    /** @return as soon as there is a process */
    public static Daemon begin(List<String> settings, Path log, Map<String, String> environment) throws IOException {
        Path out = Files.createTempFile(log.getParent(), "ready", "");
        Path temporary = Files.createTempDirectory(log.getParent(), "tmp");
        ProcessBuilder builder = builder(settings);
        builder.environment().putAll(environment);
        builder.environment().put("HOSTEL_JAVA_OPTIONS", "-Djava.io.tmpdir=" + temporary);
        Process process = builder.redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()))
                .redirectOutput(out.toFile())
                .start();
        return new Daemon(process, temporary, out);
    }

    /** Waits until the host has said that it serves, or has ended. @return whether it serves */
    public boolean awaitReady() throws IOException {
        Awaitility.await("the host is ready or ends")
                .pollInterval(java.time.Duration.ofMillis(20))
                .atMost(Host.PATIENCE)
                .until(() -> !process.isAlive()
                        || READY.matcher(Files.readString(out)).find());
        Matcher ready = READY.matcher(Files.readString(out));
        if (!ready.find()) {
            return false;
        }
        api = ready.group(1);
        adopted = Integer.parseInt(ready.group(3));
        return true;
    }

    /** Runs it to its end, as with {@code --reap} or settings that will not do. @return its exit code and all it wrote */
    public static Shell.Outcome outcome(List<String> arguments) {
        List<String> command = new ArrayList<>(List.of(program()));
        command.addAll(arguments);
        return Shell.outcome(java.util.Map.of(), command.toArray(String[]::new));
    }

    public String api() {
        return api;
    }

    public int adopted() {
        return adopted;
    }

    public long pid() {
        return process.pid();
    }

    /** The temporary directory that it has for itself. */
    public Path temporary() {
        return temporary;
    }

    /** What lies in there. */
    public List<Path> temporaryFiles() throws IOException {
        try (Stream<Path> files = Files.list(temporary)) {
            return files.toList();
        }
    }

    public boolean isAlive() {
        return process.isAlive();
    }

    /** SIGTERM. @return its exit code */
    public int stop() throws InterruptedException {
        process.destroy();
        if (!process.waitFor(Patience.seconds(60).toSeconds(), TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new AssertionError("the host did not end in time after SIGTERM");
        }
        return process.exitValue();
    }

    /** It is being killed. */
    public void awaitEnd() throws InterruptedException {
        if (!process.waitFor(Patience.seconds(60).toSeconds(), TimeUnit.SECONDS)) {
            throw new AssertionError("the host did not end");
        }
    }

    /** SIGKILL. */
    public void kill() throws InterruptedException {
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
