package io.hostel.store.archive;

import static io.hostel.store.archive.TarReader.damaged;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;

/**
 * A file with holes, filled up with zeros: GNU tar's pax form 1.0, where the stored content begins with a map, decimal numbers a
 * line each, filled up to a block: how many pieces, then offset and length of each.
 */
final class SparseContent extends InputStream {
    private static final int MOST_PIECES = 100_000;

    private final InputStream stored;
    private final long realSize;
    private final long[] offsets;
    private final long[] ends;
    private long position;
    private int piece;
    private int mapBytes;

    SparseContent(InputStream stored, long realSize) throws IOException {
        this.stored = stored;
        this.realSize = realSize;
        long count = number();
        if (count > MOST_PIECES) {
            throw damaged("a sparse file has more than " + MOST_PIECES + " pieces");
        }
        offsets = new long[(int) count];
        ends = new long[(int) count];
        long last = 0;
        for (int i = 0; i < count; i++) {
            offsets[i] = number();
            ends[i] = offsets[i] + number();
            if (offsets[i] < last || ends[i] < offsets[i] || ends[i] > realSize) {
                throw damaged("a sparse file's pieces overlap");
            }
            last = ends[i];
        }
        int filling = -mapBytes & TarHeader.SIZE - 1;
        if (stored.readNBytes(filling).length < filling) {
            throw damaged("a sparse file's map is cut off");
        }
    }

    private long number() throws IOException {
        long value = 0;
        for (int digits = 0; ; digits++) {
            int c = stored.read();
            mapBytes++;
            if (c == '\n' && digits > 0) {
                return value;
            }
            if (c < '0' || c > '9' || digits == 18) {
                throw damaged("a sparse file's map holds what is no number");
            }
            value = value * 10 + c - '0';
        }
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
        if (position >= realSize) {
            return -1;
        }
        while (piece < offsets.length && position >= ends[piece]) {
            piece++;
        }
        boolean inPiece = piece < offsets.length && position >= offsets[piece];
        long until = inPiece ? ends[piece] : piece < offsets.length ? offsets[piece] : realSize;
        int wanted = (int) Math.min(length, until - position);
        if (!inPiece) {
            Arrays.fill(buffer, offset, offset + wanted, (byte) 0);
            position += wanted;
            return wanted;
        }
        int count = stored.read(buffer, offset, wanted);
        if (count < 0) {
            throw damaged("a sparse file holds less than its map says");
        }
        position += count;
        return count;
    }
}
