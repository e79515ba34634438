package io.hostel.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintWriter;
import java.util.Set;

/** A tenant as lines of text. */
final class TenantText {
    private static final Set<String> SIZES = Set.of("memory", "disk", "artifacts", "state", "logs");

    private TenantText() {}

    static void print(JsonNode tenant, PrintWriter out) {
        out.println("Tenant " + tenant.path("id").asText());
        out.println("subnet " + tenant.path("subnet").asText());
        out.println("uids   " + tenant.path("uidBase").asText() + ", "
                + tenant.path("uidCount").asText() + " of them");
        Table table = new Table("", "USED", "QUOTA");
        tenant.path("quota").fields().forEachRemaining(field -> {
            JsonNode used = tenant.path("usage").path(field.getKey());
            table.row(field.getKey(), number(field.getKey(), used), number(field.getKey(), field.getValue()));
        });
        table.print(out);
    }

    private static String number(String field, JsonNode value) {
        return SIZES.contains(field) ? Units.size(value.asLong()) : value.asText();
    }
}
