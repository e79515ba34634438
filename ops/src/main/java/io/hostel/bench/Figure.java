package io.hostel.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * One result, and what was wanted of it.
 *
 * @param base what it is compared with, in its unit; NaN where it stands for itself, or where the comparison was not made
 * @param sense whether the bound is an upper or a lower one
 * @param bound of the ratio to the base, or of the figure itself
 */
record Figure(String name, double measured, String unit, Against against, double base, Sense sense, double bound) {
    enum Against {
        ITSELF,
        BASE
    }

    enum Sense {
        AT_MOST,
        AT_LEAST,
        FOR_THE_RECORD
    }

    static Figure plain(String name, double measured, String unit) {
        return new Figure(name, measured, unit, Against.ITSELF, Double.NaN, Sense.FOR_THE_RECORD, Double.NaN);
    }

    Figure atMost(double most) {
        return new Figure(name, measured, unit, Against.ITSELF, Double.NaN, Sense.AT_MOST, most);
    }

    /** Compared with something, and no more wanted of it. */
    Figure beside(double other) {
        return new Figure(name, measured, unit, Against.BASE, other, Sense.FOR_THE_RECORD, Double.NaN);
    }

    /** @param to what it is compared with; NaN where that is not known in this run */
    Figure atMostTimes(double most, double to) {
        return new Figure(name, measured, unit, Against.BASE, to, Sense.AT_MOST, most);
    }

    Figure atLeastTimes(double least, double to) {
        return new Figure(name, measured, unit, Against.BASE, to, Sense.AT_LEAST, least);
    }

    private double ratio() {
        return measured / base;
    }

    private String verdict() {
        double judged = against == Against.BASE ? ratio() : measured;
        return switch (sense) {
            case FOR_THE_RECORD -> "";
            case AT_MOST -> Double.isNaN(judged) ? "not judged" : judged <= bound ? "met" : "NOT MET";
            case AT_LEAST -> Double.isNaN(judged) ? "not judged" : judged >= bound ? "met" : "NOT MET";
        };
    }

    private String wanted() {
        if (sense == Sense.FOR_THE_RECORD) {
            return "";
        }
        String words = sense == Sense.AT_MOST ? "at most " : "at least ";
        return words + (against == Against.BASE ? "×" + number(bound) : number(bound) + " " + unit);
    }

    static String heads() {
        return String.format(
                Locale.ROOT, "%-58s %14s %14s %8s  %-20s %s", "figure", "measured", "against", "ratio", "wanted", "");
    }

    void print() {
        System.out.printf(
                Locale.ROOT,
                "%-58s %14s %14s %8s  %-20s %s%n",
                name,
                number(measured) + " " + unit,
                Double.isNaN(base) ? "" : number(base) + " " + unit,
                Double.isNaN(base) ? "" : "×" + number(ratio()),
                wanted(),
                verdict());
    }

    String line() {
        return String.join(
                "\t",
                name,
                Double.toString(measured),
                unit,
                against.name(),
                Double.toString(base),
                sense.name(),
                Double.toString(bound));
    }

    static List<Figure> read(Path file) throws IOException {
        List<Figure> figures = new ArrayList<>();
        for (String line : Files.readAllLines(file)) {
            String[] words = line.split("\t", -1);
            figures.add(new Figure(
                    words[0],
                    Double.parseDouble(words[1]),
                    words[2],
                    Against.valueOf(words[3]),
                    Double.parseDouble(words[4]),
                    Sense.valueOf(words[5]),
                    Double.parseDouble(words[6])));
        }
        return figures;
    }

    private static String number(double value) {
        boolean whole = value == Math.rint(value) || Math.abs(value) >= 1000;
        return String.format(Locale.ROOT, whole ? "%.0f" : "%.2f", value);
    }
}
