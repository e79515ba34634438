package io.hostel.tenant;

import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.TimerScheduler;
import io.hostel.api.Gone;
import io.hostel.api.LinkView;
import io.hostel.api.Refusal;
import io.hostel.kernel.KernelException;
import io.hostel.sandbox.TenantWords;
import io.hostel.store.DesiredState;
import io.hostel.store.DesiredState.StoredLink;
import io.hostel.store.DesiredState.StoredTenant;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Takes what tenants say about links: to the disk first, then to the packet filter. Confined to the directory's actor. */
final class LinkDesk {
    private static final Duration RETRY = Duration.ofSeconds(1);
    private static final int MOST_EACH = 1_000;

    private final ActorContext<TenantDirectory.Message> actor;
    private final TimerScheduler<TenantDirectory.Message> timers;
    private final Surroundings around;
    private final Map<String, Integer> numbers;
    private final Links links = new Links(this::apply);
    private final List<Waiting> waiting = new ArrayList<>();

    sealed interface News {}

    /** @param said by it; empty: there was no other */
    record LinkRecorded(
            TenantDirectory.Link link,
            List<StoredLink> said,
            @Nullable Throwable failure) implements News {}

    record UnlinkRecorded(
            TenantDirectory.Unlink unlink, @Nullable Throwable failure) implements News {}

    record Applied(Links.Pair pair, @Nullable Throwable failure) implements News {}

    record Retry() implements News {}

    /** @param answer given the failure of the kernel call, if it failed */
    private record Waiting(Links.Pair pair, Consumer<Optional<Throwable>> answer) {}

    /** @param numbers of the tenants there are, by id; the directory keeps it */
    LinkDesk(
            ActorContext<TenantDirectory.Message> actor,
            TimerScheduler<TenantDirectory.Message> timers,
            Surroundings around,
            Map<String, Integer> numbers) {
        this.actor = actor;
        this.timers = timers;
        this.around = around;
        this.numbers = numbers;
    }

    /** Puts in force what was recorded. */
    void begin(List<StoredLink> recorded) {
        links.say(recorded);
        recorded.forEach(l -> pair(l.tenant(), l.other()).ifPresent(p -> decide(l.tenant(), l.other(), p)));
    }

    /** What is said of nobody takes as long and answers the same: whether there is an other is not for its speaker to know. */
    void link(TenantDirectory.Link link) {
        Set<String> others = links.said(link.tenant());
        if (others.size() >= MOST_EACH && !others.contains(link.other())) {
            link.refuse(new Refusal.Conflict(
                    "too-many-links", "A tenant links itself to at most " + MOST_EACH + " others; take a link back."));
            return;
        }
        List<StoredLink> said =
                numbers.containsKey(link.other()) ? said(link.tenant(), link.other(), link.forBoth()) : List.of();
        actor.pipeToSelf(
                record(link.tenant(), link.other(), "tenant.linked", state -> said.forEach(state::saveLink)),
                (done, failure) -> new TenantDirectory.LinkNews(new LinkRecorded(link, said, failure)));
    }

    void unlink(TenantDirectory.Unlink unlink) {
        List<StoredLink> unsaid = said(unlink.tenant(), unlink.other(), unlink.forBoth());
        actor.pipeToSelf(
                record(
                        unlink.tenant(),
                        unlink.other(),
                        "tenant.unlinked",
                        state -> unsaid.forEach(l -> state.deleteLink(l.tenant(), l.other()))),
                (done, failure) -> new TenantDirectory.LinkNews(new UnlinkRecorded(unlink, failure)));
    }

    /** Both sides are told of a link that begins or ends, and nobody of one side's word. */
    private CompletionStage<Boolean> record(
            String tenant, String other, String event, Consumer<DesiredState> change) {
        return around.records().submit(state -> {
            boolean before = state.linked(tenant, other);
            state.touch(tenant);
            change.accept(state);
            if (state.linked(tenant, other) != before) {
                around.events().append(state, Optional.of(tenant), event, Map.of("other", other));
                around.events().append(state, Optional.of(other), event, Map.of("other", tenant));
            }
            return true;
        });
    }

    void on(News news) {
        if (news instanceof LinkRecorded r) {
            linkRecorded(r);
        } else if (news instanceof UnlinkRecorded r) {
            unlinkRecorded(r);
        } else if (news instanceof Applied a) {
            applied(a);
        } else if (news instanceof Retry) {
            links.retry();
        }
    }

