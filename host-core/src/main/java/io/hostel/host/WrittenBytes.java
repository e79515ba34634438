package io.hostel.host;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.concurrent.Executor;
import java.util.concurrent.Flow;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SubmissionPublisher;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What somebody writes to a stream, for one subscriber: the writer runs on a thread that may block, at the subscriber's pace. One
 * that takes nothing for a minute, or has gone, is an IOException to the writer; a writer that fails fails the subscriber.
 */
final class WrittenBytes implements Flow.Publisher<ByteBuffer> {
    private static final Logger LOG = LoggerFactory.getLogger(WrittenBytes.class);
    private static final int PIECE = 65_536;
    private static final int PIECES_AHEAD = 16;
    private static final int PATIENCE_SECONDS = 60;

    interface Writer {
        void writeTo(OutputStream out) throws IOException;
    }

    private final Executor blocking;
    private final Writer writer;
    private final Runnable ended;
    private final AtomicBoolean taken = new AtomicBoolean();

    /** @param ended runs once when the writer has, however it has */
    WrittenBytes(Executor blocking, Writer writer, Runnable ended) {
        this.blocking = blocking;
        this.writer = writer;
        this.ended = ended;
    }

    @Override
    public void subscribe(Flow.Subscriber<? super ByteBuffer> subscriber) {
        SubmissionPublisher<ByteBuffer> pieces = new SubmissionPublisher<>(blocking, PIECES_AHEAD);
        pieces.subscribe(subscriber);
        if (!taken.compareAndSet(false, true)) {
            pieces.closeExceptionally(new IllegalStateException("it is for one subscriber"));
            return;
        }
        try {
            blocking.execute(() -> write(pieces));
        } catch (RejectedExecutionException e) {
            pieces.closeExceptionally(e);
            ended.run();
        }
    }

    private void write(SubmissionPublisher<ByteBuffer> pieces) {
        try {
            writer.writeTo(new Pieces(pieces));
            pieces.close();
        } catch (IOException | RuntimeException e) {
            LOG.warn("an answer broke off: {}", e.getMessage());
            pieces.closeExceptionally(e);
        } finally {
            ended.run();
        }
    }

    private static final class Pieces extends OutputStream {
        private final SubmissionPublisher<ByteBuffer> to;

        Pieces(SubmissionPublisher<ByteBuffer> to) {
            this.to = to;
        }

        @Override
        public void write(int one) throws IOException {
            write(new byte[] {(byte) one}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            for (int at = 0; at < length; at += PIECE) {
                int count = Math.min(PIECE, length - at);
                offer(ByteBuffer.allocate(count).put(bytes, offset + at, count).flip());
            }
        }

        private void offer(ByteBuffer piece) throws IOException {
            if (!to.hasSubscribers()) {
                throw new IOException("nobody reads it any more");
            }
            if (to.offer(piece, PATIENCE_SECONDS, TimeUnit.SECONDS, null) < 0) {
                throw new IOException("nobody has read on for " + PATIENCE_SECONDS + " s");
            }
            if (Thread.interrupted()) {
                throw new InterruptedIOException("the host is stopping");
            }
        }
    }
}
