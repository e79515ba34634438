package io.hostel.cli;

import picocli.CommandLine.Command;

/** An app's end. */
@Command(name = "delete", description = "Deletes an app with its sandboxes, releases and published ports.")
final class DeleteCommand extends AppTarget {
    @Override
    int run() {
        return show(host().delete(app.path() + "?wait=120s"), "Deleted " + app);
    }
}
