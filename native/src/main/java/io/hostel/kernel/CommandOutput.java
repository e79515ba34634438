package io.hostel.kernel;

import java.nio.ByteBuffer;

/** What an executed command wrote, kept by the kernel until it is closed. Closed again, nothing happens. */
public interface CommandOutput extends AutoCloseable {

    /** In bytes. */
    long size();

    /** Reads what fits from this position on. @return how many bytes were read; 0 at the end */
    int read(ByteBuffer into, long position) throws KernelException;

    @Override
    void close();

    /** What is known without a command. */
    static CommandOutput of(byte[] bytes) {
        return new CommandOutput() {
            @Override
            public long size() {
                return bytes.length;
            }

            @Override
            public int read(ByteBuffer into, long position) {
                int from = (int) Math.min(position, bytes.length);
                int fits = Math.min(into.remaining(), bytes.length - from);
                into.put(bytes, from, fits);
                return fits;
            }

            @Override
            public void close() {}
        };
    }
}
