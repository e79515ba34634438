package io.hostel.log;

import io.hostel.api.LogLine;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How far one log has been read. It holds no descriptor: files are told apart by {@link LogTail.Key}, so that a rotation between two
 * looks loses nothing, and several only what has been deleted.
 */
final class LogCursor {
    private static final int PIECE = 65_536;

    private final Path file;
    private final LineJoiner joiner;
    private @Nullable Object key;
    private long position;

    LogCursor(Path file, String sandbox, String process) {
        this.file = file;
        this.joiner = new LineJoiner(sandbox, process);
    }

    /** The newest lines, oldest first; what comes later is {@link #next}. */
    List<LogLine> tail(int count) throws IOException {
        LogTail tail = LogTail.of(file, count);
        key = tail.key();
        position = tail.end();
        List<LogLine> lines = new ArrayList<>();
        tail.lines().forEach(line -> joiner.add(line).ifPresent(lines::add));
        return lines;
    }

    /** What has been written since, as far as it is complete; a piece at a time. */
    List<LogLine> next() throws IOException {
        Optional<Object> now = LogTail.key(file);
        if (now.isPresent() && now.get().equals(key)) {
            return read(file, now.get());
        }
        Path older = LogTail.older(file);
        Object olderKey = LogTail.key(older).orElse(null);
        if (olderKey != null && (now.isPresent() || olderKey.equals(key))) {
            if (!olderKey.equals(key)) {
                begin(olderKey);
            }
            long before = position;
            List<LogLine> rest = read(older, olderKey);
            if (position != before) {
                return rest;
            }
        }
        if (now.isEmpty()) {
            return List.of();
        }
        begin(now.get());
        return read(file, now.get());
    }

    private void begin(Object another) {
        key = another;
        position = 0;
    }

    private List<LogLine> read(Path path, Object expected) throws IOException {
        try (@Nullable FileChannel channel = LogTail.open(path)) {
            if (channel == null || !LogTail.key(path).equals(Optional.of(expected))) {
                // Rotated this very moment: the next look finds it under its new name.
                return List.of();
            }
            long size = channel.size();
            if (size < position) {
                position = 0;
            }
            ByteBuffer piece = ByteBuffer.allocate((int) Math.min(PIECE, size - position));
            while (piece.hasRemaining() && channel.read(piece, position + piece.position()) >= 0) {
                // Until the piece is whole.
            }
            return lines(Arrays.copyOf(piece.array(), piece.position()));
        }
    }

    private List<LogLine> lines(byte[] bytes) {
        List<LogLine> lines = new ArrayList<>();
        int start = 0;
        for (int i = 0; i < bytes.length; i++) {
            if (bytes[i] == '\n') {
                CriLine.parse(Arrays.copyOfRange(bytes, start, i))
                        .flatMap(joiner::add)
                        .ifPresent(lines::add);
                start = i + 1;
            }
        }
        // A piece without any newline is no log: no line is that long.
        position += start == 0 && bytes.length == PIECE ? PIECE : start;
        return lines;
    }
}
