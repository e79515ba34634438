package io.hostel.tenant;

import akka.NotUsed;
import akka.japi.Pair;
import akka.stream.javadsl.Source;
import io.hostel.api.EventView;
import io.hostel.store.DesiredState;
import io.hostel.store.DesiredState.StoredEvent;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What has happened, in order. Events of changes are appended by the same work on the store's thread that records the change;
 * those that are nobody's change are handed in and appended soon.
 *
 * <p>Followers pull: each reads on from where it is, from the newest events in memory or else from the store. Nothing is
 * kept for a slow one, and it loses nothing.
 */
public final class EventLog {
    private static final Logger LOG = LoggerFactory.getLogger(EventLog.class);
    private static final int RECENT = 4_096;
    private static final long RECENT_CHARACTERS = 1 << 20;
    /** Read from the store at a time; a slow reader holds as many. */
    private static final int PAGE = 64;

    /** How many handed-in events may wait for the store, of all and of each tenant; what comes beyond is only logged. */
    private static final int WAITING = 10_000;

    private static final int WAITING_EACH = 2_000;

    private static final Executor SOON = CompletableFuture.delayedExecutor(50, TimeUnit.MILLISECONDS);

    static final String TENANT_CREATED = "tenant.created";

    /** Tells a reader that events after the number it has are not kept any more, up to which. */
    static final String FORGOTTEN = "events.forgotten";

    private final Records records;
    private final InstantSource clock;
    private final Deque<EventView> recent = new ArrayDeque<>();
    private final Deque<Noted> noted = new ConcurrentLinkedDeque<>();
    private final AtomicInteger waiting = new AtomicInteger();
    /** Those that wait, and those that the store is just writing. */
    private final AtomicInteger unwritten = new AtomicInteger();
    private final Map<Optional<String>, Integer> waitingEach = new ConcurrentHashMap<>();
    private final AtomicBoolean due = new AtomicBoolean();
    private final Map<String, Long> beginnings = new HashMap<>();
    private CompletableFuture<Void> next = new CompletableFuture<>();
    private long recentCharacters;

    /** Every event after this one is in {@code recent}; -1 while nothing has been appended. */
    private long floor = -1;

    /** An event that has no number yet. */
    private record Noted(Instant at, Optional<String> tenant, String kind, Map<String, String> details) {}

    public EventLog(Records records, InstantSource clock) {
        this.records = records;
        this.clock = clock;
    }

    /** Appends, after what was handed in before; called on the store's thread. */
    void append(DesiredState state, Optional<String> tenant, String kind, Map<String, String> details) {
        List<Noted> before = takeNoted();
        state.onceUndone(() -> putBack(before));
        state.onceStored(() -> unwritten.addAndGet(-before.size()));
        before.forEach(event -> append(state, event));
        append(state, new Noted(clock.instant(), tenant, kind, details));
    }

    private void append(DesiredState state, Noted event) {
        long sequence = state.appendEvent(event.at(), event.tenant(), event.kind(), event.details());
        state.onceStored(
                () -> appended(new EventView(sequence, event.at(), event.tenant(), event.kind(), event.details())));
    }

    private void appended(EventView event) {
        CompletableFuture<Void> told;
        synchronized (this) {
            if (floor < 0) {
                floor = event.sequence() - 1;
            }
            if (event.kind().equals(TENANT_CREATED)) {
                event.tenant().ifPresent(t -> beginnings.put(t, event.sequence()));
            }
            recent.add(event);
            recentCharacters += weight(event);
            while (recent.size() > RECENT || recentCharacters > RECENT_CHARACTERS) {
                EventView oldest = recent.remove();
                recentCharacters -= weight(oldest);
                floor = oldest.sequence();
                beginnings.values().removeIf(first -> first <= floor);
            }
            told = next;
            next = new CompletableFuture<>();
        }
        if (told.getNumberOfDependents() > 0) {
            told.completeAsync(() -> null); // followers read on elsewhere than on the store's thread
        } else {
            told.complete(null);
        }
    }

    /**
     * Hands in an event that nobody waits for. It is written a little later, with others: whatever it tells of goes on just now,
     * and needs the cores.
     */
    public void note(Optional<String> tenant, String kind, Map<String, String> details) {
        if (waiting.get() >= WAITING || waitingEach.getOrDefault(tenant, 0) >= WAITING_EACH) {
            LOG.warn("event not kept, for too many wait for the store: {} {} {}", tenant.orElse("-"), kind, details);
            return;
        }
        count(tenant, 1);
        unwritten.incrementAndGet();
        noted.add(new Noted(clock.instant(), tenant, kind, details));
        writeSoon();
    }

    private void count(Optional<String> tenant, int more) {
        waiting.addAndGet(more);
        waitingEach.merge(tenant, more, Integer::sum);
        waitingEach.remove(tenant, 0);
    }

    private void writeSoon() {
        if (due.compareAndSet(false, true)) {
            SOON.execute(this::write);
        }
    }

