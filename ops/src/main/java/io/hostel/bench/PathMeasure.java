package io.hostel.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What the way to a sandbox costs: requests a second by wrk on kept connections. The host's process is stopped while its published
 * port is asked, which it must not be missed for.
 */
final class PathMeasure implements Measure {
    private static final int SECONDS = 3;
    private static final int ROUNDS = 3;
    private static final int LOCAL_PORT = 18_080;
    private static final Pattern RATE = Pattern.compile("Requests/sec:\\s*([0-9.]+)");
    private static final Pattern FAILURE = Pattern.compile("(?m)^\\s*(Socket errors:.*|Non-2xx.*)$");

    @Override
    public void run(Place place, int number, Limit limit, Report report) throws Exception {
        int rounds = number == 0 ? ROUNDS : number;
        Host host = Host.start(place);
        App app = host.deploy("web", Shape.WEB.withCpus(16));
        List<Double> loopback = new ArrayList<>();
        List<Double> fromHost = new ArrayList<>();
        List<Double> fromWorld = new ArrayList<>();
        List<Double> withHost = new ArrayList<>();
        List<String> failures = new ArrayList<>();
        ProcessBuilder builder =
                new ProcessBuilder(place.programs().resolve("server").toString());
        builder.environment().put("PORT", Integer.toString(LOCAL_PORT));
        Process local = place.noted(builder.start());
        Daemon daemon = host.daemon();
        long ticks;
        try (WorldClient world = WorldClient.link()) {
            List<String> wrk = List.of("wrk");
            ask(wrk, "127.0.0.1", LOCAL_PORT, failures);
            ask(wrk, "127.0.0.1", app.port(), failures);
            ask(world.inside("wrk"), world.machine(), app.port(), failures);
            for (int i = 0; i < rounds; i++) {
                withHost.add(ask(wrk, "127.0.0.1", app.port(), failures));
            }
            ticks = daemon.processorTicks();
            daemon.signal("STOP");
            for (int i = 0; i < rounds; i++) {
                loopback.add(ask(wrk, "127.0.0.1", LOCAL_PORT, failures));
                fromHost.add(ask(wrk, "127.0.0.1", app.port(), failures));
                fromWorld.add(ask(world.inside("wrk"), world.machine(), app.port(), failures));
                report.say(String.format(
                        Locale.ROOT,
                        "requests/s: loopback %.0f, published port %.0f, from another namespace %.0f",
                        loopback.get(i),
                        fromHost.get(i),
                        fromWorld.get(i)));
            }
            ticks = daemon.processorTicks() - ticks;
        } finally {
            daemon.signal("CONT");
            local.destroyForcibly();
        }
        report.histograms(host.api().metrics());
        daemon.stop();
        report.say("The host's process was stopped meanwhile (SIGSTOP), and took " + 10 * ticks
                + " ms of processor time; failures: " + (failures.isEmpty() ? "none" : failures));
        report.add(
                Figure.plain("path: requests through the published port, against loopback", median(fromHost), "/s")
                        .atLeastTimes(0.75, median(loopback)),
                Figure.plain("path: the same with the host's process running", median(withHost), "/s")
                        .atLeastTimes(0.75, median(loopback)),
                Figure.plain("path: the same from another network namespace", median(fromWorld), "/s")
                        .atLeastTimes(0.75, median(loopback)),
                Figure.plain("path: host's processor time meanwhile", 10.0 * ticks, "ms")
                        .atMost(0),
                Figure.plain("path: runs with failed requests", failures.size(), "")
                        .atMost(0));
    }

    private static double ask(List<String> wrk, String address, int port, List<String> failures)
            throws IOException, InterruptedException {
        List<String> words = new ArrayList<>(wrk);
        words.addAll(Arrays.asList("-t1", "-c32", "-d" + SECONDS + "s", "http://" + address + ":" + port + "/"));
        String said = Program.run(words);
        Matcher failure = FAILURE.matcher(said);
        if (failure.find()) {
            failures.add(failure.group(1));
        }
        Matcher rate = RATE.matcher(said);
        if (!rate.find()) {
            throw new IOException("wrk said no rate: " + said);
        }
        return Double.parseDouble(rate.group(1));
    }

    private static double median(List<Double> rates) {
        return rates.stream().sorted().toList().get(rates.size() / 2);
    }
}
