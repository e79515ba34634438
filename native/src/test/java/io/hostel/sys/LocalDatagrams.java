package io.hostel.sys;

import java.nio.charset.StandardCharsets;

/** A local socket that datagrams come to, as a service manager has one: unix(7). */
public final class LocalDatagrams {
    private static final int AF_UNIX = 1;
    private static final int SOCK_DGRAM = 2;

    private LocalDatagrams() {}

    /** @param address a path where nothing is, or {@code @} and a name of the abstract namespace */
    public static Fd listen(String address) throws SysException {
        byte[] name = address.getBytes(StandardCharsets.UTF_8);
        if (name[0] == '@') name[0] = 0;
        Fd fd = Fd.of(Syscall.check(Libc.LIBC.socket(AF_UNIX, SOCK_DGRAM, 0), "socket", "unix"), address);
        try (Memory memory = new Memory()) {
            Memory.Block at = memory.block(2 + name.length);
            at.view().putShort(0, (short) AF_UNIX).put(2, name);
            Syscall.check(Libc.LIBC.bind(fd.number(), at.address(), 2 + name.length), "bind", address);
            return fd;
        }
    }
}
