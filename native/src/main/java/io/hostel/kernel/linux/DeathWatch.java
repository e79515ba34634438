package io.hostel.kernel.linux;

import io.hostel.kernel.Processes.Watch;
import io.hostel.sys.Epoll;
import io.hostel.sys.Errno;
import io.hostel.sys.Eventfd;
import io.hostel.sys.Fd;
import io.hostel.sys.Pidfd;
import io.hostel.sys.SysException;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One thread that waits on all pidfds. A pidfd is readable from its process's end on and stays so: an end can't be missed,
 * however late it is looked for. Whoever takes a watch out of the map owns its descriptor and its callback, so that each is
 * closed once and called at most once.
 */
final class DeathWatch implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(DeathWatch.class);
    private static final long WAKE = 0;
    private static final Runnable NOBODY = () -> {};

    private final Epoll epoll;
    private final Eventfd wake;
    private final Map<Long, Watched> watched = new ConcurrentHashMap<>();
    private final AtomicLong nextKey = new AtomicLong(WAKE + 1);
    private final Queue<Runnable> endedAlready = new ConcurrentLinkedQueue<>();
    private final Thread thread = new Thread(this::run, "hostel-deaths");
    private volatile boolean closing;

    DeathWatch() throws SysException {
        epoll = Epoll.open();
        wake = Eventfd.open();
        epoll.add(wake.fd(), WAKE);
        thread.setDaemon(true);
        thread.start();
    }

    /** Takes the pidfd over. */
    Watch watch(int pid, Fd pidfd, Runnable ended) throws SysException {
        long key = nextKey.getAndIncrement();
        watched.put(key, new Watched(pid, pidfd, ended));
        try {
            epoll.add(pidfd, key);
        } catch (SysException e) {
            watched.remove(key);
            pidfd.close();
            throw e;
        }
        return () -> unwatch(key);
    }

    /** For a process that has ended: calls back on the thread all the same. */
    Watch endedAlready(Runnable ended) throws SysException {
        AtomicBoolean stopped = new AtomicBoolean();
        endedAlready.add(() -> {
            if (!stopped.get()) call(ended);
        });
        wake.raise();
        return () -> stopped.set(true);
    }

    /** A child stays watched, silently: nobody else would reap it. */
    private void unwatch(long key) {
        Watched now = watched.computeIfPresent(
                key, (same, was) -> was.isChild() ? new Watched(was.pid, was.pidfd, NOBODY) : was);
        if (now == null || now.ended == NOBODY || !watched.remove(key, now)) return;
        forget(now);
    }

    private void run() {
        while (!closing) {
            try {
                for (long key : epoll.await(-1)) {
                    if (key == WAKE) woken();
                    else ended(key);
                }
            } catch (SysException | RuntimeException e) {
                LOG.error("waiting for processes to end", e);
            }
        }
        watched.values().forEach(each -> each.pidfd.close());
        watched.clear();
        epoll.close();
        wake.close();
    }

    private void woken() throws SysException {
        wake.lower();
        for (Runnable next = endedAlready.poll(); next != null; next = endedAlready.poll()) next.run();
    }

    private void ended(long key) {
        Watched it = watched.remove(key);
        if (it == null) return;
        call(it.ended); // first, for somebody waits for it
        reap(it);
        forget(it);
    }

    /** ECHILD: it is another's to reap. */
    private static void reap(Watched it) {
        try {
            Pidfd.reap(it.pidfd);
        } catch (SysException e) {
            if (!e.is(Errno.ECHILD)) LOG.warn("process {}: {}", it.pid, e.getMessage());
        }
    }

    private void forget(Watched it) {
        try {
            epoll.remove(it.pidfd);
        } catch (SysException e) {
            LOG.warn("process {}: {}", it.pid, e.getMessage());
        } finally {
            it.pidfd.close();
        }
    }

    private static void call(Runnable ended) {
        try {
            ended.run();
        } catch (RuntimeException e) {
            LOG.error("a callback for a process's end threw", e);
        }
    }

    @Override
    public void close() {
        closing = true;
        try {
            wake.raise();
            if (Thread.currentThread() != thread) thread.join();
        } catch (SysException | IllegalStateException e) {
            LOG.debug("closed already: {}", e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private record Watched(int pid, Fd pidfd, Runnable ended) {
        boolean isChild() {
            int self = (int) ProcessHandle.current().pid();
            return ProcessStat.read(pid).filter(stat -> stat.parent() == self).isPresent();
        }
    }
}
