package io.hostel.kernel.linux;

import io.hostel.kernel.CommandOutput;
import io.hostel.kernel.KernelException;
import io.hostel.sys.Descriptors;
import io.hostel.sys.Fd;
import io.hostel.sys.Stat;
import io.hostel.sys.SysException;
import java.lang.ref.Cleaner;
import java.nio.ByteBuffer;

/** Output in a file in memory (memfd_create(2)). One that nobody closes, since its reader has gone, is closed with its object. */
final class MemoryOutput implements CommandOutput {
    private static final Cleaner CLEANER = Cleaner.create();

    private final Fd memory;
    private final long size;
    private final Cleaner.Cleanable closing;

    /** @param memory closed by this */
    MemoryOutput(Fd memory) throws SysException {
        this.memory = memory;
        this.size = Stat.of(memory).bytes();
        this.closing = CLEANER.register(this, memory::close);
    }

    @Override
    public long size() {
        return size;
    }

    @Override
    public synchronized int read(ByteBuffer into, long position) throws KernelException {
        try {
            return Descriptors.pread(memory, into, position);
        } catch (SysException e) {
            throw Refused.by(e);
        }
    }

    @Override
    public synchronized void close() {
        closing.clean();
    }
}
