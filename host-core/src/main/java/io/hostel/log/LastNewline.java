package io.hostel.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

/** Where complete lines end. */
final class LastNewline {
    private static final int PIECE = 8_192;

    private LastNewline() {}

    /** The position behind the last newline before {@code end}; 0 where there is none. */
    static long before(FileChannel channel, long end) throws IOException {
        ByteBuffer piece = ByteBuffer.allocate(PIECE);
        for (long stop = end; stop > 0; ) {
            long start = Math.max(0, stop - PIECE);
            piece.clear().limit((int) (stop - start));
            while (piece.hasRemaining() && channel.read(piece, start + piece.position()) >= 0) {
                // Until the piece is whole.
            }
            for (int i = piece.position() - 1; i >= 0; i--) {
                if (piece.get(i) == '\n') {
                    return start + i + 1;
                }
            }
            stop = start;
        }
        return 0;
    }
}
