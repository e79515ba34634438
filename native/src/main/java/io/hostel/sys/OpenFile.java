package io.hostel.sys;

/** Where descriptors come from: open(2), openat(2), pipe2(2), memfd_create(2). All are close-on-exec. */
public final class OpenFile {
    private static final boolean ARM = System.getProperty("os.arch", "").equals("aarch64");

    public static final int READ = 0;
    public static final int WRITE = 1;
    public static final int READ_WRITE = 2;
    public static final int CREATE = 0x40;
    public static final int EXCLUSIVE = 0x80;
    public static final int TRUNCATE = 0x200;
    public static final int APPEND = 0x400;
    public static final int NONBLOCK = 0x800;
    public static final int PATH = 0x200000;
    // These three differ: arch/arm64/include/uapi/asm/fcntl.h.
    public static final int DIRECTORY = ARM ? 0x4000 : 0x10000;
    public static final int NOFOLLOW = ARM ? 0x8000 : 0x20000;
    public static final int DIRECT = ARM ? 0x10000 : 0x4000;

    static final int CLOEXEC = 0x80000;
    private static final int MFD_CLOEXEC = 1;
    private static final int MFD_ALLOW_SEALING = 2;

    private OpenFile() {}

    public static Fd open(String path, int flags) throws SysException {
        return open(path, flags, 0);
    }

    /** @param mode permissions of a file that is made, e.g. 0600; the umask applies */
    public static Fd open(String path, int flags, int mode) throws SysException {
        try (Memory memory = new Memory()) {
            long name = memory.string(path);
            int fd;
            do fd = Libc.LIBC.open(name, flags | CLOEXEC, mode);
            while (Retry.interrupted(fd, "open", path));
            return Fd.of(fd, path);
        }
    }

    public static Fd openAt(Fd directory, String path, int flags, int mode) throws SysException {
        try (Memory memory = new Memory()) {
            long name = memory.string(path);
            int fd;
            do fd = Libc.LIBC.openat(directory.number(), name, flags | CLOEXEC, mode);
            while (Retry.interrupted(fd, "open", path));
            return Fd.of(fd, path);
        }
    }

    public static Pipe pipe() throws SysException {
        return pipe(0);
    }

    /** @param flags 0 or {@link #NONBLOCK}, for both ends */
    public static Pipe pipe(int flags) throws SysException {
        try (Memory memory = new Memory()) {
            Memory.Block two = memory.block(8);
            Syscall.check(Libc.LIBC.pipe2(two.address(), flags | CLOEXEC), "pipe2", "a pipe");
            return new Pipe(
                    Fd.of(two.view().getInt(0), "pipe's reading end"),
                    Fd.of(two.view().getInt(4), "pipe's writing end"));
        }
    }

    /** An empty file in memory that can be sealed. */
    public static Fd memory(String name) throws SysException {
        try (Memory memory = new Memory()) {
            int fd = Libc.LIBC.memfd_create(memory.string(name), MFD_CLOEXEC | MFD_ALLOW_SEALING);
            return Fd.of(Syscall.check(fd, "memfd_create", name), name);
        }
    }

    /** A file in memory with this content, sealed against every change. */
    public static Fd sealed(String name, byte[] content) throws SysException {
        Fd fd = memory(name);
        try {
            Descriptors.writeAll(fd, content);
            Descriptors.seal(fd, Descriptors.ALL_SEALS);
            return fd;
        } catch (SysException | RuntimeException e) {
            fd.close();
            throw e;
        }
    }

    public record Pipe(Fd reading, Fd writing) implements AutoCloseable {
        @Override
        public void close() {
            reading.close();
            writing.close();
        }
    }
}
