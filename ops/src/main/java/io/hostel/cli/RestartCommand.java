package io.hostel.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** A rolling restart. */
@Command(name = "restart", description = "Restarts an app's sandboxes one after the other, and resets their back-off.")
final class RestartCommand extends AppTarget {
    @Option(names = "--wait", paramLabel = "DURATION", description = "for it to settle (default: ${DEFAULT-VALUE})")
    String wait = "120s";

    @Override
    int run() {
        return show(
                host().send("POST", app.path() + "/restart?wait=" + Connection.encode(wait), object()),
                "Restarted " + app);
    }
}
