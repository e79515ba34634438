package io.hostel.api.http;

import akka.actor.typed.ActorSystem;
import akka.actor.typed.DispatcherSelector;
import akka.http.javadsl.model.HttpRequest;
import akka.stream.Attributes;
import akka.stream.KillSwitches;
import akka.stream.UniqueKillSwitch;
import akka.stream.javadsl.Keep;
import akka.stream.javadsl.StreamConverters;
import akka.util.ByteString;
import io.hostel.api.ArtifactFormat;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Bodies of any length. They flow through without ever being held: the port reads one on a thread of its own, and the client is
 * slowed down to the pace of that. One that stalls, or ends early, is an IOException to the reader.
 *
 * <p>Threads and decoders cost memory, so uploads are few. Where all places are taken, a party that has none gets that of the
 * slowest upload of one that has several.
 */
final class Uploads {
    static final int EACH = 3;
    static final int ALL = 12;
    static final int RESERVE = 2;

    /** At most so many pieces as the network brings them wait for the reader. */
    private static final int PIECES = 2;

    private final Deadlines deadlines;
    private final ActorSystem<?> system;
    private final Executor blocking;
    private final Shares shares = new Shares("uploads", EACH, ALL, RESERVE);
    private final Set<Upload> underWay = new LinkedHashSet<>();

    Uploads(Deadlines deadlines, ActorSystem<?> system) {
        this.deadlines = deadlines;
        this.system = system;
        this.blocking = system.dispatchers().lookup(DispatcherSelector.blocking());
    }

    private static final class Upload {
        final Party who;
        final long since = System.nanoTime();
        final AtomicLong bytes = new AtomicLong();
        @Nullable
        UniqueKillSwitch end;
        @Nullable
        Problem cut;

        Upload(Party who) {
            this.who = who;
        }

        double bytesPerNano() {
            return bytes.get() / (double) Math.max(1, System.nanoTime() - since);
        }
    }

    /**
     * @param reader reads the body, which is closed when its stage completes
     * @throws Problem.Refused where there is no place for it
     */
    <T> CompletionStage<T> receive(
            HttpRequest request, Party who, Function<InputStream, CompletionStage<T>> reader) {
        Upload upload = begun(who);
        try {
            Body body = new Body(body(request, upload));
            return CompletableFuture.supplyAsync(() -> reader.apply(body), blocking)
                    .thenCompose(stage -> stage)
                    .handle((view, failure) -> outcome(upload, view, failure))
                    .whenCompleteAsync((view, failure) -> close(body), blocking)
                    .whenComplete((view, failure) -> ended(upload));
        } catch (RuntimeException | Error e) {
            ended(upload);
            throw e;
        }
    }

    private InputStream body(HttpRequest request, Upload upload) {
        var bytes = request.entity()
                .withoutSizeLimit()
                .getDataBytes()
                .completionTimeout(deadlines.upload())
                .via(new LeastRate(Deadlines.UPLOAD_LEAST_BYTES, deadlines.uploadWindow()))
                .mapError(LeastRate.TooSlow.class, slow -> {
                    cut(upload, Problem.of(408, "too-slow", "Too slow", String.valueOf(slow.getMessage())));
                    return slow;
                })
                .map(piece -> {
                    upload.bytes.addAndGet(piece.size());
                    return piece;
                })
                .viaMat(KillSwitches.<ByteString>single(), Keep.right())
                // It waits for as long as the deadlines above let it.
                .toMat(
                        StreamConverters.asInputStream(deadlines.upload())
                                .withAttributes(Attributes.inputBuffer(1, PIECES)),
                        Keep.both())
                .run(system);
        synchronized (this) {
            upload.end = bytes.first();
            if (upload.cut != null) {
                bytes.first().abort(new IOException("cut off"));
            }
        }
        return bytes.second();
    }

    private synchronized void cut(Upload upload, Problem why) {
        if (upload.cut == null) {
            upload.cut = why;
        }
        if (upload.end != null) {
            upload.end.abort(new IOException("cut off"));
        }
    }

    private synchronized <T> T outcome(Upload upload, @Nullable T view, @Nullable Throwable failure) {
        if (failure == null) {
            return java.util.Objects.requireNonNull(view);
        }
        if (upload.cut != null) {
            throw new Problem.Refused(upload.cut);
        }
        throw failure instanceof java.util.concurrent.CompletionException known
                ? known
                : new java.util.concurrent.CompletionException(failure);
    }

    private synchronized Upload begun(Party who) {
        if (!shares.enter(who)) {
            Optional<Upload> slowest = shares.held(who) > 0 ? Optional.empty() : slowestOfThoseWithSeveral();
            if (slowest.isEmpty()) {
                throw new Problem.Refused(shares.refusal(who));
            }
            ended(slowest.get());
            cut(
                    slowest.get(),
                    Problem.tooMany("the place was needed for a tenant that had none; send it again"));
            if (!shares.enter(who)) {
                throw new Problem.Refused(shares.refusal(who));
            }
        }
        Upload upload = new Upload(who);
        underWay.add(upload);
        return upload;
    }

    private Optional<Upload> slowestOfThoseWithSeveral() {
        return underWay.stream()
                .filter(upload -> !upload.who.operator() && shares.held(upload.who) > 1)
                .min(Comparator.comparingDouble(Upload::bytesPerNano));
    }

    synchronized int underWay() {
        return underWay.size();
    }

    private synchronized void ended(Upload upload) {
        if (underWay.remove(upload)) {
            shares.leave(upload.who);
        }
    }

    /** A body that knows whether its end has been read: what is read after a failure waits for what will never come. */
    private static final class Body extends FilterInputStream {
        private volatile boolean over;

        Body(InputStream in) {
            super(in);
        }

        @Override
        public int read() throws IOException {
            return noted(super::read);
        }

        @Override
        public int read(byte[] buffer, int offset, int length) throws IOException {
            return noted(() -> super.read(buffer, offset, length));
        }

        private int noted(Read read) throws IOException {
            over = true;
            int what = read.now();
            over = what < 0;
            return what;
        }

        private interface Read {
            int now() throws IOException;
        }
    }

    /** Reads on a little where the reader stopped early: a client sees the answer only when it could send what it was sending. */
    private static void close(Body body) {
        byte[] buffer = new byte[64 << 10];
        long end = System.nanoTime() + Duration.ofSeconds(10).toNanos();
        long left = 64L << 20;
        try (body) {
            int read = 0;
            while (!body.over && left > 0 && System.nanoTime() < end) {
                read = body.read(buffer);
                left -= read;
            }
        } catch (IOException e) {
            return; // the client has gone, which its reader was told
        }
    }

    /** @throws Problem.Refused where the body's media type is no archive's */
    static ArtifactFormat format(HttpRequest request) {
        String type = request.entity().getContentType().mediaType().toString().toLowerCase(Locale.ROOT);
        return Stream.of(ArtifactFormat.values())
                .filter(format -> format.mediaType().equals(type))
                .findFirst()
                .orElseThrow(() -> new Problem.Refused(Bodies.mediaType(Stream.of(ArtifactFormat.values())
                        .map(ArtifactFormat::mediaType)
                        .collect(Collectors.joining(", ")))));
    }
}