    private void linkRecorded(LinkRecorded r) {
        TenantDirectory.Link link = r.link();
        Links.Pair pair = pair(link.tenant(), link.other()).orElse(null);
        if (r.failure() != null) {
            link.refuse(Faults.refusal(r.failure()));
        } else if (link.forBoth() && (pair == null || r.said().isEmpty())) {
            link.refuse(TenantDirectory.noTenant(link.other()));
        } else if (pair == null || r.said().isEmpty()) {
            link.done(new LinkView(link.tenant(), link.other(), false));
        } else {
            links.say(r.said());
            decide(link.tenant(), link.other(), pair);
            whenSettled(
                    pair,
                    failure -> failure.ifPresentOrElse(
                            f -> link.refuse(unavailable(f)),
                            () -> link.done(new LinkView(
                                    link.tenant(), link.other(), links.bothSaid(link.tenant(), link.other())))));
        }
    }

    private void unlinkRecorded(UnlinkRecorded r) {
        TenantDirectory.Unlink unlink = r.unlink();
        Links.Pair pair = pair(unlink.tenant(), unlink.other()).orElse(null);
        if (r.failure() != null) {
            unlink.refuse(Faults.refusal(r.failure()));
        } else if (pair == null) {
            unlink.done(Gone.GONE);
        } else {
            links.unsay(said(unlink.tenant(), unlink.other(), unlink.forBoth()));
            decide(unlink.tenant(), unlink.other(), pair);
            whenSettled(
                    pair,
                    failure ->
                            failure.ifPresentOrElse(f -> unlink.refuse(unavailable(f)), () -> unlink.done(Gone.GONE)));
        }
    }

    private void decide(String tenant, String other, Links.Pair pair) {
        links.want(pair, links.bothSaid(tenant, other));
    }

    private void whenSettled(Links.Pair pair, Consumer<Optional<Throwable>> answer) {
        if (links.settled(pair)) {
            answer.accept(Optional.empty());
        } else {
            waiting.add(new Waiting(pair, answer));
        }
    }

    private void applied(Applied a) {
        links.applied(a.pair(), a.failure() == null);
        Optional<Throwable> failure = Optional.ofNullable(a.failure()).map(Faults::cause);
        failure.ifPresent(f -> {
            actor.getLog().warn("link of tenants {}: {}", a.pair(), f.getMessage());
            timers.startSingleTimer("links", new TenantDirectory.LinkNews(new Retry()), RETRY);
        });
        waiting.removeIf(w -> {
            boolean over = w.pair().equals(a.pair()) && (failure.isPresent() || links.settled(a.pair()));
            if (over) {
                w.answer().accept(failure);
            }
            return over;
        });
    }

    void forget(StoredTenant tenant) {
        links.forget(tenant.id(), tenant.number());
    }

    boolean none(int number) {
        return links.none(number);
    }

    private void apply(Links.Pair pair, boolean linked) {
        CompletableFuture<Boolean> done = new CompletableFuture<>();
        actor.pipeToSelf(done, (ok, failure) -> new TenantDirectory.LinkNews(new Applied(pair, failure)));
        try {
            around.kernel().execute(() -> {
                try {
                    if (linked) {
                        around.filter().link(pair.lower(), pair.higher());
                    } else {
                        around.filter().unlink(pair.lower(), pair.higher());
                    }
                    done.complete(true);
                } catch (KernelException | RuntimeException e) {
                    done.completeExceptionally(e);
                }
            });
        } catch (RuntimeException full) {
            done.completeExceptionally(full);
        }
    }

    private Optional<Links.Pair> pair(String tenant, String other) {
        Integer a = numbers.get(tenant);
        Integer b = numbers.get(other);
        return a == null || b == null ? Optional.empty() : Optional.of(Links.Pair.of(a, b));
    }

    private static List<StoredLink> said(String tenant, String other, boolean forBoth) {
        StoredLink own = new StoredLink(tenant, other);
        return forBoth ? List.of(own, new StoredLink(other, tenant)) : List.of(own);
    }

    private static Refusal unavailable(Throwable failure) {
        return new Refusal.Unavailable("It is recorded, and the packet filter will follow: "
                + TenantWords.of(String.valueOf(failure.getMessage())));
    }
}
