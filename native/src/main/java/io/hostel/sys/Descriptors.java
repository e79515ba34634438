package io.hostel.sys;

import java.nio.ByteBuffer;

/** Reading, writing and controlling what is open: read(2), pread(2), write(2), pwrite(2), ioctl(2), fcntl(2), fallocate(2). */
public final class Descriptors {
    private static final int F_DUPFD_CLOEXEC = 1030;
    private static final int F_ADD_SEALS = 1033;

    /** F_SEAL_SEAL, SHRINK, GROW, WRITE: nothing about the file changes any more; fcntl(2). */
    public static final int ALL_SEALS = 0x0f;

    private Descriptors() {}

    /** Reads into the buffer's rest and moves its position; 0 at the end. */
    public static int read(Fd fd, ByteBuffer to) throws SysException {
        return (int) in(
                to,
                (address, bytes) ->
                        Retry.onInterrupt(() -> Libc.LIBC.read(fd.number(), address, bytes), "read", fd.toString()));
    }

    /** As {@link #read}, at an offset of a file. */
    public static int pread(Fd fd, ByteBuffer to, long offset) throws SysException {
        return (int) in(
                to,
                (address, bytes) -> Retry.onInterrupt(
                        () -> Libc.LIBC.pread(fd.number(), address, bytes, offset), "pread", fd.toString()));
    }

    /** Writes from the buffer's rest and moves its position; may write less. */
    public static int write(Fd fd, ByteBuffer from) throws SysException {
        return (int) out(
                from,
                (address, bytes) ->
                        Retry.onInterrupt(() -> Libc.LIBC.write(fd.number(), address, bytes), "write", fd.toString()));
    }

    /** As {@link #write}, at an offset of a file. */
    public static int pwrite(Fd fd, ByteBuffer from, long offset) throws SysException {
        return (int) out(
                from,
                (address, bytes) -> Retry.onInterrupt(
                        () -> Libc.LIBC.pwrite(fd.number(), address, bytes, offset), "pwrite", fd.toString()));
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
        Retry.onInterrupt(() -> Libc.LIBC.fallocate(fd.number(), 0, offset, bytes), "fallocate", fd.toString());
    }

    /** Returns when what was written is on the disk. */
    public static void sync(Fd fd) throws SysException {
        Retry.onInterrupt(() -> Libc.LIBC.fdatasync(fd.number()), "fdatasync", fd.toString());
    }

    /** Returns when all that was written to the file system it lies on is on the disk: syncfs(2). */
    public static void syncFileSystem(Fd fd) throws SysException {
        Retry.onInterrupt(() -> Libc.LIBC.syncfs(fd.number()), "syncfs", fd.toString());
    }

    /** @param seals see {@link #ALL_SEALS} */
    public static void seal(Fd memfd, int seals) throws SysException {
        Syscall.check(Libc.LIBC.fcntl(memfd.number(), F_ADD_SEALS, seals), "seal", memfd.toString());
    }

    interface Transfer {
        long move(long address, long bytes) throws SysException;
    }

    static long in(ByteBuffer to, Transfer transfer) throws SysException {
        if (to.isDirect()) {
            long moved = transfer.move(Memory.addressOf(to), to.remaining());
            to.position(to.position() + (int) Math.min(moved, to.remaining()));
            return moved;
        }
        try (Memory memory = new Memory()) {
            Memory.Block block = memory.block(to.remaining());
            long moved = transfer.move(block.address(), to.remaining());
            to.put(block.view().limit((int) Math.min(moved, to.remaining())));
            return moved;
        }
    }

    static long out(ByteBuffer from, Transfer transfer) throws SysException {
        if (from.isDirect()) {
            long moved = transfer.move(Memory.addressOf(from), from.remaining());
            from.position(from.position() + (int) moved);
            return moved;
        }
        try (Memory memory = new Memory()) {
            Memory.Block block = memory.block(from.remaining());
            block.view().put(from.duplicate());
            long moved = transfer.move(block.address(), from.remaining());
            from.position(from.position() + (int) moved);
            return moved;
        }
    }
}
