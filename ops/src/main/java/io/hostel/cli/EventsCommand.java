package io.hostel.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.StringJoiner;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** What happened. */
@Command(name = "events", description = "Shows what happened, to a tenant or to all.")
final class EventsCommand extends TenantTarget {
    /** An event begins at the left, whatever a tenant's own text holds. */
    private static final String CONTINUED = "\n    ";

    @Option(names = "--since", paramLabel = "SEQ", description = "only events after this sequence number")
    long since;

    @Option(
            names = {"-f", "--follow"},
            description = "goes on with what comes")
    boolean follow;

    @Override
    int run() {
        String tenant = tenant();
        String path = tenant.isEmpty() ? "/v1/events" : "/v1/tenants/" + Connection.encode(tenant) + "/events";
        host().lines(path + "?since=" + since + "&follow=" + follow, this::print);
        return 0;
    }

    private void print(JsonNode event) {
        if (json()) {
            out().println(event);
        } else {
            StringJoiner details = new StringJoiner(" ");
            event.path("details")
                    .fields()
                    .forEachRemaining(field ->
                            details.add(field.getKey() + "=" + field.getValue().asText().replace("\n", CONTINUED)));
            out().println(event.path("sequence").asText() + " "
                    + event.path("at").asText() + " " + event.path("tenant").asText("-") + " "
                    + event.path("kind").asText() + " " + details);
        }
        out().flush();
    }
}
