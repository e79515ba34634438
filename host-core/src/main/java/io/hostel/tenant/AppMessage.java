package io.hostel.tenant;

import akka.actor.typed.ActorRef;
import io.hostel.api.AppView;
import io.hostel.api.ExecOutcome;
import io.hostel.api.ExecRequest;
import io.hostel.api.Gone;
import io.hostel.api.LogLine;
import io.hostel.api.ProcessView;
import io.hostel.api.ReleaseView;
import io.hostel.api.SandboxView;
import io.hostel.api.Settled;
import io.hostel.sandbox.LedgerEntry;
import io.hostel.sandbox.SandboxSupervisor;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What an {@link AppActor} understands: requests, which are always answered, and what comes back from its own doings. */
sealed interface AppMessage {

    sealed interface AppRequest<T> extends AppMessage, Request<T> {}

    /** What comes back from the app's own doings. */
    sealed interface AppNews extends AppMessage {}

    /**
     * @param ticket of the admission, to be settled
     * @param scales that were admitted, by process
     */
    record Deploy(
            long ticket,
            Resolver.Resolved resolved,
            Map<String, Integer> scales,
            Duration patience,
            ActorRef<Reply<Settled<ReleaseView>>> replyTo)
            implements AppRequest<Settled<ReleaseView>> {}

    record Rollback(int release, Duration patience, ActorRef<Reply<Settled<ReleaseView>>> replyTo)
            implements AppRequest<Settled<ReleaseView>> {}

    /** @param release the one whose limits were admitted */
    record Scale(
            long ticket,
            int release,
            String process,
            int scale,
            Duration patience,
            ActorRef<Reply<Settled<ProcessView>>> replyTo)
            implements AppRequest<Settled<ProcessView>> {}

    record Restart(Duration patience, ActorRef<Reply<Settled<AppView>>> replyTo)
            implements AppRequest<Settled<AppView>> {}

    record Delete(Duration patience, ActorRef<Reply<Settled<Gone>>> replyTo) implements AppRequest<Settled<Gone>> {}

    record Describe(ActorRef<Reply<AppView>> replyTo) implements AppRequest<AppView> {}

    record Sandboxes(ActorRef<Reply<List<Seen>>> replyTo) implements AppRequest<List<Seen>> {}

    record StopSandbox(String sandbox, Duration patience, ActorRef<Reply<Settled<Gone>>> replyTo)
            implements AppRequest<Settled<Gone>> {}

    record Exec(String sandbox, ExecRequest request, ActorRef<Reply<ExecOutcome>> replyTo)
            implements AppRequest<ExecOutcome> {}

    record EndedForgotten(StopSandbox stop, @Nullable Throwable failure) implements AppMessage {}

    /** @param cgroup where its usage is counted, while it has one */
    record Seen(SandboxView view, Optional<String> cgroup) {}

    record Supervised(SandboxSupervisor.Event event) implements AppNews {}

    /** A supervisor is no more. */
    record Ended(String sandbox, ActorRef<SandboxSupervisor.Command> supervisor) implements AppNews {}

    /** It is time that another supervisor takes over. */
    record TakeOver(String sandbox) implements AppNews {}

    /** @param entries null where the ledger could not be read */
    record EntriesFound(
            String sandbox,
            @Nullable List<LedgerEntry> entries,
            @Nullable Throwable failure) implements AppNews {}

    /** @param now what the store holds; null where even that is unknown */
    record Recorded(@Nullable AppRecord now, @Nullable Throwable failure) implements AppNews {}

    record PortPublished(int port, @Nullable Throwable failure) implements AppNews {}

    record SourcesFound(
            int release,
            Resolver.@Nullable Resolved found,
            @Nullable Throwable failure) implements AppNews {}

    /** The last lines of a release that has failed. */
    record LastLines(int release, String reason, List<LogLine> lines) implements AppNews {}

    record AllowanceOver(int release) implements AppNews {}

    record WaitOver(long waiter) implements AppNews {}

    record DrainOver(String sandbox) implements AppNews {}

    record RestartOver(String sandbox) implements AppNews {}

    record RetryPorts() implements AppNews {}

    record RetryPlacement() implements AppNews {}

    /** What the store holds is unknown: look. */
    record Reload() implements AppNews {}

    /** Decide on the release again. */
    record Judge() implements AppNews {}

    record LogsForgotten() implements AppNews {}

    /** There are addresses again. */
    record AddressesAdded() implements AppNews {}

    record NoAddresses(String detail) implements AppNews {}

    /** The parent has let go of an app that is no more: nothing follows. */
    record Stop() implements AppMessage {}
}
