package io.hostel.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintWriter;

/** Apps as lines of text. */
final class AppText {
    private AppText() {}

    static void print(Iterable<JsonNode> apps, PrintWriter out) {
        Table table = new Table("APP", "RELEASE", "PROCESS", "RUNNING", "EXPOSE", "WHERE");
        for (JsonNode app : apps) {
            String name = app.path("tenant").asText() + "/" + app.path("id").asText();
            if (app.path("processes").isEmpty()) {
                table.row(name, app.path("release").asText(), "", "", "", "");
            }
            app.path("processes").fields().forEachRemaining(field -> {
                JsonNode process = field.getValue();
                table.row(
                        name,
                        app.path("release").asText(),
                        field.getKey(),
                        process.path("running").asText() + "/"
                                + process.path("scale").asText(),
                        process.path("expose").asText(),
                        process.path("url").asText(process.path("address").asText("")));
            });
        }
        table.print(out);
    }

    static void urls(JsonNode app, PrintWriter out) {
        for (JsonNode process : app.path("processes")) {
            if (process.hasNonNull("url")) {
                out.println(process.path("url").asText());
            }
        }
    }
}
