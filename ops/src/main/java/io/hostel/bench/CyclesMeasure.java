package io.hostel.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Sandboxes made, asked once and taken away, side by side, for as long as it takes to use up what was made ahead. */
final class CyclesMeasure implements Measure {
    private static final int SECONDS = 10;
    private static final int LANES = 8;

    @Override
    public void run(Place place, int number, Limit limit, Report report) throws Exception {
        int seconds = number == 0 ? SECONDS : number;
        limit.run(report);
        Host host = Host.start(place);
        List<App> apps = new ArrayList<>();
        for (int i = 0; i < LANES; i++) {
            App app = host.deploy("lane" + i, Shape.WEB);
            host.api().scale(app, 0, Host.WAIT);
            apps.add(app);
        }
        report.say(LANES + " apps, each 0→1, one request, 1→0, for " + seconds + " s");
        Client.Measured cycles = host.client().cycles(seconds, apps);
        report.histograms(host.api().metrics());
        report.say(host.doctor());
        host.daemon().stop();
        limit.run(report);

        double rate = cycles.count("cycles") / (cycles.count("nanos") / 1e9);
        report.times(cycles.times("cycle").named("one cycle, " + LANES + " at a time"));
        report.say(String.format(
                Locale.ROOT,
                "%d cycles; requests that had to be repeated: %d",
                cycles.count("cycles"),
                cycles.count("retries")));
        report.add(Figure.plain("cycles: create, request, destroy, against plain C", rate, "/s")
                .atLeastTimes(0.4, limit.cyclesPerSecond()));
    }
}
