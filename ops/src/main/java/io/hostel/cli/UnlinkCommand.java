package io.hostel.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Takes back what {@link LinkCommand} said. */
@Command(name = "unlink", description = "Ends what 'hostel link' began.")
final class UnlinkCommand extends HostCommand {
    @Parameters(index = "0", paramLabel = "TENANT", description = "the one that speaks")
    String tenant = "";

    @Parameters(index = "1", paramLabel = "OTHER", description = "the other one")
    String other = "";

    @Override
    int run() {
        return show(
                host().delete(LinkCommand.path(tenant, other)),
                tenant + " and " + other + " no longer reach each other");
    }
}
