package io.hostel.store;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives the file system back what the database does not use any more: a little at a time, with pauses in which the store's thread
 * is everybody else's.
 */
public final class GivingBack implements Runnable {
    private static final Logger LOG = LoggerFactory.getLogger(GivingBack.class);
    private static final Executor SOON = CompletableFuture.delayedExecutor(50, TimeUnit.MILLISECONDS);

    private final StoreThread thread;
    private final Database database;
    private final AtomicBoolean underWay = new AtomicBoolean();

    /** @param thread the one that owns the database */
    public GivingBack(StoreThread thread, Database database) {
        this.thread = thread;
        this.database = database;
    }

    /** Begins, unless it is at it; to be called every now and then. */
    @Override
    public void run() {
        if (underWay.compareAndSet(false, true)) {
            step();
        }
    }

    private void step() {
        thread.submit(database::giveBack).whenComplete((more, failure) -> {
            if (failure != null) {
                LOG.warn("give room back that the database does not use: {}", failure.getMessage());
            }
            if (failure == null && more) {
                SOON.execute(this::step);
            } else {
                underWay.set(false);
            }
        });
    }
}
