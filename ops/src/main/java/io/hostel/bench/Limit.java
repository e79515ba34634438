package io.hostel.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a program that makes the same system calls and nothing else takes on this machine: the limit for any host. Its command
 * prints sections, each after a title that begins with {@code ##}; they are told apart by words of their titles. It is run before
 * and after a measure, and the mean counts, for a machine's speed moves within minutes.
 */
final class Limit {
    private static final Pattern MEDIAN = Pattern.compile("p50=\\s*([0-9.]+).*?\\b(us|ms)\\b");
    private static final Pattern RATE = Pattern.compile("sustained\\s+([0-9.]+)/s");

    private final String command;
    private final List<Double> launches = new ArrayList<>();
    private final List<Double> freshLaunches = new ArrayList<>();
    private final List<Double> restarts = new ArrayList<>();
    private final List<Double> cycles = new ArrayList<>();

    /** @param command for the shell, "" where there is none */
    Limit(String command) {
        this.command = command;
    }

    /** Runs it once more. */
    void run(Report report) throws IOException, InterruptedException {
        if (command.isEmpty()) {
            return;
        }
        report.say("Running the limit: " + command);
        read(Program.run("bash", "-c", command));
        report.say(String.format(
                Locale.ROOT,
                "Limit so far: launch with a warm slot %s ms, from nothing %s ms, restart %s ms, cycles %s/s",
                launches,
                freshLaunches,
                restarts,
                cycles));
    }

    /** Takes the figures of one run from what it said; what is not understood is left out. */
    void read(String said) {
        String title = "";
        for (String line : said.split("\n")) {
            String words = line.strip().toLowerCase(Locale.ROOT);
            if (words.startsWith("##")) {
                title = words;
            } else if (title.contains("create+destroy") || title.contains("threads")) {
                if (title.contains("pool")) {
                    find(RATE, words, cycles);
                }
            } else if (words.contains("http 200") && (title.contains("killed") || words.startsWith("restart"))) {
                find(MEDIAN, words, restarts);
            } else if (words.startsWith("total") && words.contains("http 200")) {
                find(MEDIAN, words, title.contains("pool") ? launches : freshLaunches);
            }
        }
    }

    private static void find(Pattern pattern, String line, List<Double> into) {
        Matcher matcher = pattern.matcher(line);
        if (matcher.find()) {
            boolean micros = matcher.groupCount() > 1 && matcher.group(2).equals("us");
            double value = Double.parseDouble(matcher.group(1)) / (micros ? 1_000 : 1);
            into.add(Math.rint(1_000 * value) / 1_000);
        }
    }

    /** A launch with a warm slot, milliseconds; NaN where it is not known. */
    double launchMillis() {
        return mean(launches);
    }

    /** A launch with nothing made before, milliseconds; NaN where it is not known. */
    double freshLaunchMillis() {
        return mean(freshLaunches);
    }

    double restartMillis() {
        return mean(restarts);
    }

    double cyclesPerSecond() {
        return mean(cycles);
    }

    private static double mean(List<Double> values) {
        return values.stream().mapToDouble(Double::doubleValue).average().orElse(Double.NaN);
    }
}
