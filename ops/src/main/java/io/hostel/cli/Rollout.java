package io.hostel.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/** Watches a release until it is live or has failed, and says what changes meanwhile. */
final class Rollout {
    private static final long POLL_MILLIS = 200;

    private final HostCommand command;
    private final AppName app;
    private String said = "";

    Rollout(HostCommand command, AppName app) {
        this.command = command;
        this.app = app;
    }

    /** The host gives up by itself at the end of the start-up allowance, so this ends. @return the exit code */
    int watch(JsonNode first) throws InterruptedException {
        JsonNode release = first;
        int number = first.path("release").asInt();
        while (release.path("status").asText().equals("deploying")) {
            say(number);
            Thread.sleep(POLL_MILLIS);
            release = command.host().get(app.path() + "/releases/" + number);
        }
        JsonNode last = release;
        String status = last.path("status").asText();
        command.show(last, () -> {
            if (status.equals("live")) {
                command.out().println("Release " + number + " of " + app + " is live");
                AppText.urls(command.host().get(app.path()), command.out());
            }
        });
        if (status.equals("live")) {
            return 0;
        }
        throw new Trouble(
                Hostel.FAILED,
                "release " + number + " of " + app + " is " + status + ": "
                        + last.path("reason").asText("a newer release took its place"));
    }

    private void say(int number) {
        TreeMap<String, Integer> states = new TreeMap<>();
        for (JsonNode sandbox : command.host().get(app.path() + "/sandboxes").path("items")) {
            if (sandbox.path("release").asInt() == number) {
                String key = sandbox.path("process").asText() + " "
                        + sandbox.path("state").asText();
                states.merge(key, 1, Integer::sum);
            }
        }
        List<String> parts = new ArrayList<>();
        states.forEach((state, count) -> parts.add(count == 1 ? state : state + " ×" + count));
        String now = "Release " + number + ": " + (parts.isEmpty() ? "deploying" : String.join(", ", parts));
        if (!now.equals(said)) {
            command.err().println(now);
            said = now;
        }
    }
}
