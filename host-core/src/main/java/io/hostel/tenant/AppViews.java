package io.hostel.tenant;

import io.hostel.api.AppView;
import io.hostel.api.ProcessSpec;
import io.hostel.api.ProcessView;
import io.hostel.api.ReleaseView;
import io.hostel.api.SandboxView;
import io.hostel.kernel.Launcher;
import io.hostel.sandbox.SandboxStatus;
import java.net.Inet4Address;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** How an app and its sandboxes look from outside. */
final class AppViews {

    private AppViews() {}

    static AppView app(AppRecord record, Fleet fleet, Waiting waiting, String publicHost) {
        Optional<ReleaseView> shown =
                record.current().or(() -> record.release(record.app().latest()));
        Map<String, ProcessView> processes = new HashMap<>();
        shown.ifPresent(release -> release.spec()
                .processes()
                .keySet()
                .forEach(name -> processes.put(name, process(record, release, name, fleet, waiting, publicHost))));
        return new AppView(
                record.app().app(),
                record.app().tenant(),
                shown.map(ReleaseView::release).orElse(0),
                processes);
    }

    static ProcessView process(
            AppRecord record, ReleaseView release, String name, Fleet fleet, Waiting waiting, String publicHost) {
        ProcessSpec spec =
                java.util.Objects.requireNonNull(release.spec().processes().get(name));
        var running = fleet.of(new Slot(release.release(), name)).stream()
                .filter(Placed::counts)
                .toList();
        Optional<Integer> port =
                Published.is(spec) ? Optional.ofNullable(record.app().ports().get(name)) : Optional.empty();
        return new ProcessView(
                record.scales(release).getOrDefault(name, 0),
                running.size(),
                waiting.of(name),
                waiting.of(name) == 0 ? Optional.empty() : waiting.why(),
                spec.port(),
                spec.expose(),
                port,
                port.map(p -> "http://" + publicHost + ":" + p + "/"),
                spec.port()
                        .flatMap(p -> running.stream()
                                .flatMap(s -> s.address.stream())
                                .findFirst()
                                .map(a -> a.getHostAddress() + ":" + p)));
    }

    static AppMessage.Seen sandbox(AppRecord record, Placed sandbox) {
        Optional<SandboxStatus> status = sandbox.said();
        SandboxView view = new SandboxView(
                sandbox.id,
                record.app().tenant(),
                record.app().app(),
                sandbox.slot.process(),
                sandbox.slot.release(),
                state(sandbox),
                sandbox.address.map(Inet4Address::getHostAddress),
                status.flatMap(SandboxStatus::launched).map(l -> l.init().pid()),
                sandbox.restarts(),
                sandbox.startedAt(),
                sandbox.readyAt(),
                sandbox.lastExit(),
                status.flatMap(SandboxStatus::nextRetryAt),
                status.flatMap(SandboxStatus::launched)
                        .map(Launcher.Launched::namespaces)
                        .orElse(Map.of()),
                Optional.empty());
        return new AppMessage.Seen(
                view,
                sandbox.over() ? Optional.empty() : status.map(s -> s.plan().cgroup()));
    }

    /** One that is to go is stopping, even while it still serves the last connections. */
    private static SandboxView.State state(Placed sandbox) {
        SandboxView.State state = sandbox.state();
        return sandbox.leaving && state != SandboxView.State.STUCK ? SandboxView.State.STOPPING : state;
    }
}
