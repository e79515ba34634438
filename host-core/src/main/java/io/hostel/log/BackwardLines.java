package io.hostel.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.Arrays;

/** Where a file's complete lines lie, from the last one to the first; holds no more than a piece of the file. */
final class BackwardLines {
    private static final int PIECE = 65_536;
    private static final long NONE = -1;

    private final FileChannel channel;
    private final byte[] piece = new byte[PIECE];
    private long pieceStart;
    private int pieceLength;

    /** Of the line that comes next. */
    private long newline;

    private long start;
    private int length;

    /** @param end where to begin; what lies between the last newline before it and it is not a complete line */
    BackwardLines(FileChannel channel, long end) throws IOException {
        this.channel = channel;
        this.newline = newlineBefore(end);
    }

    /** Goes to the line before the present one; at first to the last. @return false where there is none */
    boolean previous() throws IOException {
        if (newline == NONE) {
            return false;
        }
        long before = newlineBefore(newline);
        start = before + 1;
        length = (int) Math.min(Integer.MAX_VALUE - 1, newline - start);
        newline = before;
        return true;
    }

    /** Where the line begins. */
    long start() {
        return start;
    }

    /** In bytes, without the newline. */
    int length() {
        return length;
    }

    /** Its first bytes, at most so many. */
    byte[] head(int most) throws IOException {
        int wanted = Math.min(most, length);
        long within = start - pieceStart;
        if (within >= 0 && within + wanted <= pieceLength) {
            return Arrays.copyOfRange(piece, (int) within, (int) within + wanted);
        }
        byte[] head = new byte[wanted];
        read(ByteBuffer.wrap(head), start);
        return head;
    }

    private long newlineBefore(long position) throws IOException {
        for (long stop = position; stop > 0; stop = pieceStart) {
            if (stop <= pieceStart || stop > pieceStart + pieceLength) {
                fill(stop);
            }
            for (int i = (int) (stop - pieceStart) - 1; i >= 0; i--) {
                if (piece[i] == '\n') {
                    return pieceStart + i;
                }
            }
        }
        return NONE;
    }

    private void fill(long stop) throws IOException {
        pieceLength = (int) Math.min(PIECE, stop);
        pieceStart = stop - pieceLength;
        read(ByteBuffer.wrap(piece, 0, pieceLength), pieceStart);
    }

    private void read(ByteBuffer into, long from) throws IOException {
        int begin = into.position();
        while (into.hasRemaining()) {
            if (channel.read(into, from + into.position() - begin) < 0) {
                throw new IOException("the log became shorter while it was read");
            }
        }
    }
}
