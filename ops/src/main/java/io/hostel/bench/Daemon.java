package io.hostel.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** One life of the host's process. */
final class Daemon {
    private static final Pattern READY = Pattern.compile("hostel ready .*sandboxes=(\\d+) adopted=(\\d+).*");

    private final Process process;
    private final long readyNanos;
    private final int adopted;

    private Daemon(Process process, long readyNanos, int adopted) {
        this.process = process;
        this.readyNanos = readyNanos;
        this.adopted = adopted;
    }

    /** Returns when the host has said that it is ready. */
    static Daemon start(Place place) throws IOException {
        List<String> words =
                new ArrayList<>(List.of(place.dist().resolve("bin/hostd").toString()));
        words.addAll(place.settings());
        long began = System.nanoTime();
        Process process = new ProcessBuilder(words)
                .redirectError(Redirect.appendTo(place.hostLog().toFile()))
                .start();
        place.noted(process);
        process.getOutputStream().close();
        BufferedReader lines = process.inputReader(StandardCharsets.UTF_8);
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            Matcher ready = READY.matcher(line);
            if (ready.matches()) {
                return new Daemon(process, System.nanoTime() - began, Integer.parseInt(ready.group(2)));
            }
        }
        throw new IOException("the host ended before it was ready; its log is " + place.hostLog());
    }

    /** From before its process was started to its line {@code hostel ready}. */
    long readyNanos() {
        return readyNanos;
    }

    int adopted() {
        return adopted;
    }

    long pid() {
        return process.pid();
    }

    /** SIGTERM; the sandboxes go on. */
    void stop() throws InterruptedException {
        process.destroy();
        process.waitFor();
    }

    /** SIGKILL. */
    void kill() throws InterruptedException {
        process.destroyForcibly();
        process.waitFor();
    }

    void signal(String name) throws IOException, InterruptedException {
        Program.run("kill", "-" + name, Long.toString(pid()));
    }

    /** Its time on the processors since its start, user and system: fields 14 and 15 of proc(5)'s stat, in hundredths of a second. */
    long processorTicks() throws IOException {
        String stat = Files.readString(Path.of("/proc/" + pid() + "/stat"));
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
        return Long.parseLong(fields[11]) + Long.parseLong(fields[12]);
    }
}
