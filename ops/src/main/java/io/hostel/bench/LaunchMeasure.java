package io.hostel.bench;

import java.util.ArrayList;
import java.util.List;

/** One sandbox, launched and restarted again and again, as a client on the same machine sees it. */
final class LaunchMeasure implements Measure {
    private static final int ROUNDS = 200;

    /** The host's virtual machine compiles what is used often: the first rounds are slower than the rest. */
    private static final int WARM_UP = 100;

    private static final int RESTART_WARM_UP = 30;

    /** Fewer than slots are made ahead: a burst uses up none. */
    private static final int BURST = 16;

    @Override
    public void run(Place place, int number, Limit limit, Report report) throws Exception {
        int rounds = number == 0 ? ROUNDS : number;
        limit.run(report);
        Host host = Host.start(place);
        App app = host.deploy("web", Shape.WEB);
        report.say("Launching " + WARM_UP + " times to warm up and " + rounds + " times");
        Client.Measured launches = host.client().launches(app, WARM_UP, rounds);
        report.say("Killing PID 1 " + RESTART_WARM_UP + " times to warm up and " + rounds + " times");
        Client.Measured restarts = host.client().restarts(app, RESTART_WARM_UP, rounds);
        List<App> burst = new ArrayList<>();
        for (int i = 0; i < BURST; i++) {
            burst.add(host.deploy("burst" + i, Shape.WEB));
        }
        int bursts = Math.max(1, rounds / BURST);
        report.say("Launching and killing " + bursts + " bursts of " + BURST + ", one right after another");
        Client.Measured inBursts = host.client().bursts(bursts, burst);
        report.histograms(host.api().metrics());
        report.say(host.doctor());
        host.daemon().stop();
        limit.run(report);

        Times launch = launches.times("launch");
        Times launchInBurst = inBursts.times("launch in a burst");
        Times restartInBurst = inBursts.times("restart in a burst");
        Times restart = restarts.times("restart");
        report.times(
                launch.named("PATCH 0→1 to HTTP 200 by the published port"),
                launches.times("launch: PATCH answered").named("  of which until the PATCH was answered"),
                restart.named("PID 1 killed to HTTP 200 again"),
                launchInBurst.named("PATCH 0→1 to HTTP 200, one app right after another"),
                restartInBurst.named("PID 1 killed to HTTP 200 again, one app right after another"),
                launches.times("stop").named("scale 1→0, settled"),
                launches.times("own: PATCH, unchanged").named("client and API alone: PATCH that changes nothing"),
                launches.times("own: GET /healthz").named("client and API alone: GET /healthz"),
                launches.times("own: GET on the published port").named("client alone: GET on the published port"));
        long slots = launches.count("warm slots");
        report.say((slots < 0 ? "The host tells of no warm slots" : slots + " warm slots")
                + "; attempts that got neither answer nor refusal within 50 ms: "
                + launches.count("lost") + " in launches, " + restarts.count("lost") + " in restarts");
        report.add(
                Figure.plain("launch: PATCH 0→1 to HTTP 200, p50, against plain C", launch.millis(0.5), "ms")
                        .atMostTimes(2.5, limit.launchMillis()),
                Figure.plain("launch: PATCH 0→1 to HTTP 200, p95", launch.millis(0.95), "ms"),
                Figure.plain("launch: PATCH 0→1 to HTTP 200, p99", launch.millis(0.99), "ms")
                        .atMost(20),
                Figure.plain("launch: PID 1 killed to HTTP 200, p50, against plain C", restart.millis(0.5), "ms")
                        .atMostTimes(2.5, limit.restartMillis()),
                Figure.plain("launch: PID 1 killed to HTTP 200, p99", restart.millis(0.99), "ms"),
                Figure.plain("launch: PATCH 0→1, one app right after another, p50", launchInBurst.millis(0.5), "ms")
                        .beside(limit.launchMillis()),
                Figure.plain("launch: PID 1 killed, one app right after another, p50", restartInBurst.millis(0.5), "ms")
                        .beside(limit.restartMillis()));
    }
}
