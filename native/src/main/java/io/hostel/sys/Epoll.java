package io.hostel.sys;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** Waiting for many descriptors to become readable: epoll(7), level-triggered. */
public final class Epoll implements AutoCloseable {
    private static final int EPOLL_CTL_ADD = 1;
    private static final int EPOLL_CTL_DEL = 2;
    private static final int EPOLLIN = 1;
    private static final int MOST_EVENTS = 64;
    // struct epoll_event is packed on x86_64 alone: include/uapi/linux/eventpoll.h.
    private static final boolean PACKED = System.getProperty("os.arch", "").equals("amd64");
    private static final int EVENT_BYTES = PACKED ? 12 : 16;
    private static final int KEY_OFFSET = PACKED ? 4 : 8;

    private final Fd fd;

    private Epoll(Fd fd) {
        this.fd = fd;
    }

    public static Epoll open() throws SysException {
        int number = Libc.LIBC.epoll_create1(OpenFile.CLOEXEC);
        return new Epoll(Fd.of(Syscall.check(number, "epoll_create1", "an epoll"), "epoll"));
    }

    /** @param key what {@link #await} returns when the descriptor is readable */
    public void add(Fd watched, long key) throws SysException {
        try (Memory memory = new Memory()) {
            Memory.Block event = memory.block(EVENT_BYTES);
            event.view().putInt(0, EPOLLIN).putLong(KEY_OFFSET, key);
            int result = Libc.LIBC.epoll_ctl(fd.number(), EPOLL_CTL_ADD, watched.number(), event.address());
            Syscall.check(result, "watch", watched.toString());
        }
    }

    public void remove(Fd watched) throws SysException {
        int result = Libc.LIBC.epoll_ctl(fd.number(), EPOLL_CTL_DEL, watched.number(), 0);
        Syscall.check(result, "stop watching", watched.toString());
    }

    /**
     * Keys of readable descriptors, 64 at most at a time; empty when the time is over.
     *
     * @param milliseconds less than 0 waits without end
     */
    public List<Long> await(int milliseconds) throws SysException {
        try (Memory memory = new Memory()) {
            Memory.Block events = memory.block(MOST_EVENTS * EVENT_BYTES);
            int count;
            do count = Libc.LIBC.epoll_wait(fd.number(), events.address(), MOST_EVENTS, milliseconds);
            while (Retry.interrupted(count, "epoll_wait", fd));
            ByteBuffer view = events.view();
            List<Long> keys = new ArrayList<>(count);
            for (int i = 0; i < count; i++) keys.add(view.getLong(i * EVENT_BYTES + KEY_OFFSET));
            return keys;
        }
    }

    @Override
    public void close() {
        fd.close();
    }
}
