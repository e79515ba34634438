package io.hostel.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Where the newest lines of a log of two files lie, NAME and the older NAME.1, as they were at one moment, whatever a writer does
 * meanwhile. It holds none of their text.
 *
 * @param spans oldest end first
 * @param newerKey identity of NAME, absent while it has no line
 * @param olderKey of NAME.1
 * @param end where the last complete line ends, in the newest file that has one
 */
record LogTail(List<LogSpan> spans, @Nullable Object newerKey, @Nullable Object olderKey, long end) {
    private static final int ATTEMPTS = 5;
    private static final int TIME_LENGTH = 30;

    /** @param count of complete lines, at most */
    static LogTail of(Path file, int count) throws IOException {
        for (int attempt = 1; ; attempt++) {
            Path older = older(file);
            Object olderKey = key(older).orElse(null);
            Object newerKey = key(file).orElse(null);
            try (@Nullable FileChannel newerFile = open(file);
                    @Nullable FileChannel olderFile = open(older)) {
                boolean still = java.util.Objects.equals(olderKey, key(older).orElse(null))
                        && java.util.Objects.equals(newerKey, key(file).orElse(null));
                if (still || attempt == ATTEMPTS) {
                    return read(newerFile, olderFile, newerKey, olderKey, count);
                }
            }
        }
    }

    /** Of the newest file that has a line; absent while there is none. */
    @Nullable
    Object key() {
        return newerKey != null ? newerKey : olderKey;
    }

    static Path older(Path file) {
        return file.resolveSibling(file.getFileName() + ".1");
    }

    /** What tells one file from all others: its inode, and, since a deleted file's inode is soon another's, its first time. */
    record Key(Object inode, String firstTime) {}

    /**
     * Empty where there is no file, or none for long enough: one that is being rotated is looked at again later. Nor has a file
     * an identity that has no line yet: with its first one it would seem to be another.
     */
    static Optional<Object> key(Path file) throws IOException {
        Optional<Object> inode = inode(file);
        try (@Nullable FileChannel channel = open(file)) {
            if (channel == null || inode.isEmpty()) {
                return Optional.empty();
            }
            ByteBuffer head = ByteBuffer.allocate(TIME_LENGTH);
            while (head.hasRemaining() && channel.read(head, head.position()) >= 0) {
                // Until the head is whole.
            }
            String firstTime = new String(head.array(), 0, head.position(), StandardCharsets.ISO_8859_1);
            return !head.hasRemaining() && inode.equals(inode(file))
                    ? Optional.of(new Key(inode.get(), firstTime))
                    : Optional.empty();
        }
    }

    private static Optional<Object> inode(Path file) throws IOException {
        try {
            return Optional.ofNullable(Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
                    .fileKey());
        } catch (NoSuchFileException absent) {
            return Optional.empty();
        }
    }

    static @Nullable FileChannel open(Path file) throws IOException {
        try {
            return FileChannel.open(file, Set.of(StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS));
        } catch (NoSuchFileException absent) {
            return null;
        }
    }

    private static LogTail read(
            @Nullable FileChannel newer,
            @Nullable FileChannel older,
            @Nullable Object newerKey,
            @Nullable Object olderKey,
            int count)
            throws IOException {
        NewestSpans newest = new NewestSpans(count);
        long end = newer == null ? 0 : LastNewline.before(newer, newer.size());
        long olderEnd = older == null ? 0 : LastNewline.before(older, older.size());
        if (newer != null) {
            newest.collect(new BackwardLines(newer, end), false);
        }
        if (older != null) {
            newest.collect(new BackwardLines(older, olderEnd), true);
        }
        return new LogTail(newest.oldestFirst(), newerKey, olderKey, newerKey != null ? end : olderEnd);
    }
}