    /** Hands what waits to the store now. */
    public void write() {
        due.set(false);
        if (noted.isEmpty()) {
            return; // a change took them along
        }
        List<Noted> taken = new CopyOnWriteArrayList<>();
        records.submit(state -> {
                    taken.addAll(takeNoted());
                    taken.forEach(event -> append(state, event));
                    return true;
                })
                .whenComplete((done, failure) -> {
                    unwritten.addAndGet(-taken.size());
                    if (failure != null) {
                        taken.forEach(event -> LOG.warn("event not kept: {}", event, failure));
                        if (!noted.isEmpty()) {
                            writeSoon();
                        }
                    }
                });
    }

    /** Completes when all that was handed in so far can be read, or is lost. */
    CompletionStage<Void> settled() {
        if (unwritten.get() == 0) {
            return CompletableFuture.completedFuture(null);
        }
        write();
        return records.submit(state -> true).handle((done, failure) -> null);
    }

    private List<Noted> takeNoted() {
        List<Noted> all = new ArrayList<>();
        for (Noted event = noted.poll(); event != null; event = noted.poll()) {
            count(event.tenant(), -1);
            all.add(event);
        }
        return all;
    }

    /** The change that they were to be written with came to nothing. */
    private void putBack(List<Noted> events) {
        for (int i = events.size() - 1; i >= 0; i--) {
            count(events.get(i).tenant(), 1);
            noted.addFirst(events.get(i));
        }
        if (!events.isEmpty()) {
            writeSoon();
        }
    }

    /**
     * Events after a sequence number, oldest first. Where some of those are not kept any more, an event {@value #FORGOTTEN} in
     * their place says so.
     *
     * @param tenant only this tenant's; empty: all
     * @param follow false: the source completes after the newest event
     */
    public Source<EventView, NotUsed> after(Optional<String> tenant, long since, boolean follow) {
        return Source.<Position, List<EventView>>unfoldAsync(
                        new Position(Math.max(0, since), 0, false), at -> page(tenant, at, follow))
                .mapConcat(page -> page);
    }

    /**
     * @param told up to which number it was told that events have been forgotten
     * @param current whether the reader has had all there was at some moment since this object is there
     */
    private record Position(long sequence, long told, boolean current) {}

    private CompletionStage<Optional<Pair<Position, List<EventView>>>> page(
            Optional<String> tenant, Position at, boolean follow) {
        CompletableFuture<Void> more;
        synchronized (this) {
            more = next;
            boolean inMemory = floor >= 0 ? at.sequence() >= floor : at.current();
            if (!inMemory) {
                return stored(tenant, at);
            }
            if (!recent.isEmpty() && recent.getLast().sequence() > at.sequence()) {
                List<EventView> all = after(at.sequence(), tenant);
                List<EventView> news = List.copyOf(all.subList(0, Math.min(PAGE, all.size())));
                long to = news.size() == all.size()
                        ? recent.getLast().sequence()
                        : news.get(news.size() - 1).sequence();
                return CompletableFuture.completedFuture(
                        Optional.of(Pair.create(new Position(to, at.told(), true), news)));
            }
        }
        return follow
                ? more.thenCompose(m -> page(tenant, at, true))
                : CompletableFuture.completedFuture(Optional.empty());
    }

    /** From the newest backwards: a reader who is told of one event more need not pass over thousands. */
    private List<EventView> after(long sequence, Optional<String> tenant) {
        Deque<EventView> news = new ArrayDeque<>();
        for (Iterator<EventView> newest = recent.descendingIterator(); newest.hasNext(); ) {
            EventView event = newest.next();
            if (event.sequence() <= sequence) {
                break;
            }
            if (tenant.isEmpty() || tenant.equals(event.tenant()) && isOf(tenant.get(), event)) {
                news.addFirst(event);
            }
        }
        return List.copyOf(news);
    }

    private CompletionStage<Optional<Pair<Position, List<EventView>>>> stored(Optional<String> tenant, Position at) {
        return records.submit(state -> {
            List<EventView> page = new ArrayList<>();
            long forgotten = state.forgottenEvents(tenant);
            if (forgotten > Math.max(at.sequence(), at.told())) {
                // With the number that the reader has: what is left of what comes after it follows.
                page.add(new EventView(
                        at.sequence(),
                        clock.instant(),
                        tenant,
                        FORGOTTEN,
                        Map.of("after", Long.toString(at.sequence()), "to", Long.toString(forgotten))));
            }
            List<StoredEvent> found = state.events(tenant, at.sequence(), PAGE);
            found.forEach(event -> page.add(view(event)));
            boolean all = found.isEmpty();
            long last = all
                    ? Math.max(at.sequence(), newest())
                    : found.get(found.size() - 1).sequence();
            return Optional.of(Pair.create(new Position(last, Math.max(forgotten, at.told()), all), page));
        });
    }

    /** What came before a tenant's creation was of another one of that name. */
    private boolean isOf(String tenant, EventView event) {
        return event.sequence() >= beginnings.getOrDefault(tenant, 0L);
    }

    private synchronized long newest() {
        return recent.isEmpty() ? 0 : recent.getLast().sequence();
    }

    private static long weight(EventView event) {
        return 100
                + event.details().values().stream().mapToLong(String::length).sum();
    }

    private static EventView view(StoredEvent e) {
        return new EventView(e.sequence(), e.at(), e.tenant(), e.kind(), e.details());
    }
}
