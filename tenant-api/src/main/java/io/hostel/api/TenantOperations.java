package io.hostel.api;

import io.hostel.config.Quota;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;

/**
 * The port through which everything outside speaks to the host.
 *
 * <p>A stage that fails fails with {@link RefusedException}; any other exception is the host's own fault. A changing call
 * completes only when what it acknowledges would survive the loss of power. Callers have been authenticated and authorised
 * already: the tenant named is one that the caller may act for.
 *
 * <p>{@code wait}: how long to hold the answer for the change to settle; zero answers as soon as it is recorded.
 */
public interface TenantOperations {

    CompletionStage<TenantCreated> createTenant(String tenant, Optional<Quota> quota);

    CompletionStage<List<TenantView>> tenants();

    CompletionStage<TenantView> tenant(String tenant);

    CompletionStage<TenantView> changeQuota(String tenant, QuotaChange change);

    /** Reaps all that is the tenant's. */
    CompletionStage<Settled<Gone>> deleteTenant(String tenant, Duration wait);

    CompletionStage<TokenCreated> createToken(String tenant, String label, Optional<Duration> expiresIn);

    CompletionStage<List<TokenView>> tokens(String tenant);

    CompletionStage<Gone> deleteToken(String tenant, String token);

    /** Reads the body to its end on a thread that may block; the caller closes it. */
    CompletionStage<ArtifactView> putArtifact(String tenant, ArtifactFormat format, InputStream body);

    CompletionStage<Settled<ReleaseView>> deploy(String tenant, String app, ReleaseSpec spec, Duration wait);

    CompletionStage<Settled<ReleaseView>> rollback(String tenant, String app, int release, Duration wait);

    /** One after the other, as the subscriber takes them. */
    CompletionStage<Flow.Publisher<AppView>> apps(String tenant);

    CompletionStage<AppView> app(String tenant, String app);

    CompletionStage<Settled<Gone>> deleteApp(String tenant, String app, Duration wait);

    /** Those that are kept, by number, one after the other, as the subscriber takes them. */
    CompletionStage<Flow.Publisher<ReleaseView>> releases(String tenant, String app);

    /** Fails with {@link Refusal.Forgotten} where there was one that is not kept any more. */
    CompletionStage<ReleaseView> release(String tenant, String app, int release);

    CompletionStage<Settled<ProcessView>> scale(String tenant, String app, String process, int scale, Duration wait);

    CompletionStage<Settled<AppView>> restart(String tenant, String app, Duration wait);

    CompletionStage<List<SandboxView>> sandboxes(String tenant, String app);

    CompletionStage<SandboxView> sandbox(String tenant, String app, String sandbox);

    /** Every tenant's. */
    CompletionStage<List<SandboxView>> allSandboxes();

    CompletionStage<Settled<Gone>> stopSandbox(String tenant, String app, String sandbox, Duration wait);

    CompletionStage<ExecOutcome> exec(String tenant, String app, String sandbox, ExecRequest request);

    CompletionStage<Flow.Publisher<LogLine>> logs(String tenant, String app, LogQuery query);

    /**
     * Events after a sequence number, oldest first.
     *
     * @param tenant only this tenant's; empty: all
     * @param follow whether the stream goes on with what happens next
     */
    CompletionStage<Flow.Publisher<EventView>> events(Optional<String> tenant, long since, boolean follow);

    /**
     * Says for {@code tenant} that its sandboxes and {@code other}'s may reach each other; in force once both have said so.
     *
     * @param forBoth the operator speaks for both sides
     */
    CompletionStage<LinkView> link(String tenant, String other, boolean forBoth);

    CompletionStage<Gone> unlink(String tenant, String other, boolean forBoth);

    CompletionStage<DoctorView> doctor();

    CompletionStage<CapabilitiesView> capabilities();

    /**
     * Begins a backup of all desired state, artifacts and the operator's token, as they are when the stage completes. One at a
     * time: another is refused as a Conflict.
     *
     * @return to be subscribed to once, soon; it fails where the backup can't be completed
     */
    CompletionStage<Flow.Publisher<ByteBuffer>> backup();

    /**
     * Reads a backup to its end on a thread that may block, and verifies it; the caller closes the body. Where it is refused
     * nothing is changed, else the host starts anew with the backup's state in place of its own soon after the stage completes.
     */
    CompletionStage<RestoreView> restore(ArtifactFormat format, InputStream body);

    /** Empty when the host serves; else why it does not yet. */
    Optional<String> notReady();
}
