package io.hostel.acceptance;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Programs of the machine that look at it, or make it what a test needs. */
public final class Shell {

    /** How a program ended, and all that it wrote. */
    public record Outcome(int code, String output) {}

    private Shell() {}

    /** Runs a program to its end. @throws AssertionError where it ends with anything but 0 */
    public static String run(String... command) {
        Outcome outcome = outcome(Map.of(), command);
        if (outcome.code() != 0) {
            throw new AssertionError(
                    String.join(" ", command) + ": exit code " + outcome.code() + "\n" + outcome.output());
        }
        return outcome.output();
    }

    public static Outcome outcome(Map<String, String> environment, String... command) {
        try {
            ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
            builder.environment().putAll(environment);
            // The tests' java is a script whose parent surefire takes for a Java home: nobody else should.
            builder.environment().remove("JAVA_HOME");
            Process process = builder.start();
            process.getOutputStream().close();
            // Its output ends with it, so the one that does not end is not waited for by reading.
            CompletableFuture<Void> tooLong = CompletableFuture.runAsync(
                    process::destroyForcibly,
                    CompletableFuture.delayedExecutor(Patience.seconds(120).toSeconds(), TimeUnit.SECONDS));
            String output;
            try (InputStream in = process.getInputStream()) {
                output = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            }
            process.waitFor();
            if (!tooLong.cancel(false)) {
                throw new AssertionError(String.join(" ", command) + " did not end: " + output);
            }
            return new Outcome(process.exitValue(), output);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }

    /** Like {@link #run}, in the network namespace of a process. */
    public static String inNetworkOf(long pid, String... command) {
        return run(enter(pid, command));
    }

    public static Outcome outcomeInNetworkOf(long pid, String... command) {
        return outcome(Map.of(), enter(pid, command));
    }

    private static String[] enter(long pid, String... command) {
        List<String> all = new java.util.ArrayList<>(List.of("nsenter", "--target", Long.toString(pid), "--net", "--"));
        all.addAll(List.of(command));
        return all.toArray(String[]::new);
    }

    /** What curl(1) gets from a URL, at the machine itself. @throws AssertionError where it gets nothing */
    public static String curl(String url) {
        return run("curl", "-sS", "--max-time", Patience.number(10), url);
    }

    /** A directory of a disk's own file system, where hosts can have their state: /var/tmp, or {@code -Dhostel.test.disk}. */
    public static Path disk() {
        return Path.of(System.getProperty("hostel.test.disk", "/var/tmp"));
    }

    /** The repository's root. */
    public static Path root() {
        return Path.of(System.getProperty("hostel.root", "")).toAbsolutePath();
    }
}
