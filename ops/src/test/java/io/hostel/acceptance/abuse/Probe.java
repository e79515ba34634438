package io.hostel.acceptance.abuse;

import io.hostel.acceptance.Patience;
import io.hostel.acceptance.Shell;
import io.hostel.acceptance.TestProgram;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/** A client of small cost that asks the same again and again, {@code probe.c}. */
final class Probe {

    /** What it saw. @param statuses how many answers of each; 0 stands for none */
    record Seen(Times times, Map<Integer, Integer> statuses) {
        /** How many were not answered, or with anything but 200. */
        int failed() {
            return times.count() - statuses.getOrDefault(200, 0);
        }
    }

    private final Process process;
    private final Path output;

    private Probe(Process process, Path output) {
        this.process = process;
        this.output = output;
    }

    static void build() {
        TestProgram.build("test/c/probe.c");
    }

    /**
     * Begins to ask.
     *
     * @param place in whose network namespace: a process; 0 stands for this one
     * @param token or ""
     */
    static Probe begin(long place, String address, int port, String path, String token, int periodMillis)
            throws IOException {
        List<String> command = new ArrayList<>();
        if (place != 0) command.addAll(List.of("nsenter", "--target", Long.toString(place), "--net", "--"));
        command.add(Shell.root().resolve("ops/target/probe").toString());
        command.addAll(List.of(address, Integer.toString(port), path, Integer.toString(periodMillis)));
        Path output = Files.createTempFile("probe", "");
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile());
        if (!token.isEmpty()) builder.environment().put("HOSTEL_TOKEN", token);
        return new Probe(builder.start(), output);
    }

    /** Asks no more. */
    Seen end() throws IOException, InterruptedException {
        process.getOutputStream().close();
        if (!process.waitFor(Patience.seconds(60).toSeconds(), TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new AssertionError("the probe did not end");
        }
        List<Double> millis = new ArrayList<>();
        Map<Integer, Integer> statuses = new TreeMap<>();
        for (String line : Files.readAllLines(output)) {
            String[] words = line.split(" ");
            millis.add(Long.parseLong(words[0]) / 1000.0);
            statuses.merge(Integer.parseInt(words[1]), 1, Integer::sum);
        }
        Files.delete(output);
        return new Seen(new Times(millis), statuses);
    }
}
