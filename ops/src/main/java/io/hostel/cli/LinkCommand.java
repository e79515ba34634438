package io.hostel.cli;

import com.fasterxml.jackson.databind.JsonNode;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Lets two tenants' sandboxes reach each other. */
@Command(
        name = "link",
        description = "Lets two tenants' sandboxes reach each other, once both tenants or the operator have said so.")
final class LinkCommand extends HostCommand {
    @Parameters(index = "0", paramLabel = "TENANT", description = "the one that speaks")
    String tenant = "";

    @Parameters(index = "1", paramLabel = "OTHER", description = "the one it wants to reach")
    String other = "";

    @Override
    int run() {
        JsonNode answer = host().put(path(tenant, other));
        boolean inForce = answer.path("inForce").asBoolean();
        return show(
                answer,
                inForce
                        ? tenant + " and " + other + " reach each other"
                        : "Noted; in force once " + other + " has said so too");
    }

    static String path(String tenant, String other) {
        return "/v1/tenants/" + Connection.encode(tenant) + "/links/" + Connection.encode(other);
    }
}
