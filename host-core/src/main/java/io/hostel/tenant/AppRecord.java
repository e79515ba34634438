package io.hostel.tenant;

import io.hostel.api.ProcessSpec;
import io.hostel.api.ReleaseSpec;
import io.hostel.api.ReleaseView;
import io.hostel.api.ReleaseView.Status;
import io.hostel.store.DesiredState;
import io.hostel.store.DesiredState.StoredApp;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What is held of one app: the app, and of its releases the live one, the newest, and one that the last change has superseded.
 * The others are in the store alone, and so are the commands and the environment of these: a tenant says how large they are.
 * Immutable; {@link AppChange} says how it may change.
 *
 * @param releases by number, each as {@link #outline}
 */
record AppRecord(StoredApp app, SortedMap<Integer, ReleaseView> releases) {

    /** An app that has been named and not yet recorded. */
    static AppRecord none(String tenant, String app) {
        return new AppRecord(new StoredApp(tenant, app, 0, 0, Map.of(), Map.of(), false), new TreeMap<>());
    }

    /** From the store. */
    static AppRecord read(DesiredState state, StoredApp app) {
        SortedMap<Integer, ReleaseView> held = new TreeMap<>();
        for (int number : new int[] {app.live(), app.latest()}) {
            state.release(app.tenant(), app.app(), number)
                    .ifPresent(r -> held.put(number, outline(settled(app, r.release()))));
        }
        return new AppRecord(app, held);
    }

    /** As it is in truth: of a change that touches two releases an earlier version may have recorded only the first. */
    static ReleaseView settled(StoredApp app, ReleaseView r) {
        boolean replaced = r.status() == Status.LIVE && r.release() != app.live()
                || r.status() == Status.DEPLOYING && r.release() != app.latest();
        return replaced ? new ReleaseView(r.release(), Status.SUPERSEDED, r.reason(), r.createdAt(), r.spec()) : r;
    }

    /** The release without its environment and its processes' commands. */
    static ReleaseView outline(ReleaseView r) {
        Map<String, ProcessSpec> processes = new HashMap<>();
        r.spec().processes().forEach((name, process) -> processes.put(name, process.withCommand(List.of())));
        ReleaseSpec spec = r.spec();
        return new ReleaseView(
                r.release(),
                r.status(),
                r.reason(),
                r.createdAt(),
                new ReleaseSpec(spec.artifact(), spec.image(), Map.of(), processes));
    }

    boolean exists() {
        return app.latest() > 0;
    }

    Optional<ReleaseView> release(int number) {
        return Optional.ofNullable(releases.get(number));
    }

    Optional<ReleaseView> live() {
        return release(app.live());
    }

    /** The release that is being deployed; only the newest can be. */
    Optional<ReleaseView> rolling() {
        return release(app.latest()).filter(r -> r.status() == Status.DEPLOYING);
    }

    /** Whether a release is being deployed beside a live one. */
    boolean rollout() {
        return !app.deleting() && live().isPresent() && rolling().isPresent();
    }

    /** The release that a call to scale means: the live one, or the first while none is live. */
    Optional<ReleaseView> current() {
        return live().or(this::rolling);
    }

    /** How many sandboxes each process of a live or rolling release is to have. */
    Map<String, Integer> scales(ReleaseView release) {
        Map<String, Integer> scales = scales(release.spec());
        if (current().filter(c -> c.release() == release.release()).isPresent()) {
            scales.replaceAll((name, own) -> app.scales().getOrDefault(name, own));
        }
        return scales;
    }

    /** How many each process of a release that comes is to have. */
    Map<String, Integer> scales(ReleaseSpec spec) {
        Map<String, Integer> scales = new HashMap<>();
        spec.processes()
                .forEach((name, process) -> scales.put(
                        name, process.scale(Optional.ofNullable(app.scales().get(name)))));
        return scales;
    }

    /** How many sandboxes are wanted, by slot; none of an app that is on its way out. */
    Map<Slot, Integer> wanted() {
        Map<Slot, Integer> wanted = new LinkedHashMap<>();
        if (!app.deleting()) {
            live().ifPresent(r -> scales(r).forEach((p, n) -> wanted.put(new Slot(r.release(), p), n)));
            rolling().ifPresent(r -> scales(r).forEach((p, n) -> wanted.put(new Slot(r.release(), p), n)));
        }
        return wanted;
    }

    Optional<ProcessSpec> process(Slot slot) {
        return release(slot.release()).map(r -> r.spec().processes().get(slot.process()));
    }

    Demand demand() {
        Demand live = live().map(r -> Demand.of(r.spec(), scales(r))).orElse(Demand.NONE);
        return live.max(rolling().map(r -> Demand.of(r.spec(), scales(r))).orElse(Demand.NONE));
    }

    /** The published ports that a release keeps. */
    Map<String, Integer> portsFor(ReleaseSpec spec) {
        Map<String, Integer> kept = new HashMap<>(app.ports());
        kept.keySet().removeIf(name -> {
            ProcessSpec process = spec.processes().get(name);
            return process == null || !Published.is(process);
        });
        return kept;
    }
}
