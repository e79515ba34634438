package io.hostel.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** A new release with an old one's content. */
@Command(name = "rollback", description = "Makes a new release with an earlier one's content and watches it go live.")
final class RollbackCommand extends AppTarget {
    @Parameters(index = "1", paramLabel = "RELEASE", description = "the earlier release's number")
    int release;

    @Override
    int run() throws InterruptedException {
        return new Rollout(this, app)
                .watch(host().send("POST", app.path() + "/rollback", object().put("release", release)));
    }
}
