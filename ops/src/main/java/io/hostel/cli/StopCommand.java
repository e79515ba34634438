package io.hostel.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** One sandbox's end. */
@Command(name = "stop", description = "Stops one sandbox; another takes its place.")
final class StopCommand extends AppTarget {
    @Parameters(index = "1", paramLabel = "SANDBOX", description = "its id, as 'hostel ps' shows it")
    String sandbox = "";

    @Override
    int run() {
        return show(
                host().delete(app.path() + "/sandboxes/" + Connection.encode(sandbox) + "?wait=60s"),
                "Stopped " + sandbox);
    }
}
