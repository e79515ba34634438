package io.hostel.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Thousands of sandboxes on one machine: what one more costs, in time and in memory. */
final class ManyMeasure implements Measure {
    private static final int SANDBOXES = 3_000;
    private static final int APP_SIZE = 100;
    private static final int TENANT_APPS = 2;
    private static final int REGIONS = 3;
    private static final int PROBES = 60;
    private static final int WARM_UP = 40;
    private static final String STEP_WAIT = "60s";

    @Override
    public void run(Place place, int number, Limit limit, Report report) throws Exception {
        int wanted = number == 0 ? SANDBOXES : number;
        Host host = Host.start(place);
        App probe = host.deploy("probe", Shape.WEB);
        Flock flock = new Flock(host, report);
        host.client().launches(probe, WARM_UP, 1);
        List<Times> regions = new ArrayList<>();
        regions.add(probe(host, probe, 0, report));
        Memory empty = Memory.of(host.daemon().pid());
        long available = Machine.availableKib();
        long began = System.nanoTime();
        long raising = 0;
        for (int region = 1; region <= REGIONS && !flock.stopped; region++) {
            flock.raise(wanted * region / REGIONS);
            raising += System.nanoTime() - began;
            regions.add(probe(host, probe, flock.size(), report));
            began = System.nanoTime();
        }
        int reached = flock.size();
        long used = available - Machine.availableKib();
        Memory full = Memory.of(host.daemon().pid());
        Map<String, Memory.Sum> launched = Memory.launched(place.setting("network.bridge"));
        report.say(host.doctor());
        report.histograms(host.api().metrics());
        began = System.nanoTime();
        flock.dissolve();
        double dissolving = (System.nanoTime() - began) / 1e9;
        report.say(host.doctor());
        host.daemon().stop();

        report.times(regions.toArray(Times[]::new));
        launched.forEach((name, sum) -> report.say(String.format(
                Locale.ROOT,
                "%s: %d processes, private %.1f KiB each, pss %.1f KiB each",
                name,
                sum.processes(),
                (double) sum.memory().own() / sum.processes(),
                (double) sum.memory().pss() / sum.processes())));
        double own = launched.values().stream().mapToLong(s -> s.memory().own()).sum();
        report.add(
                Figure.plain("many: sandboxes that ran at once", reached, ""),
                Figure.plain("many: launch p50 with all of them, against none", last(regions), "ms")
                        .atMostTimes(2, regions.get(0).millis(0.5)),
                Figure.plain("many: host's RSS, empty", empty.rss() / 1024.0, "MiB")
                        .atMost(180),
                Figure.plain("many: host's RSS, with all", full.rss() / 1024.0, "MiB")
                        .atMost(300),
                Figure.plain("many: host's PSS, empty", empty.pss() / 1024.0, "MiB"),
                Figure.plain("many: host's PSS, with all", full.pss() / 1024.0, "MiB"),
                Figure.plain("many: monitor and init, private, each sandbox", own / Math.max(1, reached), "KiB")
                        .atMost(150),
                Figure.plain("many: MemAvailable, each sandbox", (double) used / Math.max(1, reached), "KiB"),
                Figure.plain("many: raised, all", raising / 1e9, "s"),
                Figure.plain("many: taken away, all", dissolving, "s"));
        if (reached < wanted) {
            throw new IOException("only " + reached + " of " + wanted + " sandboxes came to run");
        }
    }

    private static Times probe(Host host, App probe, int beside, Report report)
            throws IOException, InterruptedException {
        Times launch = host.client()
                .launches(probe, 5, PROBES)
                .times("launch")
                .named("PATCH 0→1 to HTTP 200 beside " + beside + " sandboxes");
        report.say(String.format(Locale.ROOT, "launch beside %d sandboxes: p50 %.2f ms", beside, launch.millis(0.5)));
        return launch;
    }

    private static double last(List<Times> regions) {
        return regions.get(regions.size() - 1).millis(0.5);
    }

    /** Sandboxes of several tenants, raised app by app. */
    private static final class Flock {
        private final Host host;
        private final Report report;
        private final List<App> apps = new ArrayList<>();
        private int size;
        private boolean stopped;

        Flock(Host host, Report report) {
            this.host = host;
            this.report = report;
        }

        int size() {
            return size;
        }

        /** Ends short of the number where the host does not come further; what runs then is measured all the same. */
        void raise(int to) throws IOException, InterruptedException {
            while (size < to && !stopped) {
                App app = size % APP_SIZE == 0 ? next() : apps.get(apps.size() - 1);
                int more = Math.min(APP_SIZE - size % APP_SIZE, to - size);
                int scale = size % APP_SIZE + more;
                long began = System.nanoTime();
                try {
                    host.api().scale(app, scale, STEP_WAIT);
                    size += more;
                    double took = (System.nanoTime() - began) / 1e9;
                    report.say(String.format(
                            Locale.ROOT,
                            "%d sandboxes; the last %d in %.2f s, %.0f a second",
                            size,
                            more,
                            took,
                            more / took));
                } catch (IOException e) {
                    stopped = true;
                    report.say("No more than " + size + ": " + e.getMessage());
                    host.api().scale(app, size % APP_SIZE, STEP_WAIT); // what was begun would take the probe's place
                }
            }
        }

        private App next() throws IOException, InterruptedException {
            int index = apps.size();
            String tenant = "flock" + index / TENANT_APPS;
            if (index % TENANT_APPS == 0) {
                host.api().makeTenant(tenant);
            }
            App app = host.deploy(tenant, "web" + index, Shape.TINY, Host.WAIT);
            apps.add(app);
            return app;
        }

        void dissolve() throws IOException, InterruptedException {
            for (App app : apps) {
                host.api().scale(app, 0, "");
            }
            for (App app : apps) {
                host.api().scale(app, 0, Host.WAIT);
            }
            report.say("All taken away");
        }
    }
}
