package io.hostel.tenant;

import io.hostel.api.ReleaseSpec;
import io.hostel.api.ReleaseView;
import io.hostel.api.ReleaseView.Status;
import io.hostel.store.DesiredState;
import io.hostel.store.DesiredState.StoredApp;
import io.hostel.store.DesiredState.StoredRelease;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * One change of what is recorded of an app.
 *
 * @param after what holds once it is recorded
 * @param write records it
 * @param event kind of the event that goes with it
 */
record AppChange(AppRecord after, Consumer<DesiredState> write, String event, Map<String, String> details) {
    /** Of processes that no release has any more, too: beyond that they are forgotten. */
    private static final int MOST_SCALES = 100;

    /** A new release; one that was being deployed is superseded. */
    static AppChange deploy(AppRecord before, ReleaseSpec spec, Map<String, Integer> newPorts, Instant now) {
        StoredApp old = before.app();
        int number = old.latest() + 1;
        Map<String, Integer> ports = new HashMap<>(old.ports());
        ports.putAll(newPorts);
        Map<String, Integer> scales = new HashMap<>(old.scales());
        if (old.live() == 0) { // those that were set are the release's before
            scales.keySet()
                    .removeIf(name -> !spec.processes().containsKey(name)
                            || spec.processes().get(name).scale().isPresent());
        }
        StoredApp app = new StoredApp(old.tenant(), old.app(), old.live(), number, scales, ports, false);
        ReleaseView release = new ReleaseView(number, Status.DEPLOYING, Optional.empty(), now, spec);
        Optional<ReleaseView> superseded = before.rolling()
                .map(r -> as(r, Status.SUPERSEDED, Optional.of("Release " + number + " was deployed meanwhile.")));
        return new AppChange(
                with(before, app, release, superseded),
                s -> {
                    // First: with the new one, the store may forget it.
                    superseded.ifPresent(r -> s.changeRelease(app, stored(app, r)));
                    s.createRelease(app, stored(app, release));
                },
                "release.deploying",
                details(app, number, Map.of()));
    }

    /** The release that was being deployed is live, in the old one's place. */
    static AppChange promote(AppRecord before, ReleaseView rolling) {
        StoredApp old = before.app();
        // A process that this release lacks has its scale back where a later one brings it again.
        Map<String, Integer> scales = new HashMap<>(old.scales());
        if (scales.size() > MOST_SCALES) {
            scales.clear();
        }
        before.live().ifPresent(live -> scales.putAll(before.scales(live)));
        scales.putAll(before.scales(rolling));
        StoredApp app = new StoredApp(
                old.tenant(),
                old.app(),
                rolling.release(),
                old.latest(),
                scales,
                before.portsFor(rolling.spec()),
                old.deleting());
        ReleaseView live = as(rolling, Status.LIVE, Optional.empty());
        Optional<ReleaseView> superseded = before.live().map(r -> as(r, Status.SUPERSEDED, Optional.empty()));
        return new AppChange(
                with(before, app, live, superseded),
                s -> {
                    s.changeRelease(app, stored(app, live));
                    superseded.ifPresent(r -> s.changeRelease(app, stored(app, r)));
                },
                "release.live",
                details(app, live.release(), Map.of()));
    }

    /** The release that was being deployed has failed; the live one, if any, goes on. */
    static AppChange fail(AppRecord before, ReleaseView rolling, String reason) {
        StoredApp old = before.app();
        Map<String, Integer> ports =
                before.live().map(r -> before.portsFor(r.spec())).orElse(Map.of());
        StoredApp app =
                new StoredApp(old.tenant(), old.app(), old.live(), old.latest(), old.scales(), ports, old.deleting());
        ReleaseView failed = as(rolling, Status.FAILED, Optional.of(reason));
        return new AppChange(
                with(before, app, failed, Optional.empty()),
                s -> s.changeRelease(app, stored(app, failed)),
                "release.failed",
                details(app, failed.release(), Map.of("reason", reason)));
    }

    static AppChange scale(AppRecord before, String process, int scale) {
        StoredApp old = before.app();
        Map<String, Integer> scales = new HashMap<>(old.scales());
        scales.put(process, scale);
        StoredApp app =
                new StoredApp(old.tenant(), old.app(), old.live(), old.latest(), scales, old.ports(), old.deleting());
        return new AppChange(
                new AppRecord(app, before.releases()),
                s -> s.saveApp(app),
                "app.scaled",
                Map.of("app", app.app(), "process", process, "scale", Integer.toString(scale)));
    }

    /** From now on nothing of the app is started any more. */
    static AppChange delete(AppRecord before) {
        StoredApp old = before.app();
        StoredApp app =
                new StoredApp(old.tenant(), old.app(), old.live(), old.latest(), old.scales(), old.ports(), true);
        return new AppChange(
                new AppRecord(app, before.releases()), s -> s.saveApp(app), "app.deleting", Map.of("app", app.app()));
    }

    /** The last of an app: nothing of it is left. */
    static AppChange forget(AppRecord before) {
        StoredApp app = before.app();
        return new AppChange(
                AppRecord.none(app.tenant(), app.app()),
                s -> s.deleteApp(app.tenant(), app.app()),
                "app.deleted",
                Map.of("app", app.app()));
    }

    /** What is held from then on: of the others the store tells. */
    private static AppRecord with(
            AppRecord before, StoredApp app, ReleaseView changed, Optional<ReleaseView> superseded) {
        SortedMap<Integer, ReleaseView> releases = new TreeMap<>(before.releases());
        releases.keySet().retainAll(List.of(app.live(), app.latest()));
        releases.put(changed.release(), AppRecord.outline(changed));
        superseded.ifPresent(r -> releases.put(r.release(), r));
        return new AppRecord(app, releases);
    }

    private static ReleaseView as(ReleaseView r, Status status, Optional<String> reason) {
        return new ReleaseView(r.release(), status, reason, r.createdAt(), r.spec());
    }

    private static StoredRelease stored(StoredApp app, ReleaseView release) {
        return new StoredRelease(app.tenant(), app.app(), release);
    }

    private static Map<String, String> details(StoredApp app, int release, Map<String, String> more) {
        Map<String, String> details = new HashMap<>(more);
        details.put("app", app.app());
        details.put("release", Integer.toString(release));
        return details;
    }
}
