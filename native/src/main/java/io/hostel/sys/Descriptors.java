package io.hostel.sys;

import java.nio.ByteBuffer;

/** Reading, writing and controlling what is open: read(2), pread(2), write(2), pwrite(2), ioctl(2), fcntl(2), fallocate(2). */
public final class Descriptors {
    private static final int F_DUPFD_CLOEXEC = 1030;
    private static final int F_ADD_SEALS = 1033;
    private static final int F_OFD_SETLK = 37;
    private static final int F_OFD_SETLKW = 38;
    private static final short F_WRLCK = 1;
    private static final int FLOCK_BYTES = 32;

    /** F_SEAL_SEAL, SHRINK, GROW, WRITE: nothing about the file changes any more; fcntl(2). */
    public static final int ALL_SEALS = 0x0f;

    private Descriptors() {}

    /** Reads into the buffer's rest and moves its position; 0 at the end. */
    public static int read(Fd fd, ByteBuffer to) throws SysException {
        try (Memory memory = new Memory()) {
            long address = memory.toFill(to);
            long result;
            do result = Libc.LIBC.read(fd.number(), address, to.remaining());
            while (Retry.interrupted(result, "read", fd));
            Memory.filled(to, address, result);
            return (int) result;
        }
    }

    /** As {@link #read}, at an offset of a file. */
    public static int pread(Fd fd, ByteBuffer to, long offset) throws SysException {
        try (Memory memory = new Memory()) {
            long address = memory.toFill(to);
            long result;
            do result = Libc.LIBC.pread(fd.number(), address, to.remaining(), offset);
            while (Retry.interrupted(result, "pread", fd));
            Memory.filled(to, address, result);
            return (int) result;
        }
    }

    /** Writes from the buffer's rest and moves its position; may write less. */
    public static int write(Fd fd, ByteBuffer from) throws SysException {
        try (Memory memory = new Memory()) {
            long address = memory.toSend(from);
            long result;
            do result = Libc.LIBC.write(fd.number(), address, from.remaining());
            while (Retry.interrupted(result, "write", fd));
            from.position(from.position() + (int) result);
            return (int) result;
        }
    }

    /** As {@link #write}, at an offset of a file. */
    public static int pwrite(Fd fd, ByteBuffer from, long offset) throws SysException {
        try (Memory memory = new Memory()) {
            long address = memory.toSend(from);
            long result;
            do result = Libc.LIBC.pwrite(fd.number(), address, from.remaining(), offset);
            while (Retry.interrupted(result, "pwrite", fd));
            from.position(from.position() + (int) result);
            return (int) result;
        }
    }

    public static void writeAll(Fd fd, byte[] content) throws SysException {
        ByteBuffer rest = ByteBuffer.wrap(content);
        while (rest.hasRemaining()) write(fd, rest);
    }

    /** A second descriptor of the same open file. */
    public static Fd duplicate(Fd fd) throws SysException {
        return duplicate(fd, 0);
    }

    /** A second descriptor of the same open file, numbered {@code least} or above. */
    public static Fd duplicate(Fd fd, int least) throws SysException {
        int second = Libc.LIBC.fcntl(fd.number(), F_DUPFD_CLOEXEC, least);
        return Fd.of(Syscall.check(second, "duplicate", fd.toString()), fd.toString());
    }

    /** ioctl(2) with a number as argument. */
    public static int ioctl(Fd fd, long request, long argument, String operation) throws SysException {
        return Syscall.check(Libc.LIBC.ioctl(fd.number(), request, argument), operation, fd.toString());
    }

    /** ioctl(2) with a structure: the kernel may change it in place. */
    public static int ioctl(Fd fd, long request, byte[] structure, String operation) throws SysException {
        try (Memory memory = new Memory()) {
            Memory.Block block = memory.block(structure.length);
            block.view().put(0, structure);
            int result = Libc.LIBC.ioctl(fd.number(), request, block.address());
            Syscall.check(result, operation, fd.toString());
            block.view().get(0, structure);
            return result;
        }
    }

    /** Reserves space: afterwards writes there can't fail for want of it. */
    public static void fallocate(Fd fd, long offset, long bytes) throws SysException {
        int result;
        do result = Libc.LIBC.fallocate(fd.number(), 0, offset, bytes);
        while (Retry.interrupted(result, "fallocate", fd));
    }

    /** Returns when what was written is on the disk. */
    public static void sync(Fd fd) throws SysException {
        int result;
        do result = Libc.LIBC.fdatasync(fd.number());
        while (Retry.interrupted(result, "fdatasync", fd));
    }

    /** Returns when all that was written to the file system it lies on is on the disk: syncfs(2). */
    public static void syncFileSystem(Fd fd) throws SysException {
        int result;
        do result = Libc.LIBC.syncfs(fd.number());
        while (Retry.interrupted(result, "syncfs", fd));
    }

    /** @param mode permissions, e.g. 0500 */
    public static void chmod(Fd fd, int mode) throws SysException {
        Syscall.check(Libc.LIBC.fchmod(fd.number(), mode), "chmod", fd.toString());
    }

    /**
     * Locks the whole file against all others, for as long as this open file is open: an open file description lock,
     * fcntl(2). Unlike a process's lock it stays when the process closes another descriptor of the file.
     *
     * @return false where somebody has a lock on it
     */
    public static boolean lock(Fd writable) throws SysException {
        try {
            lock(writable, F_OFD_SETLK);
            return true;
        } catch (SysException e) {
            if (e.is(Errno.EAGAIN) || e.is(Errno.EACCES)) return false;
            throw e;
        }
    }

    /** As {@link #lock}, when nobody has a lock on it any more. */
    public static void awaitLock(Fd writable) throws SysException {
        lock(writable, F_OFD_SETLKW);
    }

    private static void lock(Fd fd, int command) throws SysException {
        try (Memory memory = new Memory()) {
            Memory.Block flock = memory.block(FLOCK_BYTES); // from its first byte to its end, however it grows
            flock.view().putShort(0, F_WRLCK);
            int result;
            do result = Libc.LIBC.fcntl(fd.number(), command, flock.address());
            while (Retry.interrupted(result, "lock", fd));
        }
    }

    /** @param seals see {@link #ALL_SEALS} */
    public static void seal(Fd memfd, int seals) throws SysException {
        Syscall.check(Libc.LIBC.fcntl(memfd.number(), F_ADD_SEALS, seals), "seal", memfd.toString());
    }
}
