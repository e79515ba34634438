package io.hostel.api.http;

import akka.actor.typed.ActorSystem;
import akka.http.javadsl.model.ResponseEntity;
import io.hostel.api.LogQuery;
import io.hostel.api.TenantOperations;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletionStage;
import java.util.function.BiFunction;
import java.util.function.Supplier;

/** Logs and events. */
final class StreamRoutes {
    private static final int MOST_TAIL = 10_000;
    static final int EACH = 50;
    static final int ALL = 128;
    static final int RESERVE = 16;

    private final TenantOperations operations;
    private final ActorSystem<?> system;
    private final Shares shares = new Shares("streams of logs and events", EACH, ALL, RESERVE);

    StreamRoutes(TenantOperations operations, ActorSystem<?> system) {
        this.operations = operations;
        this.system = system;
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
        return seated(
                exchange,
                () -> operations.logs(exchange.tenant(), exchange.app(), query),
                (lines, place) -> form.entity(lines, line -> OptionalLong.empty(), place));
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
        boolean follow = exchange.flag("follow", form.followsByDefault());
        return seated(
                exchange,
                () -> operations.events(tenant, since, follow),
                (events, place) -> form.entity(events, event -> OptionalLong.of(event.sequence()), place));
    }

    private <T> CompletionStage<Answer> seated(
            Exchange exchange, Supplier<CompletionStage<T>> open, BiFunction<T, Held, ResponseEntity> entity) {
        Party who = exchange.party();
        if (!shares.enter(who)) {
            throw new Problem.Refused(shares.refusal(who));
        }
        Held place = Held.until(system, () -> shares.leave(who));
        return Stages.of(open)
                .thenApply(values -> Answer.stream(entity.apply(values, place)))
                .whenComplete((answer, failure) -> {
                    if (failure != null) {
                        place.giveUp();
                    }
                });
    }
}
