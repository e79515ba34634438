package io.hostel.log;

import akka.actor.typed.ActorSystem;
import akka.stream.Attributes;
import akka.stream.Materializer;
import akka.stream.javadsl.AsPublisher;
import akka.stream.javadsl.JavaFlowSupport;
import akka.stream.javadsl.Source;
import io.hostel.api.LogLine;
import io.hostel.api.LogQuery;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.Flow;

/**
 * The sandboxes' logs: LOG-DIR/TENANT/APP/SANDBOX.log, which the monitors write and rotate, SANDBOX.host.log with the host's own
 * lines about it, and SANDBOX.process with the process's name.
 *
 * <p>Whoever starts or adopts a sandbox says {@link #opened}. Logs outlive their sandboxes: {@link #sweep} bounds how many.
 */
public final class LogFiles implements AutoCloseable {
    /** A sandbox that was made after the living were counted writes within this time, if ever. */
    private static final Duration LATELY = Duration.ofMinutes(10);

    private static final String BLOCKING = "akka.actor.default-blocking-io-dispatcher";

    /** A slow reader holds one line, and not many. */
    private static final Attributes ONE_AHEAD = Attributes.inputBuffer(1, 1);

    private final LogDirectory directory;
    private final LogRoom room;
    private final HostLines hostLines;
    private final LogWatch watch;
    private final Materializer materializer;
    private final Executor blocking;

    /**
     * @param mostPerSandbox bytes of one sandbox's log
     * @throws IOException where the directory can't be made
     */
    public LogFiles(Path logDir, long mostPerSandbox, ActorSystem<?> system) throws IOException {
        this.directory = new LogDirectory(logDir);
        this.room = new LogRoom(logDir, mostPerSandbox);
        directory.make();
        this.hostLines = new HostLines();
        this.watch = new LogWatch();
        this.materializer = Materializer.createMaterializer(system);
        this.blocking = system.dispatchers().lookup(akka.actor.typed.DispatcherSelector.blocking());
    }

    /** A sandbox is there whose lines may come. Does not block. */
    public void opened(String tenant, String app, String sandbox, String process) {
        hostLines.run(() -> {
            directory.recordProcess(tenant, app, sandbox, process);
            room.opened(tenant, directory.log(tenant, app, sandbox));
        });
    }

    /** A tenant's logs are to take no more than so many bytes from now on. */
    public void allow(String tenant, long bytes) {
        room.allow(tenant, bytes);
    }

    /** Bytes that a tenant's logs took at the last look. */
    public long taken(String tenant) {
        return room.taken(tenant);
    }

    /**
     * Holds each tenant to what it is allowed, and keeps some of the disk for the host. To be said every few seconds. Does not
     * block.
     *
     * @param living ids of all sandboxes there were
     * @param asOf when they were counted
     */
    public CompletionStage<Void> bound(Set<String> living, Instant asOf) {
        return hostLines.run(() -> room.look(living, asOf));
    }

    /**
     * Deletes what ended sandboxes wrote, but for each app's {@value LogDirectory#ENDED_KEPT} newest and for what is younger than
     * ten minutes. To be said every few minutes. Does not block.
     *
     * @param living ids of all sandboxes there are
     */
    public CompletionStage<Void> sweep(Set<String> living) {
        Instant lately = Instant.now().minus(LATELY);
        return hostLines.run(() -> directory.sweep(living, lately));
    }

    /** Adds the host's own words, a line for each of theirs. Does not block; where too many wait, the oldest are lost. */
    public void append(String tenant, String app, String sandbox, Instant at, String text) {
        Path file = directory.hostLog(tenant, app, sandbox);
        hostLines.run(() -> HostLines.append(file, at, text));
    }

    /** An app's lines, oldest first: the newest {@code tail}, then, with {@code follow}, all that come, for one subscriber. */
    public Flow.Publisher<LogLine> lines(String tenant, String app, LogQuery query) {
        AppLogs logs = new AppLogs(() -> directory.find(tenant, app).stream()
                .filter(log -> query.process().map(log.process()::equals).orElse(true))
                .toList());
        return Source.fromGraph(new LogFollow(logs, query, watch, directory.app(tenant, app)))
                .async(BLOCKING)
                .addAttributes(ONE_AHEAD)
                .runWith(JavaFlowSupport.Sink.asPublisher(AsPublisher.WITHOUT_FANOUT), materializer);
    }

    /** The newest lines of one sandbox, oldest first; none where it wrote nothing. */
    public CompletionStage<List<LogLine>> last(String tenant, String app, String sandbox, int lines) {
        AppLogs logs = new AppLogs(() -> directory.find(tenant, app).stream()
                .filter(log -> log.sandbox().equals(sandbox))
                .toList());
        return hostLines.settled().thenCompose(settled -> blocking(() -> all(logs, lines)));
    }

    private static List<LogLine> all(AppLogs logs, int count) throws IOException {
        logs.begin(count);
        List<LogLine> all = new ArrayList<>();
        for (List<LogLine> some = logs.tail(); !some.isEmpty(); some = logs.tail()) {
            all.addAll(some);
        }
        return all;
    }

    /** Takes an app's logs off the disk, after all that was appended before. */
    public CompletionStage<Void> forget(String tenant, String app) {
        return hostLines.run(() -> directory.delete(tenant, app));
    }

    /** Takes a tenant's logs off the disk. */
    public CompletionStage<Void> forget(String tenant) {
        room.forget(tenant);
        return hostLines.run(() -> directory.delete(tenant));
    }

    private interface Reading<T> {
        T read() throws IOException;
    }

    private <T> CompletionStage<T> blocking(Reading<T> reading) {
        CompletableFuture<T> outcome = new CompletableFuture<>();
        blocking.execute(() -> {
            try {
                outcome.complete(reading.read());
            } catch (IOException | RuntimeException e) {
                outcome.completeExceptionally(e);
            }
        });
        return outcome;
    }

    /** Writes what waits, and no more. */
    @Override
    public void close() {
        hostLines.close();
        watch.close();
        materializer.shutdown();
    }
}
