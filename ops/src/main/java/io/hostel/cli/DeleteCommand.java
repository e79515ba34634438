package io.hostel.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** An app's end. */
@Command(name = "delete", description = "Deletes an app with its sandboxes, releases and published ports.")
final class DeleteCommand extends AppTarget {
    @Mixin
    Confirmation confirmation = new Confirmation();

    @Override
    int run() {
        confirmation.require(
                "Delete " + app + " with its sandboxes, what they have written, its releases and logs?", app.app());
        return show(host().delete(app.path() + "?wait=120s"), "Deleted " + app);
    }
}
