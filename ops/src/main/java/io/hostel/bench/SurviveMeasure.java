package io.hostel.bench;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** The host's process killed and started again under load: requests must not notice. */
final class SurviveMeasure implements Measure {
    private static final int CYCLES = 20;
    private static final int APPS = 4;
    private static final int APP_SIZE = 5;
    private static final Duration BETWEEN = Duration.ofMillis(300);

    @Override
    public void run(Place place, int number, Limit limit, Report report) throws Exception {
        int cycles = number == 0 ? CYCLES : number;
        Host host = Host.start(place);
        List<App> apps = new ArrayList<>();
        for (int i = 0; i < APPS; i++) {
            apps.add(host.deploy("web" + i, Shape.WEB.scaled(APP_SIZE)));
        }
        Times ready = new Times("killed by SIGKILL: started to ready");
        Process load = host.client().load(apps);
        Client.Measured answered;
        try {
            for (int i = 0; i < cycles; i++) {
                Thread.sleep(BETWEEN.toMillis());
                host.daemon().kill();
                Thread.sleep(BETWEEN.toMillis());
                Daemon daemon = host.startAgain();
                ready.add(daemon.readyNanos());
                if (daemon.adopted() != APPS * APP_SIZE) {
                    throw new IOException("adopted " + daemon.adopted() + " of " + APPS * APP_SIZE);
                }
            }
            Thread.sleep(BETWEEN.toMillis());
            answered = host.client().endLoad(load);
        } finally {
            load.destroyForcibly();
        }
        report.histograms(host.api().metrics());
        report.say(host.doctor());
        host.daemon().stop();
        report.times(ready);
        report.add(
                Figure.plain("survive: failed requests in " + cycles + " kills", answered.count("failed"), "")
                        .atMost(0),
                Figure.plain("survive: requests", answered.count("asked"), ""),
                Figure.plain(
                        "survive: started to ready, " + APPS * APP_SIZE + " adopted, p50", ready.millis(0.5), "ms"));
    }
}
