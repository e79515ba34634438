package io.hostel.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The client in C: what it is asked to do, and what it measured. The head of client.c says its commands. */
final class Client {
    /** @param times and @param counts by name */
    record Measured(Map<String, Times> times, Map<String, Long> counts) {
        Times times(String name) {
            return times.getOrDefault(name, new Times(name));
        }

        long count(String name) {
            return counts.getOrDefault(name, 0L);
        }
    }

    private final Place place;
    private final String token;

    Client(Place place, String token) {
        this.place = place;
        this.token = token;
    }

    Measured launches(App app, int warmUp, int rounds) throws IOException, InterruptedException {
        return run("launches", port(), app.text(), Integer.toString(warmUp), Integer.toString(rounds));
    }

    Measured bursts(int rounds, List<App> apps) throws IOException, InterruptedException {
        return withApps(List.of("bursts", port(), Integer.toString(rounds)), apps);
    }

    Measured restarts(App app, int warmUp, int rounds) throws IOException, InterruptedException {
        return run("restarts", port(), app.text(), Integer.toString(warmUp), Integer.toString(rounds));
    }

    Measured cycles(int seconds, List<App> apps) throws IOException, InterruptedException {
        return withApps(List.of("cycles", port(), Integer.toString(seconds)), apps);
    }

    private Measured withApps(List<String> command, List<App> apps) throws IOException, InterruptedException {
        List<String> words = new ArrayList<>(command);
        apps.forEach(app -> words.add(app.text()));
        return run(words.toArray(String[]::new));
    }

    Times calls(String path, int rounds, int pauseMicros) throws IOException, InterruptedException {
        return run("calls", port(), path, Integer.toString(rounds), Integer.toString(pauseMicros))
                .times("GET");
    }

    /** Asks without a pause until {@link #endLoad}. */
    Process load(List<App> apps) throws IOException {
        List<String> words = new ArrayList<>(List.of("load"));
        apps.forEach(app -> words.add(Integer.toString(app.port())));
        return start(words.toArray(String[]::new));
    }

    Measured endLoad(Process load) throws IOException, InterruptedException {
        load.getOutputStream().close();
        return read(Program.outcome(load, List.of("load")));
    }

    private String port() {
        return Integer.toString(place.apiPort());
    }

    private Measured run(String... words) throws IOException, InterruptedException {
        Process process = start(words);
        process.getOutputStream().close();
        return read(Program.outcome(process, List.of(words)));
    }

    private Process start(String... words) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(
                        place.programs().resolve("client").toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT);
        builder.command().addAll(List.of(words));
        builder.environment().put("HOSTEL_TOKEN", token);
        return place.noted(builder.start());
    }

    private static Measured read(String said) {
        Measured measured = new Measured(new HashMap<>(), new HashMap<>());
        said.lines().map(line -> line.split("\t", -1)).forEach(words -> {
            if (words[0].equals("time")) {
                measured.times().computeIfAbsent(words[1], Times::new).add(Long.parseLong(words[2]));
            } else {
                measured.counts().put(words[1], Long.parseLong(words[2]));
            }
        });
        return measured;
    }
}
