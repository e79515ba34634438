package io.hostel.api.http;

import akka.util.ByteString;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** What is written, in pieces that are never copied again. Closing it has no effect. */
final class Pieces extends OutputStream {
    private static final int FIRST = 1 << 10;
    private static final int LARGEST = 32 << 10;

    private final List<ByteString> full = new ArrayList<>();
    private byte[] piece = new byte[FIRST];
    private int used;
    private long size;

    @Override
    public void write(int b) {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) {
        int from = offset;
        int left = length;
        size += length;
        while (left > 0) {
            if (used == piece.length) {
                more();
            }
            int fits = Math.min(left, piece.length - used);
            System.arraycopy(bytes, from, piece, used, fits);
            used += fits;
            from += fits;
            left -= fits;
        }
    }

    void writeBytes(byte[] bytes) {
        write(bytes, 0, bytes.length);
    }

    private void more() {
        if (piece.length < LARGEST) {
            piece = Arrays.copyOf(piece, piece.length * 2);
            return;
        }
        full.add(ByteString.fromArrayUnsafe(piece));
        piece = new byte[LARGEST];
        used = 0;
    }

    /** Bytes written so far. */
    long size() {
        return size;
    }

    /** All of it; what is written later is not in there. */
    List<ByteString> list() {
        List<ByteString> all = new ArrayList<>(full);
        all.add(ByteString.fromArray(piece, 0, used));
        return all;
    }

    /** A copy of all of it. */
    byte[] bytes() {
        byte[] all = new byte[Math.toIntExact(size)];
        ByteBuffer into = ByteBuffer.wrap(all);
        full.forEach(part -> part.copyToBuffer(into));
        into.put(piece, 0, used);
        return all;
    }

    /** All of it as one text of UTF-8. */
    String text() {
        ByteString whole = ByteString.emptyByteString();
        for (ByteString part : list()) {
            whole = whole.concat(part);
        }
        return whole.utf8String();
    }
}
