package io.hostel.tenant;

import akka.actor.typed.javadsl.ActorContext;
import io.hostel.api.Refusal;
import io.hostel.store.DesiredState.StoredTenant;
import java.util.ArrayDeque;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.BiConsumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Changes of what is recorded of a tenant itself, one at a time. Confined to the tenant's actor. */
final class TenantChanges {
    private static final Logger LOG = LoggerFactory.getLogger(TenantChanges.class);
    private static final int BOUND = 64;

    private final ActorContext<TenantMessage> actor;
    private final Surroundings around;
    private final Queue<Change> waiting = new ArrayDeque<>();
    private StoredTenant tenant;
    private @Nullable Change underWay;

    /** @param done told what is recorded, and why the change is not where it is not; nothing where even that is unknown */
    record Change(
            UnaryOperator<StoredTenant> to,
            String event,
            Map<String, String> details,
            BiConsumer<Optional<StoredTenant>, Optional<Refusal>> done) {}

    TenantChanges(ActorContext<TenantMessage> actor, Surroundings around, StoredTenant tenant) {
        this.actor = actor;
        this.around = around;
        this.tenant = tenant;
    }

    StoredTenant tenant() {
        return tenant;
    }

    void add(Change change) {
        if (waiting.size() >= BOUND) {
            change.done()
                    .accept(
                            Optional.of(tenant),
                            Optional.of(new Refusal.Unavailable(
                                    BOUND + " changes of this tenant wait for the disk; try again shortly.")));
            return;
        }
        waiting.add(change);
        go();
    }

    void recorded(TenantMessage.TenantRecorded answer) {
        Change change = underWay;
        if (change == null) {
            return;
        }
        underWay = null;
        Optional<StoredTenant> now = Optional.ofNullable(answer.now());
        Optional<Refusal> refusal = Optional.ofNullable(answer.failure()).map(Faults::refusal);
        refusal.ifPresent(r -> LOG.warn("record {} of tenant {}: {}", change.event(), tenant.id(), r.detail()));
        boolean made = now.equals(Optional.of(change.to().apply(tenant)));
        tenant = now.orElse(tenant);
        change.done().accept(now, made ? Optional.empty() : refusal);
        go();
    }

    private void go() {
        Change next = underWay == null ? waiting.poll() : null;
        if (next != null) {
            underWay = next;
            actor.pipeToSelf(
                    write(next),
                    (written, thrown) -> written == null ? new TenantMessage.TenantRecorded(null, thrown) : written);
        }
    }

    /** After a failed write the store is asked what it holds. */
    private CompletionStage<TenantMessage.TenantRecorded> write(Change change) {
        StoredTenant to = change.to().apply(tenant);
        CompletableFuture<TenantMessage.TenantRecorded> recorded = new CompletableFuture<>();
        around.records()
                .submit(state -> {
                    state.changeTenant(to);
                    around.events().append(state, Optional.of(to.id()), change.event(), change.details());
                    return to;
                })
                .whenComplete((now, failure) -> {
                    if (failure == null) {
                        recorded.complete(new TenantMessage.TenantRecorded(now, null));
                    } else {
                        read(to.id())
                                .whenComplete((found, lost) -> recorded.complete(new TenantMessage.TenantRecorded(
                                        found == null ? null : found.orElse(null), failure)));
                    }
                });
        return recorded;
    }

    private CompletionStage<Optional<StoredTenant>> read(String id) {
        return around.records()
                .submit(state ->
                        state.tenants().stream().filter(t -> t.id().equals(id)).findFirst());
    }
}
