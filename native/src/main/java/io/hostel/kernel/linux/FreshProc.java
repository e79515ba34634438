package io.hostel.kernel.linux;

import io.hostel.kernel.KernelException;
import io.hostel.sys.Descriptors;
import io.hostel.sys.Errno;
import io.hostel.sys.Fd;
import io.hostel.sys.Mounts;
import io.hostel.sys.OpenFile;
import io.hostel.sys.SysException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.LinkedBlockingDeque;

/**
 * Settings of new network namespaces, written by way of proc file systems that nobody else sees. In /proc itself the directories
 * of all namespaces have the same name in the same place, so that the kernel's cache of names goes through those of every living
 * namespace to find a new one's: 3 ms for each directory with 1,500 of them. Here it goes through those of a few.
 */
final class FreshProc implements AutoCloseable {
    private static final int NAMESPACES_EACH = 32;
    private static final int MOST_IDLE = 4;

    private final LinkedBlockingDeque<Proc> idle = new LinkedBlockingDeque<>(MOST_IDLE);

    /** Does something with a file system, on the thread and in the namespace of the caller. */
    void use(Work work) throws KernelException {
        Proc proc = idle.pollFirst();
        try {
            if (proc == null) proc = new Proc(Mounts.detached("proc"), 0);
            work.with(proc);
            Proc older = new Proc(proc.root(), proc.served() + 1);
            boolean goesOn = older.served() < NAMESPACES_EACH && idle.offerFirst(older);
            if (goesOn) proc = null;
        } catch (SysException e) {
            throw Refused.by(e);
        } finally {
            if (proc != null) proc.root().close();
        }
    }

    /** @param served namespaces that it was used for */
    record Proc(Fd root, int served) {
        void write(String name, String value) throws SysException {
            try (Fd file = OpenFile.openAt(root, "sys/" + name, OpenFile.WRITE, 0)) {
                Descriptors.write(file, ByteBuffer.wrap(value.getBytes(StandardCharsets.US_ASCII)));
            } catch (SysException e) {
                throw new SysException(e.errno(), "write " + value + " to", "/proc/sys/" + name);
            }
        }

        /** Where the kernel has it: IPv6 can be absent. */
        void writeIfThere(String name, String value) throws SysException {
            try {
                write(name, value);
            } catch (SysException e) {
                if (!e.is(Errno.ENOENT)) throw e;
            }
        }
    }

    @Override
    public void close() {
        for (Proc proc = idle.poll(); proc != null; proc = idle.poll())
            proc.root().close();
    }

    interface Work {
        void with(Proc proc) throws SysException, KernelException;
    }
}
