package io.hostel.api.http;

import io.hostel.api.EventView;
import io.hostel.api.LogQuery;
import io.hostel.api.TenantOperations;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletionStage;

/** Logs and events. */
final class StreamRoutes {
    private static final int MOST_TAIL = 10_000;

    private final TenantOperations operations;

    StreamRoutes(TenantOperations operations) {
        this.operations = operations;
    }

    List<Call> calls() {
        return List.of(
                Call.get("/v1/tenants/{tenant}/apps/{app}/logs", Access.TENANT, this::logs)
                        .withQuery("tail", "follow", "process"),
                Call.get("/v1/tenants/{tenant}/events", Access.TENANT, x -> events(x, Optional.of(x.tenant())))
                        .withQuery("since", "follow"),
                Call.get("/v1/events", Access.OPERATOR, x -> events(x, Optional.empty()))
                        .withQuery("since", "follow"));
    }

    private CompletionStage<Answer> logs(Exchange exchange) {
        LineStream form = LineStream.of(exchange.request());
        LogQuery query = new LogQuery(
                (int) exchange.whole("tail", 100, MOST_TAIL),
                exchange.flag("follow", form.followsByDefault()),
                exchange.label("process"));
        return operations
                .logs(exchange.tenant(), exchange.app(), query)
                .thenApply(lines -> Answer.stream(form.entity(lines, line -> OptionalLong.empty())));
    }

    private CompletionStage<Answer> events(Exchange exchange, Optional<String> tenant) {
        LineStream form = LineStream.of(exchange.request());
        // What a browser sends when it connects again is newer than what the address said at first.
        long since = exchange.request()
                .getHeader("Last-Event-ID")
                .map(header -> header.value().strip())
                .filter(id -> id.matches("[0-9]{1,18}"))
                .map(Long::parseLong)
                .orElseGet(() -> exchange.whole("since", 0, Long.MAX_VALUE));
        return operations
                .events(tenant, since, exchange.flag("follow", form.followsByDefault()))
                .thenApply(events -> Answer.stream(form.entity(events, event -> OptionalLong.of(sequence(event)))));
    }

    private static long sequence(EventView event) {
        return event.sequence();
    }
}
