package io.hostel.log;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one thread that writes in the log directory, so that whoever has something to say need not wait for a disk. What it is told
 * it does in that order, {@value #LATER_MILLIS} ms later: what is said while a launch goes on would take a core from it.
 */
final class HostLines implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(HostLines.class);
    /** More than a host of thousands says at once when it begins. */
    private static final int WAITING = 16_384;

    /** Of each of the two files. */
    private static final long LARGEST = 64 << 10;

    private static final long LATER_MILLIS = 50;
    private static final Duration SETTLES_WITHIN = Duration.ofSeconds(1);

    private final ScheduledThreadPoolExecutor thread =
            new ScheduledThreadPoolExecutor(1, task -> new Thread(task, "hostel-log"));

    /** Something to do on the thread. */
    interface Work {
        void run() throws IOException;
    }

    private record Task(Work work, CompletableFuture<Void> outcome) implements Runnable {
        @Override
        public void run() {
            try {
                work.run();
                outcome.complete(null);
            } catch (IOException | RuntimeException e) {
                LOG.warn("write a host's log: {}", e.toString());
                outcome.completeExceptionally(e);
            }
        }

        void lose() {
            outcome.completeExceptionally(new IOException("the log disk is too slow; this was not done"));
        }
    }

    CompletionStage<Void> run(Work work) {
        Task task = new Task(work, new CompletableFuture<>());
        if (thread.getQueue().size() >= WAITING) {
            task.lose();
            return task.outcome();
        }
        try {
            thread.schedule(task, LATER_MILLIS, TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException closed) {
            task.lose();
        }
        return task.outcome();
    }

    /** Completes when all that was said before is done; where the disk hangs, soon nevertheless. */
    CompletionStage<Void> settled() {
        return run(() -> {})
                .toCompletableFuture()
                .orTimeout(SETTLES_WITHIN.toMillis(), TimeUnit.MILLISECONDS)
                .exceptionally(slow -> null);
    }

    /** What has no directory any more is of an app that has been deleted, and lost. */
    static void append(Path file, Instant at, String text) throws IOException {
        StringBuilder lines = new StringBuilder();
        text.lines().forEach(line -> lines.append(new CriLine(at, "host", false, line).format()));
        if (Files.exists(file, LinkOption.NOFOLLOW_LINKS) && Files.size(file) + lines.length() > LARGEST) {
            Files.move(file, LogTail.older(file), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        }
        try {
            Files.writeString(
                    file, lines, StandardCharsets.UTF_8, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        } catch (NoSuchFileException gone) {
            LOG.debug("no log directory for {}: {}", file, text);
        }
    }

    @Override
    public void close() {
        thread.shutdown();
        try {
            if (!thread.awaitTermination(10, TimeUnit.SECONDS)) {
                LOG.warn(
                        "the log disk did not answer; {} lines are lost",
                        thread.shutdownNow().size());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
