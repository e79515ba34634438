package io.hostel.acceptance;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;

/** {@code killat} at work on one process: it ends it with SIGKILL where it is about to change something for the Nth time. */
final class KillAt implements AutoCloseable {
    private static final Path PROGRAM = Shell.root().resolve("ops/target/killat");

    private final Process process;
    private final Path output;

    private KillAt(Process process, Path output) {
        this.process = process;
        this.output = output;
    }

    /** Builds the program. */
    static void build() {
        TestProgram.build("test/c/killat.c");
    }

    /** @return once every thread of the process is watched */
    static KillAt watch(long pid, int n, Path directory) throws IOException {
        Path output = Files.createTempFile(directory, "killat", "");
        Process process = new ProcessBuilder(PROGRAM.toString(), Long.toString(pid), Integer.toString(n))
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        KillAt watching = new KillAt(process, output);
        Awaitility.await("the process is watched")
                .pollInterval(java.time.Duration.ofMillis(5))
                .atMost(Host.PATIENCE)
                .until(() -> !process.isAlive() || watching.lines().contains("armed"));
        if (!watching.lines().contains("armed")) {
            throw new AssertionError("killat " + pid + ": " + watching.lines());
        }
        return watching;
    }

    private List<String> lines() throws IOException {
        return Files.readAllLines(output);
    }

    /** Has it ended the process? */
    boolean killed() throws IOException {
        return !process.isAlive() && lines().contains("killed");
    }

    /** What the process did so far, and last what it was about to do where it was killed. */
    List<String> effects() throws IOException {
        return lines().stream()
                .filter(line -> !line.isEmpty() && Character.isDigit(line.charAt(0)))
                .toList();
    }

    /** Lets go of the process, which goes on where it has not been killed. */
    @Override
    public void close() throws IOException {
        process.getOutputStream().close();
        try {
            if (!process.waitFor(10, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new AssertionError("killat did not end");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        Files.delete(output);
    }
}
