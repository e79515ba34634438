package io.hostel.tenant;

import io.hostel.api.LastExit;
import io.hostel.api.SandboxView.State;
import io.hostel.sandbox.SandboxPlan;
import io.hostel.sandbox.SandboxStatus;
import io.hostel.sandbox.StoppedMonitors;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** What is worth telling between two states of a sandbox: kinds of events with their details, in order. */
final class SandboxEvents {

    private SandboxEvents() {}

    static Map<String, Map<String, String>> between(Optional<SandboxStatus> before, SandboxStatus now) {
        Map<String, Map<String, String>> events = new LinkedHashMap<>();
        now.lastExit()
                .filter(e -> !before.flatMap(SandboxStatus::lastExit).equals(Optional.of(e)) && before.isPresent())
                .ifPresent(e -> events.put("sandbox.exited", exit(now, e)));
        if (before.isPresent() && now.restarts() > before.get().restarts()) {
            Map<String, String> details = details(now.plan());
            details.put("restarts", Integer.toString(now.restarts()));
            events.put("sandbox.restarted", details);
        }
        if (now.state() == State.STUCK && !before.map(SandboxStatus::state).equals(Optional.of(State.STUCK))) {
            Map<String, String> details = details(now.plan());
            now.failure().ifPresent(f -> details.put("reason", f));
            events.put("sandbox.stuck", details);
        }
        return events;
    }

    /** An operator's business, and the tenant's: the command may have waited for its output to be read. */
    static String kind(StoppedMonitors.Found found) {
        return switch (found) {
            case CONTINUED -> "sandbox.monitor.continued";
            case KILLED -> "sandbox.monitor.killed";
        };
    }

    private static Map<String, String> exit(SandboxStatus now, LastExit exit) {
        Map<String, String> details = details(now.plan());
        exit.code().ifPresent(c -> details.put("code", Integer.toString(c)));
        exit.signal().ifPresent(s -> details.put("signal", s));
        exit.reason().ifPresent(r -> details.put("reason", r));
        details.put("oom", Boolean.toString(exit.oom()));
        return details;
    }

    static Map<String, String> details(SandboxPlan plan) {
        Map<String, String> details = new HashMap<>();
        details.put("sandbox", plan.id());
        details.put("app", plan.app());
        details.put("process", plan.process());
        details.put("release", Integer.toString(plan.release()));
        return details;
    }
}
