package io.hostel.sys;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** A counter that wakes an {@link Epoll}: eventfd(2). */
public final class Eventfd implements AutoCloseable {
    private final Fd fd;

    private Eventfd(Fd fd) {
        this.fd = fd;
    }

    public static Eventfd open() throws SysException {
        int number = Libc.LIBC.eventfd(0, OpenFile.CLOEXEC | OpenFile.NONBLOCK);
        return new Eventfd(Fd.of(Syscall.check(number, "eventfd", "an eventfd"), "eventfd"));
    }

    public Fd fd() {
        return fd;
    }

    /** Makes it readable. */
    public void raise() throws SysException {
        Descriptors.write(fd, number(1));
    }

    /** Makes it unreadable again; how often it was raised, 0 where it was not. */
    public long lower() throws SysException {
        ByteBuffer count = number(0);
        try {
            Descriptors.read(fd, count);
            return count.getLong(0);
        } catch (SysException e) {
            if (e.is(Errno.EAGAIN)) return 0;
            throw e;
        }
    }

    @Override
    public void close() {
        fd.close();
    }

    private static ByteBuffer number(long value) {
        return ByteBuffer.allocate(8).order(ByteOrder.nativeOrder()).putLong(0, value);
    }
}
