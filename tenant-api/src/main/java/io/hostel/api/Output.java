package io.hostel.api;

import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * What a command wrote, read piece by piece where it lies, so that its length costs its reader nothing. Whoever has it closes it;
 * closed again, nothing happens.
 */
public interface Output extends AutoCloseable {

    /** In bytes. */
    long size();

    /** Reads what fits from this position on. @return how many bytes were read, at least 1 before the end; 0 at the end */
    int read(ByteBuffer into, long position) throws IOException;

    @Override
    void close();

    /** Bytes in memory. */
    static Output of(byte[] bytes) {
        return new Output() {
            @Override
            public long size() {
                return bytes.length;
            }

            @Override
            public int read(ByteBuffer into, long position) {
                int fits = (int) Math.max(0, Math.min(into.remaining(), bytes.length - position));
                into.put(bytes, (int) Math.min(position, bytes.length), fits);
                return fits;
            }

            @Override
            public void close() {}
        };
    }
}
