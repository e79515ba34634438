package io.hostel.sandbox;

import java.io.IOException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.time.Duration;
import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Probes of all sandboxes on one thread, by non-blocking sockets; its clock is finer than an actor's timers. */
public final class NioProber implements Prober, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(NioProber.class);

    /** What a small program takes from its first instruction until it listens, and some more. */
    private static final long STARTING_NANOS = 3_000_000;

    private static final long MILLISECOND = 1_000_000;
    /** Who asks meanwhile waits as long. */
    private static final long LONGEST_PARK_NANOS = 100_000;

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
        return ask(new Probe(target, System.nanoTime() + delay.toNanos(), timeout, 0));
    }

    @Override
    public CompletionStage<Answer> probeStarting(Target target, Duration timeout) {
        return ask(new Probe(target, System.nanoTime(), timeout, STARTING_NANOS));
    }

    CompletionStage<Answer> ask(Probe probe) {
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
            } else {
                next.begin(selector);
                again(next);
            }
        }
        select(now);
        for (SelectionKey key : selector.selectedKeys()) {
            Probe probe = (Probe) key.attachment();
            boolean answered = probe.answered();
            if (key.isValid()) {
                probe.proceed(key);
            }
            if (probe.over() || !probe.begun()) {
                due.remove(probe);
                again(probe);
            } else if (probe.answered() && !answered) {
                due.remove(probe);
                probe.rest();
                due.add(probe);
            }
        }
        selector.selectedKeys().clear();
    }

    /** Back among those that begin or time out, unless it is over. */
    private void again(Probe probe) {
        if (!probe.over()) {
            due.add(probe);
        }
    }

    private void select(long now) throws IOException {
        Probe next = due.peek();
        long wait = next == null ? Long.MAX_VALUE : next.dueNanos() - now;
        if (next == null) {
            selector.select();
        } else if (wait < MILLISECOND) {
            LockSupport.parkNanos(Math.min(wait, LONGEST_PARK_NANOS)); // a selector knows milliseconds only
            selector.selectNow();
        } else {
            selector.select(TimeUnit.NANOSECONDS.toMillis(wait));
        }
    }
}
