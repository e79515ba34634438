package io.hostel.tenant;

import akka.actor.typed.ActorRef;
import io.hostel.api.ArtifactFormat;
import io.hostel.api.ArtifactView;
import io.hostel.api.Gone;
import io.hostel.api.ProcessView;
import io.hostel.api.QuotaChange;
import io.hostel.api.Refusal;
import io.hostel.api.ReleaseSpec;
import io.hostel.api.ReleaseView;
import io.hostel.api.Settled;
import io.hostel.api.TenantView;
import io.hostel.api.TokenCreated;
import io.hostel.api.TokenView;
import io.hostel.sandbox.LedgerEntry;
import io.hostel.sandbox.SandboxSupervisor;
import io.hostel.store.ArtifactStore;
import io.hostel.store.DesiredState.StoredTenant;
import java.io.InputStream;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What a {@link TenantActor} understands: requests, which are always answered, its apps' news, and its own doings'. */
sealed interface TenantMessage {

    /** One that can be refused by whoever holds it. */
    sealed interface TenantRequest extends TenantMessage {
        void refuse(Refusal refusal);
    }

    sealed interface Asked<T> extends TenantRequest, Request<T> {
        @Override
        default void refuse(Refusal refusal) {
            Request.super.refuse(refusal);
        }
    }

    record Describe(ActorRef<Reply<TenantView>> replyTo) implements Asked<TenantView> {}

    record ChangeQuota(QuotaChange change, ActorRef<Reply<TenantView>> replyTo) implements Asked<TenantView> {}

    record Delete(Duration patience, ActorRef<Reply<Settled<Gone>>> replyTo) implements Asked<Settled<Gone>> {}

    record CreateToken(String label, Optional<Duration> expiresIn, ActorRef<Reply<TokenCreated>> replyTo)
            implements Asked<TokenCreated> {}

    record Tokens(ActorRef<Reply<List<TokenView>>> replyTo) implements Asked<List<TokenView>> {}

    record DeleteToken(String id, ActorRef<Reply<Gone>> replyTo) implements Asked<Gone> {}

    record PutArtifact(ArtifactFormat format, InputStream body, ActorRef<Reply<ArtifactView>> replyTo)
            implements Asked<ArtifactView> {}

    record Deploy(String app, ReleaseSpec spec, Duration patience, ActorRef<Reply<Settled<ReleaseView>>> replyTo)
            implements Asked<Settled<ReleaseView>> {}

    record Scale(
            String app, String process, int scale, Duration patience, ActorRef<Reply<Settled<ProcessView>>> replyTo)
            implements Asked<Settled<ProcessView>> {}

    record Apps(ActorRef<Reply<List<ActorRef<AppMessage>>>> replyTo) implements Asked<List<ActorRef<AppMessage>>> {}

    record ToApp(String app, AppMessage.AppRequest<?> request) implements TenantRequest {
        @Override
        public void refuse(Refusal refusal) {
            request.refuse(refusal);
        }
    }

    /**
     * An app's record has changed, or an admission came to its end.
     *
     * @param ticket of the admission; 0 for none
     */
    record AppChanged(AppRecord record, long ticket) implements TenantMessage {}

    /** Every adopted sandbox of the app has been heard of. */
    record AppReady(String app, int sandboxes, int adopted) implements TenantMessage {}

    /** Nothing is left of one of the tenant's sandboxes, or of several. */
    record SandboxGone() implements TenantMessage {}

    record AppGone(String app) implements TenantMessage {}

    record AddressesWanted(ActorRef<AppMessage> app) implements TenantMessage {}

    record AppBroke(String app, ActorRef<AppMessage> actor) implements TenantMessage {}

    record AppFound(
            String app,
            @Nullable KnownApp known,
            List<LedgerEntry> entries,
            @Nullable Throwable failure) implements TenantMessage {}

    record AppWanted(String app) implements TenantMessage {}

    record SpecResolved(
            Deploy deploy,
            Resolver.@Nullable Resolved resolved,
            @Nullable Throwable failure) implements TenantMessage {}

    record ArtifactUnpacked(
            PutArtifact put,
            ArtifactStore.@Nullable Put artifact,
            @Nullable Throwable failure) implements TenantMessage {}

    record ArtifactRecorded(
            PutArtifact put,
            ArtifactView artifact,
            @Nullable Throwable failure) implements TenantMessage {}

    /** @param now what the store holds; null where even that is unknown */
    record TenantRecorded(
            @Nullable StoredTenant now, @Nullable Throwable failure) implements TenantMessage {}

    record Orphaned(SandboxSupervisor.Event event) implements TenantMessage {}

    record OrphanEnded(String sandbox) implements TenantMessage {}

    record ArtifactsGivenUp() implements TenantMessage {}

    record TenantForgotten(@Nullable Throwable failure) implements TenantMessage {}

    record Forget() implements TenantMessage {}

    /** The filter's bound on connections is as was wanted, or that has failed. */
    record Bounded(@Nullable Throwable failure) implements TenantMessage {}

    record BoundAgain() implements TenantMessage {}

    record WaitOver(long waiter) implements TenantMessage {}

    /** The parent has let go of a tenant that is no more: nothing follows. */
    record Stop() implements TenantMessage {}
}
