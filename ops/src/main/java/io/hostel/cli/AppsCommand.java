package io.hostel.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import picocli.CommandLine.Command;

/** All apps of a tenant, or of all. */
@Command(name = "apps", description = "Lists a tenant's apps; the operator's, without a tenant, everyone's.")
final class AppsCommand extends TenantTarget {
    @Override
    int run() {
        String tenant = tenant();
        ObjectNode answer = object();
        ArrayNode items = answer.putArray("items");
        if (!tenant.isEmpty()) {
            addAll(items, tenant);
        } else {
            for (JsonNode one : host().get("/v1/tenants").path("items")) {
                addAll(items, one.path("id").asText());
            }
        }
        return show(answer, () -> AppText.print(items, out()));
    }

    private void addAll(ArrayNode items, String of) {
        host().get("/v1/tenants/" + Connection.encode(of) + "/apps")
                .path("items")
                .forEach(items::add);
    }
}
