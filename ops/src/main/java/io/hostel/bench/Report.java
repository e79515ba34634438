package io.hostel.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What a measure has to say: at once what it does, at its end what came out. */
final class Report {
    private final long began = System.nanoTime();
    private final List<Figure> figures = new ArrayList<>();

    void say(String line) {
        System.out.printf(Locale.ROOT, "%5.0f s  %s%n", (System.nanoTime() - began) / 1e9, line);
    }

    void times(Times... all) {
        System.out.println(Times.heads());
        for (Times times : all) {
            System.out.println(times);
        }
    }

    void histograms(String metrics) {
        List<String> lines = Histograms.summary(metrics);
        if (!lines.isEmpty()) {
            System.out.println(
                    "The host's own histograms since its start (milliseconds; p50 and p95 are bucket bounds):");
            lines.forEach(System.out::println);
        }
    }

    void add(Figure... more) {
        figures.addAll(List.of(more));
    }

    /** Prints the figures, and leaves them in a file for the table of all measures. */
    void finish(Path file) throws IOException {
        System.out.println(Figure.heads());
        figures.forEach(Figure::print);
        Files.write(file, figures.stream().map(Figure::line).toList());
    }
}
