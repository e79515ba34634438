package io.hostel.sandbox;

import java.io.IOException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.time.Duration;
import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Probes of all sandboxes on one thread, by non-blocking sockets; its clock is finer than an actor's timers. */
public final class NioProber implements Prober, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(NioProber.class);

    private final Selector selector;
    private final Queue<Probe> asked = new ConcurrentLinkedQueue<>();
    /** Those that begin or time out, the next one first. */
    private final PriorityQueue<Probe> due = new PriorityQueue<>(Comparator.comparingLong(Probe::dueNanos));

    private final Thread thread;
    private volatile boolean closing;

    private NioProber(Selector selector) {
        this.selector = selector;
        this.thread = new Thread(this::serve, "prober");
        this.thread.setDaemon(true);
    }

    public static NioProber open() throws IOException {
        NioProber prober = new NioProber(Selector.open());
        prober.thread.start();
        return prober;
    }

    @Override
    public CompletionStage<Answer> probe(Target target, Duration delay, Duration timeout) {
        Probe probe = new Probe(target, System.nanoTime() + delay.toNanos(), timeout, new CompletableFuture<>());
        asked.add(probe);
        selector.wakeup();
        if (closing) {
            probe.end(Answer.ill("the host is going down"));
        }
        return probe.answer();
    }

    /** Ends every probe; those that come later are answered as ill at once. */
    @Override
    public void close() {
        closing = true;
        selector.wakeup();
    }

    private void serve() {
        try (selector) {
            while (!closing) {
                round();
            }
        } catch (IOException e) {
            LOG.error("probing has ended: no sandbox will be found ready any more", e);
        } finally {
            closing = true;
            due.forEach(probe -> probe.end(Answer.ill("the host is going down")));
            asked.forEach(probe -> probe.end(Answer.ill("the host is going down")));
        }
    }

    private void round() throws IOException {
        for (Probe probe = asked.poll(); probe != null; probe = asked.poll()) {
            due.add(probe);
        }
        // Begun as soon as asked for where there is no delay; otherwise when its millisecond has come.
        long now = System.nanoTime();
        for (Probe next = due.peek(); next != null && next.dueNanos() - now <= 0; next = due.peek()) {
            due.remove();
            if (next.over()) {
                continue;
            }
            if (next.begun()) {
                next.late();
            } else if (next.begin(selector)) {
                due.add(next);
            }
        }
        select(now);
        for (SelectionKey key : selector.selectedKeys()) {
            Probe probe = (Probe) key.attachment();
            boolean answered = probe.answered();
            if (key.isValid()) {
                probe.proceed(key);
            }
            if (probe.over()) {
                due.remove(probe);
            } else if (probe.answered() && !answered) {
                due.remove(probe);
                probe.rest();
                due.add(probe);
            }
        }
        selector.selectedKeys().clear();
    }

    private void select(long now) throws IOException {
        Probe next = due.peek();
        if (next == null) {
            selector.select();
        } else {
            selector.select(Math.max(1, TimeUnit.NANOSECONDS.toMillis(next.dueNanos() - now)));
        }
    }
}
