package io.hostel.log;

import io.hostel.api.LogLine;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How far one log has been read. It holds no descriptor: files are told apart by {@link LogTail.Key}, so that a rotation between two
 * looks loses nothing, and several only what has been deleted.
 */
final class LogCursor {
    /** A monitor's line, with its time, is much shorter. */
    static final int PIECE = 16 << 10;

    private final Path file;
    private final LineJoiner joiner;
    private @Nullable Object newerKey;
    private @Nullable Object olderKey;
    private @Nullable Object key;
    private long position;

    LogCursor(Path file, String sandbox, String process) {
        this.file = file;
        this.joiner = new LineJoiner(sandbox, process);
    }

    /** Finds the newest lines, oldest first, each to be {@link #read} in this order; what comes later is {@link #next}. */
    List<LogSpan> newest(int count) throws IOException {
        LogTail tail = LogTail.of(file, count);
        newerKey = tail.newerKey();
        olderKey = tail.olderKey();
        key = tail.key();
        position = tail.end();
        return tail.spans();
    }

    /** The lines there; none where the file has been deleted since. */
    List<LogLine> read(LogSpan span) throws IOException {
        Object expected = span.older() ? olderKey : newerKey;
        for (Path path : span.older() ? List.of(LogTail.older(file)) : List.of(file, LogTail.older(file))) {
            byte[] bytes = bytes(path, expected, span.start(), span.length());
            if (bytes.length > 0) {
                return span.alone() ? lines(bytes) : line(bytes);
            }
        }
        return List.of();
    }

    /** The newest lines, oldest first. */
    List<LogLine> tail(int count) throws IOException {
        List<LogLine> lines = new ArrayList<>();
        for (LogSpan span : newest(count)) {
            lines.addAll(read(span));
        }
        return lines;
    }

    /** What has been written since, as far as it is complete; a piece at a time. Nothing new: {@link #position} is the same. */
    List<LogLine> next() throws IOException {
        Optional<Object> now = LogTail.key(file);
        if (now.isPresent() && now.get().equals(key)) {
            return goOn(file, now.get());
        }
        Path older = LogTail.older(file);
        Object olderNow = LogTail.key(older).orElse(null);
        if (olderNow != null && (now.isPresent() || olderNow.equals(key))) {
            if (!olderNow.equals(key)) {
                begin(olderNow);
            }
            long before = position;
            List<LogLine> rest = goOn(older, olderNow);
            if (position != before) {
                return rest;
            }
        }
        if (now.isEmpty()) {
            return List.of();
        }
        begin(now.get());
        return goOn(file, now.get());
    }

    /** Tells whether {@link #next} has read anything. */
    Object position() {
        return new Position(key, position);
    }

    private record Position(@Nullable Object key, long position) {}

    private void begin(Object another) {
        key = another;
        position = 0;
    }

    private List<LogLine> goOn(Path path, Object expected) throws IOException {
        byte[] bytes = bytes(path, expected, position, PIECE);
        int end = bytes.length;
        while (end > 0 && bytes[end - 1] != '\n') {
            end--;
        }
        // A piece without any newline is no log: no line is that long.
        position += end == 0 && bytes.length == PIECE ? PIECE : end;
        return lines(Arrays.copyOf(bytes, end));
    }

    /** None where the path leads to another file by now; that the next look finds under its new name. */
    private static byte[] bytes(Path path, @Nullable Object expected, long start, int most) throws IOException {
        try (@Nullable FileChannel channel = LogTail.open(path)) {
            if (channel == null || !Objects.equals(LogTail.key(path).orElse(null), expected)) {
                return new byte[0];
            }
            ByteBuffer piece = ByteBuffer.allocate((int) Math.max(0, Math.min(most, channel.size() - start)));
            while (piece.hasRemaining() && channel.read(piece, start + piece.position()) >= 0) {
                // Until the piece is whole.
            }
            return Arrays.copyOf(piece.array(), piece.position());
        }
    }

    private List<LogLine> lines(byte[] bytes) {
        List<LogLine> lines = new ArrayList<>();
        parts(bytes).forEach(part -> joiner.add(part).ifPresent(lines::add));
        return lines;
    }

    /** The one whose last part is at the end, without what other streams wrote meanwhile. */
    private List<LogLine> line(byte[] bytes) {
        List<CriLine> parts = parts(bytes);
        List<LogLine> lines = new ArrayList<>();
        for (CriLine part : parts) {
            if (part.stream().equals(parts.get(parts.size() - 1).stream())) {
                joiner.add(part).ifPresent(lines::add);
            }
        }
        return lines;
    }

    private static List<CriLine> parts(byte[] bytes) {
        List<CriLine> parts = new ArrayList<>();
        int start = 0;
        for (int i = 0; i < bytes.length; i++) {
            if (bytes[i] == '\n') {
                CriLine.parse(Arrays.copyOfRange(bytes, start, i)).ifPresent(parts::add);
                start = i + 1;
            }
        }
        return parts;
    }
}
