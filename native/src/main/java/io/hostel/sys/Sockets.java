package io.hostel.sys;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * Netlink sockets, and connections and datagrams to local ones: socket(2), bind(2), connect(2), sendto(2), recvfrom(2),
 * getsockopt(2), setsockopt(2), poll(2); netlink(7), unix(7).
 */
public final class Sockets {
    public static final int NETLINK_ROUTE = 0;
    public static final int NETLINK_NETFILTER = 12;

    public static final int SOL_SOCKET = 1;
    public static final int SO_SNDBUF = 7;
    public static final int SO_RCVBUF = 8;
    public static final int SO_SNDBUFFORCE = 32;
    public static final int SO_RCVBUFFORCE = 33;

    public static final int SOL_IP = 0;
    public static final int SOL_NETLINK = 270;
    public static final int NETLINK_ADD_MEMBERSHIP = 1;
    public static final int NETLINK_CAP_ACK = 10;
    public static final int NETLINK_EXT_ACK = 11;
    public static final int NETLINK_GET_STRICT_CHK = 12;

    public static final int MSG_PEEK = 0x02;
    public static final int MSG_TRUNC = 0x20;
    public static final int MSG_DONTWAIT = 0x40;

    public static final Received NOTHING = new Received(0, 0);

    private static final int AF_UNIX = 1;
    private static final int AF_INET = 2;
    private static final int AF_NETLINK = 16;
    private static final int SOCK_STREAM = 1;
    private static final int SOCK_DGRAM = 2;
    private static final int SOCK_RAW = 3;
    private static final int IPPROTO_RAW = 255;
    private static final int SOCK_CLOEXEC = OpenFile.CLOEXEC;
    private static final int SOCKADDR_NL_BYTES = 12;
    private static final int SOCKADDR_UN_BYTES = 110;
    private static final int MSG_NOSIGNAL = 0x4000;
    private static final short POLLIN = 1;

    private Sockets() {}

