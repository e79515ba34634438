package io.hostel.log;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import org.jspecify.annotations.Nullable;

/** A file's complete lines from the last one to the first, without holding more than a piece of it and one line. */
final class BackwardLines {
    private static final int PIECE = 65_536;

    private final FileChannel channel;
    private final byte[] piece = new byte[PIECE];
    private long pieceStart;
    private int left;
    private boolean atLineEnd;
    private long start;

    /** @param end where to begin; what lies between the last newline before it and it is not a complete line */
    BackwardLines(FileChannel channel, long end) {
        this.channel = channel;
        this.pieceStart = end;
    }

    /** Where the line given last begins. */
    long start() {
        return start;
    }

    /** The line before the one given last, without its newline; null at the beginning of the file. */
    byte @Nullable [] previous() throws IOException {
        ByteArrayOutputStream reversed = new ByteArrayOutputStream();
        while (true) {
            if (left == 0 && !fill()) {
                start = 0;
                return atLineEnd && reversed.size() > 0 ? turned(reversed) : null;
            }
            byte b = piece[--left];
            if (b != '\n') {
                if (atLineEnd) {
                    reversed.write(b);
                }
            } else if (!atLineEnd) {
                atLineEnd = true;
            } else {
                start = pieceStart + left + 1;
                return turned(reversed);
            }
        }
    }

    private boolean fill() throws IOException {
        if (pieceStart == 0) {
            return false;
        }
        int size = (int) Math.min(PIECE, pieceStart);
        pieceStart -= size;
        ByteBuffer buffer = ByteBuffer.wrap(piece, 0, size);
        while (buffer.hasRemaining()) {
            if (channel.read(buffer, pieceStart + buffer.position()) < 0) {
                throw new IOException("the log became shorter while it was read");
            }
        }
        left = size;
        return true;
    }

    private static byte[] turned(ByteArrayOutputStream reversed) {
        byte[] bytes = reversed.toByteArray();
        for (int i = 0, j = bytes.length - 1; i < j; i++, j--) {
            byte b = bytes[i];
            bytes[i] = bytes[j];
            bytes[j] = b;
        }
        return bytes;
    }
}
