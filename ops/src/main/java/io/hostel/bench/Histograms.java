package io.hostel.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads the histograms of a Prometheus text and says what they show; quantiles are upper bounds of their buckets. */
final class Histograms {
    private static final Pattern SAMPLE =
            Pattern.compile("^(hostel_\\w+?)_(bucket|sum|count)(?:\\{(.*)})? ([0-9.eE+-]+|\\+?Inf)(?: .*)?$");
    private static final Pattern BOUND = Pattern.compile("le=\"([^\"]+)\",?");

    private record Series(TreeMap<Double, Double> buckets, double[] sumAndCount) {}

    private Histograms() {}

    static List<String> summary(String text) {
        Map<String, Series> all = new TreeMap<>();
        for (String line : text.split("\n")) {
            Matcher sample = SAMPLE.matcher(line);
            if (sample.matches()) {
                record(all, sample);
            }
        }
        List<String> lines = new ArrayList<>();
        all.forEach((name, series) -> {
            double count = series.sumAndCount()[1];
            if (count > 0 && !series.buckets().isEmpty() && name.contains("seconds")) {
                lines.add(String.format(
                        Locale.ROOT,
                        "%-52s %9.2f %9.2f mean %.2f n %.0f",
                        name,
                        1e3 * quantile(series, 0.5),
                        1e3 * quantile(series, 0.95),
                        1e3 * series.sumAndCount()[0] / count,
                        count));
            }
        });
        return lines;
    }

    private static void record(Map<String, Series> all, Matcher sample) {
        String labels = sample.group(3) == null ? "" : sample.group(3);
        Matcher bound = BOUND.matcher(labels);
        String rest = bound.replaceAll("").replaceAll(",$", "");
        Series series = all.computeIfAbsent(
                sample.group(1) + "{" + rest + "}", name -> new Series(new TreeMap<>(), new double[2]));
        double value = Double.parseDouble(sample.group(4));
        switch (sample.group(2)) {
            case "sum" -> series.sumAndCount()[0] = value;
            case "count" -> series.sumAndCount()[1] = value;
            default -> {
                Matcher le = BOUND.matcher(labels);
                if (le.find()) {
                    double upper =
                            le.group(1).equals("+Inf") ? Double.POSITIVE_INFINITY : Double.parseDouble(le.group(1));
                    series.buckets().put(upper, value);
                }
            }
        }
    }

    private static double quantile(Series series, double quantile) {
        double wanted = quantile * series.sumAndCount()[1];
        for (Map.Entry<Double, Double> bucket : series.buckets().entrySet()) {
            if (bucket.getValue() >= wanted) {
                return bucket.getKey();
            }
        }
        return Double.POSITIVE_INFINITY;
    }
}
