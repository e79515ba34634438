package io.hostel.bench;

import java.util.Locale;

/** The API's answers on an idle host, and beside sandboxes that crash as often as the host lets them. */
final class ApiMeasure implements Measure {
    private static final int CALLS = 4_000;
    private static final int WARM_UP = 4_000;
    private static final int PAUSE_MICROS = 2_000;
    private static final int CRASHING = 100;

    @Override
    public void run(Place place, int number, Limit limit, Report report) throws Exception {
        int calls = number == 0 ? CALLS : number;
        Host host = Host.start(place);
        App quiet = host.deploy("web", Shape.WEB);
        host.api().makeTenant("crashing");
        report.say("Asking " + WARM_UP + " times to warm up and " + calls + " times");
        host.client().calls(quiet.path(), WARM_UP, 0);
        Times idle = host.client().calls(quiet.path(), calls, PAUSE_MICROS);
        report.say(String.format(Locale.ROOT, "%d sandboxes begin to crash", CRASHING));
        App crashing = host.deploy("crashing", "web", Shape.CRASHING.scaled(CRASHING), "");
        Times deploying = host.client().calls(quiet.path(), calls / 10, PAUSE_MICROS);
        awaitRestarts(host, crashing);
        Times busy = host.client().calls(quiet.path(), calls, PAUSE_MICROS);
        long restarts = 0;
        long backingOff = 0;
        for (var sandbox : host.api().get(crashing.path() + "/sandboxes").path("items")) {
            restarts += sandbox.path("restarts").asLong();
            backingOff += sandbox.path("state").asText().equals("backoff") ? 1 : 0;
        }
        report.say(restarts + " restarts; " + backingOff + " of " + CRASHING + " sandboxes back off");
        report.histograms(host.api().metrics());
        host.api().scale(crashing, 0, "");
        host.daemon().stop();

        report.times(
                idle.named("GET of an app, idle host"),
                deploying.named("GET of an app, " + CRASHING + " being deployed"),
                busy.named("GET of an app, " + CRASHING + " crash-looping"));
        report.add(
                Figure.plain("api: GET p50 beside 100 crash loops, against idle", busy.millis(0.5), "ms")
                        .beside(idle.millis(0.5)),
                Figure.plain("api: GET p99 while these are deployed, against idle", deploying.millis(0.99), "ms")
                        .beside(idle.millis(0.99)),
                Figure.plain("api: GET p99 beside 100 crash loops, against idle", busy.millis(0.99), "ms")
                        .atMostTimes(2, idle.millis(0.99)));
    }

    /** Until each has crashed at least once: from then on it is crash loops alone. */
    private static void awaitRestarts(Host host, App crashing) throws Exception {
        for (int i = 0; i < 600; i++) {
            int restarted = 0;
            for (var sandbox : host.api().get(crashing.path() + "/sandboxes").path("items")) {
                restarted += sandbox.path("restarts").asInt() > 0 ? 1 : 0;
            }
            if (restarted == CRASHING) {
                return;
            }
            Thread.sleep(100);
        }
        throw new IllegalStateException("not every sandbox has crashed within a minute");
    }
}
