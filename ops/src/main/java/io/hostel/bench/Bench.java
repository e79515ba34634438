package io.hostel.bench;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** The benchmarks' entry point, called by {@code ops/bench} in namespaces that end with it. */
public final class Bench {
    private static final Map<String, Measure> MEASURES = Map.of(
            "launch", new LaunchMeasure(),
            "cycles", new CyclesMeasure(),
            "many", new ManyMeasure(),
            "path", new PathMeasure(),
            "start", new StartMeasure(),
            "api", new ApiMeasure(),
            "survive", new SurviveMeasure());

    private Bench() {}

    /**
     * @param arguments a measure's name, the distribution, the programs, the work directory, a number or 0, the limit's command or
     *     "", then the host's settings; or "table" and the file of figures
     */
    public static void main(String[] arguments) throws Exception {
        if (arguments[0].equals("table")) {
            Figure.read(Path.of(arguments[1])).forEach(Figure::print);
            return;
        }
        Measure measure = MEASURES.get(arguments[0]);
        if (measure == null) {
            throw new IllegalArgumentException("no measure " + arguments[0]);
        }
        List<String> settings = Arrays.asList(arguments).subList(6, arguments.length);
        Place place = new Place(Path.of(arguments[1]), Path.of(arguments[2]), Path.of(arguments[3]), settings);
        Report report = new Report();
        report.say(Machine.line());
        try {
            measure.run(place, Integer.parseInt(arguments[4]), new Limit(arguments[5]), report);
        } finally {
            report.say(Machine.line());
            report.finish(place.work().resolve("figures"));
        }
    }
}