    /** A netlink socket of the calling thread's network namespace, where it stays, bound to a port of the kernel's choice. */
    public static Fd netlink(int protocol) throws SysException {
        int number = Libc.LIBC.socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol);
        Fd fd = Fd.of(Syscall.check(number, "socket", "netlink " + protocol), "netlink socket " + protocol);
        try (Memory memory = new Memory()) {
            Memory.Block address = address(memory);
            Syscall.check(Libc.LIBC.bind(fd.number(), address.address(), SOCKADDR_NL_BYTES), "bind", fd.toString());
            return fd;
        } catch (SysException e) {
            fd.close();
            throw e;
        }
    }

    /** For what is asked of IPv4 itself, in the calling thread's network namespace; raw(7). Nothing is received by it. */
    public static Fd ipv4() throws SysException {
        int number = Libc.LIBC.socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW);
        return Fd.of(Syscall.check(number, "socket", "raw IPv4"), "raw IPv4 socket");
    }

    /**
     * A connection to the socket of that name in a directory, which may have any path.
     *
     * @throws SysException ENOENT where there is none, ECONNREFUSED where nobody listens on it any more
     */
    public static Fd connect(Fd directory, String name) throws SysException {
        byte[] path = ("/proc/self/fd/" + directory.number() + "/" + name).getBytes(StandardCharsets.UTF_8);
        if (path.length > SOCKADDR_UN_BYTES - 3) throw new IllegalArgumentException("too long for a socket: " + name);
        String target = directory + "/" + name;
        Fd fd = Fd.of(
                Syscall.check(Libc.LIBC.socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket", "unix"), target);
        try (Memory memory = new Memory()) {
            Memory.Block address = memory.block(SOCKADDR_UN_BYTES);
            address.view().putShort(0, (short) AF_UNIX).put(2, path);
            Syscall.check(Libc.LIBC.connect(fd.number(), address.address(), SOCKADDR_UN_BYTES), "connect", target);
            return fd;
        } catch (SysException e) {
            fd.close();
            throw e;
        }
    }

    /**
     * Sends one datagram to a local socket.
     *
     * @param to a path, or {@code @} and a name of the abstract namespace; at most 107 bytes, see unix(7)
     * @throws SysException ENOENT where there is no such path, ECONNREFUSED where nobody listens, EMSGSIZE
     */
    public static void sendTo(String to, byte[] datagram) throws SysException {
        byte[] name = to.getBytes(StandardCharsets.UTF_8);
        if (name.length == 0 || name.length > SOCKADDR_UN_BYTES - 3) {
            throw new IllegalArgumentException("no address of a local socket: " + to);
        }
        boolean isAbstract = name[0] == '@';
        if (isAbstract) name[0] = 0;
        int number = Libc.LIBC.socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        try (Fd fd = Fd.of(Syscall.check(number, "socket", "unix"), to);
                Memory memory = new Memory()) {
            Memory.Block address = memory.block(SOCKADDR_UN_BYTES);
            address.view().putShort(0, (short) AF_UNIX).put(2, name);
            // All bytes that are given belong to an abstract name; a path ends in a zero.
            int bytes = 2 + name.length + (isAbstract ? 0 : 1);
            long from = memory.bytes(datagram);
            long result;
            do result = Libc.LIBC.sendto(fd.number(), from, datagram.length, MSG_NOSIGNAL, address.address(), bytes, 0);
            while (Retry.interrupted(result, "send", to));
        }
    }

    /** The port that the kernel gave a netlink socket: nlmsg_pid of its answers. */
    public static int port(Fd fd) throws SysException {
        try (Memory memory = new Memory()) {
            Memory.Block address = address(memory);
            Memory.Block bytes = memory.block(4);
            bytes.view().putInt(0, SOCKADDR_NL_BYTES);
            int result = Libc.LIBC.getsockname(fd.number(), address.address(), bytes.address());
            Syscall.check(result, "getsockname", fd.toString());
            return address.view().getInt(4);
        }
    }

    public static void option(Fd fd, int level, int name, int value) throws SysException {
        try (Memory memory = new Memory()) {
            Memory.Block block = memory.block(4);
            block.view().putInt(0, value);
            int result = Libc.LIBC.setsockopt(fd.number(), level, name, block.address(), 4);
            Syscall.check(result, "setsockopt", fd + " " + level + "/" + name);
        }
    }

    /** What an option is. @param value what the kernel wants to know, as long as what it answers in its place */
    public static byte[] option(Fd fd, int level, int name, byte[] value) throws SysException {
        try (Memory memory = new Memory()) {
            Memory.Block block = memory.block(value.length);
            block.view().put(0, value);
            Memory.Block bytes = memory.block(4);
            bytes.view().putInt(0, value.length);
            int result = Libc.LIBC.getsockopt(fd.number(), level, name, block.address(), bytes.address());
            Syscall.check(result, "getsockopt", fd + " " + level + "/" + name);
            byte[] answer = new byte[bytes.view().getInt(0)];
            block.view().get(0, answer);
            return answer;
        }
    }

    /** Sends the buffer's rest to the kernel as one datagram. */
    public static void send(Fd fd, ByteBuffer datagram) throws SysException {
        try (Memory memory = new Memory()) {
            long kernel = address(memory).address();
            long from = memory.toSend(datagram);
            int bytes = datagram.remaining();
            long result;
            do result = Libc.LIBC.sendto(fd.number(), from, bytes, MSG_NOSIGNAL, kernel, SOCKADDR_NL_BYTES, 0);
            while (Retry.interrupted(result, "send", fd));
            datagram.position(datagram.position() + (int) result);
        }
    }

    /**
     * Receives one datagram into the buffer's rest and moves its position by what was put there.
     *
     * @param flags e.g. {@link #MSG_TRUNC}: then {@link Received#bytes} is the datagram's whole length
     * @return {@link #NOTHING} where there is none and {@link #MSG_DONTWAIT} says so
     */
    public static Received receive(Fd fd, ByteBuffer to, int flags) throws SysException {
        try (Memory memory = new Memory()) {
            Memory.Block from = address(memory);
            Memory.Block length = memory.block(4);
            length.view().putInt(0, SOCKADDR_NL_BYTES);
            long address = memory.toFill(to);
            long result;
            do {
                result = Libc.LIBC.recvfrom(
                        fd.number(), address, to.remaining(), flags, from.address(), length.address(), 0);
                if (result < 0 && (flags & MSG_DONTWAIT) != 0 && Libc.errno() == Errno.EAGAIN) return NOTHING;
            } while (Retry.interrupted(result, "receive", fd));
            Memory.filled(to, address, result);
            return new Received((int) result, from.view().getInt(4));
        }
    }

    /** Whether there is something to receive, at once or within the time; less than 0 waits without end. */
    public static boolean readable(Fd fd, int milliseconds) throws SysException {
        try (Memory memory = new Memory()) {
            Memory.Block one = memory.block(8);
            one.view().putInt(0, fd.number()).putShort(4, POLLIN);
            int result;
            do result = Libc.LIBC.poll(one.address(), 1, milliseconds);
            while (Retry.interrupted(result, "poll", fd));
            return result > 0;
        }
    }

    private static Memory.Block address(Memory memory) {
        Memory.Block address = memory.block(SOCKADDR_NL_BYTES);
        address.view().putShort(0, (short) AF_NETLINK); // port 0: the kernel; groups 0
        return address;
    }

    /**
     * @param bytes of the datagram
     * @param port of the sender, 0 for the kernel; believe nobody else
     */
    public record Received(int bytes, int port) {}
}
