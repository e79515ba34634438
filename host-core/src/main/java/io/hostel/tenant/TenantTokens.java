package io.hostel.tenant;

import io.hostel.api.Gone;
import io.hostel.api.Refusal;
import io.hostel.api.RefusedException;
import io.hostel.api.TokenCreated;
import io.hostel.api.TokenView;
import io.hostel.store.DesiredState.StoredTenant;
import io.hostel.store.DesiredState.StoredToken;
import io.hostel.store.Tokens;
import java.util.concurrent.CompletionStage;

/** A tenant's tokens. They are in the store alone, so nothing here touches the actor's state. */
final class TenantTokens {
    private final Surroundings around;
    private final String tenant;
    private final int number;

    TenantTokens(Surroundings around, StoredTenant tenant) {
        this.around = around;
        this.tenant = tenant.id();
        this.number = tenant.number();
    }

    void create(TenantMessage.CreateToken request) {
        String secret = Tokens.newTenantSecret();
        StoredToken token = new StoredToken(
                Tokens.newId(),
                tenant,
                request.label(),
                Tokens.hash(secret),
                around.clock().instant(),
                request.expiresIn().map(around.clock().instant()::plus));
        answer(request, around.records().submit(state -> {
            state.createToken(token)
                    .forEach(expired -> around.tokens().deleted(tenant, expired.id()));
            state.onceStored(() -> around.tokens().created(token, number));
            return new TokenCreated(token.id(), secret);
        }));
    }

    void list(TenantMessage.Tokens request) {
        answer(
                request,
                around.records()
                        .submit(state -> state.tokens(tenant).stream()
                                .map(t -> new TokenView(t.id(), t.label(), t.createdAt(), t.expiresAt()))
                                .toList()));
    }

    void delete(TenantMessage.DeleteToken request) {
        answer(request, around.records().submit(state -> {
            boolean there =
                    state.tokens(tenant).stream().anyMatch(t -> t.id().equals(request.id()));
            if (!there) {
                throw new RefusedException(new Refusal.NotFound("There is no token " + request.id() + "."));
            }
            state.deleteToken(tenant, request.id());
            around.tokens().deleted(tenant, request.id());
            return Gone.GONE;
        }));
    }

    private static <T> void answer(Request<T> request, CompletionStage<T> stage) {
        stage.whenComplete((value, failure) -> {
            if (failure == null) {
                request.done(value);
            } else {
                request.refuse(Faults.refusal(failure));
            }
        });
    }
}
