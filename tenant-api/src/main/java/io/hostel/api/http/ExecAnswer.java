package io.hostel.api.http;

import akka.NotUsed;
import akka.stream.javadsl.Source;
import akka.util.ByteString;
import io.hostel.api.ExecOutcome;
import io.hostel.api.Output;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * The answer to an exec: its output is read where it lies, as the client takes it. The few pieces of {@link OutputText}
 * that are in memory are no part of the bytes of answers: they are bounded by the places of calls that execute, of
 * which this keeps one until it is sent.
 */
final class ExecAnswer {
    /** So much output may be a text in memory, before it is escaped. */
    private static final long MOST_RAW = 64 << 10;

    private final Deque<Object> parts;
    private @Nullable OutputText text;

    private ExecAnswer(ExecOutcome outcome) throws IOException {
        parts = new ArrayDeque<>(List.of(
                "{\"exitCode\":" + outcome.exitCode()
                        + outcome.signal().map(name -> ",\"signal\":" + Json.write(name)).orElse("")));
        add("stdout", outcome.stdout(), isCut(outcome, outcome.stdout()));
        add("stderr", outcome.stderr(), isCut(outcome, outcome.stderr()));
        parts.add(",\"truncated\":" + outcome.truncated()
                + ",\"timedOut\":" + outcome.timedOut()
                + ",\"oom\":" + outcome.oom()
                + ",\"wallSeconds\":" + Json.write(outcome.wallSeconds())
                + ",\"cpuSeconds\":" + Json.write(outcome.cpuSeconds()) + "}");
    }

    /** Of the two, the longer one at least. */
    private static boolean isCut(ExecOutcome outcome, Output one) {
        return outcome.truncated()
                && one.size() >= Math.max(outcome.stdout().size(), outcome.stderr().size());
    }

    private void add(String name, Output output, boolean cut) throws IOException {
        boolean text = JsonText.is(output, cut);
        parts.add(",\"" + name + (text ? "" : "Base64") + "\":\"");
        parts.add(text ? new JsonText(output) : new Base64Text(output));
        parts.add("\"");
    }

    /** Closes the outcome: now, or when the answer is sent. */
    static Answer of(ExecOutcome outcome) {
        if (outcome.stdout().size() + outcome.stderr().size() <= MOST_RAW) {
            Pieces whole = whole(outcome);
            if (whole.size() <= Answer.MOST_TEXT) {
                outcome.close();
                return Answer.text(200, Answer.JSON, whole.text());
            }
        }
        return Answer.outgoing(
                200,
                Answer.JSON,
                new Answer.Outgoing(source(outcome), OptionalLong.empty(), 0, outcome::close));
    }

    private static Pieces whole(ExecOutcome outcome) {
        Pieces whole = new Pieces();
        try {
            ExecAnswer answer = new ExecAnswer(outcome);
            for (ByteString piece = answer.next(); piece != null; piece = answer.next()) {
                whole.writeBytes(piece.toArrayUnsafe());
            }
        } catch (IOException e) {
            outcome.close();
            throw new java.io.UncheckedIOException(e);
        }
        return whole;
    }

    private static Source<ByteString, NotUsed> source(ExecOutcome outcome) {
        return Source.unfoldResource(
                () -> new ExecAnswer(outcome),
                answer -> java.util.Optional.ofNullable(answer.next()),
                answer -> outcome.close());
    }

    private @Nullable ByteString next() throws IOException {
        while (true) {
            if (text != null) {
                ByteString piece = text.next();
                if (piece != null && !piece.isEmpty()) {
                    return piece;
                } else if (piece != null) {
                    continue;
                }
                text = null;
            }
            Object part = parts.poll();
            if (part == null) {
                return null;
            } else if (part instanceof OutputText output) {
                text = output;
            } else {
                return ByteString.fromString((String) part);
            }
        }
    }
}
