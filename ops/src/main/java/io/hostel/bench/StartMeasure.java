package io.hostel.bench;

import java.io.IOException;
import java.util.Locale;

/** The host's start: from its process's to the line {@code hostel ready}. */
final class StartMeasure implements Measure {
    private static final int ROUNDS = 10;
    private static final int AGAIN = 5;
    private static final int APP_SIZE = 100;
    private static final int[] ADOPTED = {100, 500};

    @Override
    public void run(Place place, int number, Limit limit, Report report) throws Exception {
        int rounds = number == 0 ? ROUNDS : number;
        Times first = new Times("first start, empty state directory");
        Times again = new Times("start, nothing to adopt");
        report.say("Starting " + rounds + " hosts from nothing");
        for (int i = 0; i < rounds; i++) {
            Daemon daemon = Daemon.start(place);
            first.add(daemon.readyNanos());
            daemon.stop();
            daemon = Daemon.start(place);
            again.add(daemon.readyNanos());
            daemon.stop();
            clear(place);
        }
        report.say(String.format(
                Locale.ROOT, "first start p50 %.0f ms, again %.0f ms", first.millis(0.5), again.millis(0.5)));
        report.add(
                Figure.plain("start: on an empty state, p50", first.millis(0.5), "ms")
                        .atMost(1_500),
                Figure.plain("start: on an empty state, max", first.millis(1), "ms")
                        .atMost(1_500));
        Times[] adopting = new Times[ADOPTED.length];
        Host host = Host.start(place);
        int running = 0;
        for (int i = 0; i < ADOPTED.length; i++) {
            for (; running < ADOPTED[i]; running += APP_SIZE) {
                host.deploy("web" + running, Shape.TINY.scaled(APP_SIZE));
            }
            adopting[i] = new Times("start, adopting " + running);
            for (int round = 0; round < AGAIN; round++) {
                host.daemon().stop();
                Daemon daemon = host.startAgain();
                if (daemon.adopted() != running) {
                    throw new IOException("adopted " + daemon.adopted() + " of " + running);
                }
                adopting[i].add(daemon.readyNanos());
            }
            report.say(String.format(Locale.ROOT, "adopting %d: p50 %.0f ms", running, adopting[i].millis(0.5)));
            report.add(Figure.plain("start: adopting " + running + ", p50", adopting[i].millis(0.5), "ms"));
        }
        report.say(host.doctor());
        report.histograms(host.api().metrics());
        host.daemon().stop();
        report.times(first, again, adopting[0], adopting[1]);
    }

    /** Takes away all that a host has made, its state included. */
    private static void clear(Place place) throws IOException, InterruptedException {
        String reap = "\"$0\" --reap \"$@\" >>" + place.hostLog() + " 2>&1";
        java.util.List<String> words = new java.util.ArrayList<>(java.util.List.of(
                "bash", "-c", reap, place.dist().resolve("bin/hostd").toString()));
        words.addAll(place.settings());
        Program.run(words);
        Program.run("rm", "-rf", "--one-file-system", place.stateDir().toString());
    }
}
