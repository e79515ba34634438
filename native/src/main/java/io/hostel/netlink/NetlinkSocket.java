package io.hostel.netlink;

import io.hostel.sys.Errno;
import io.hostel.sys.Fd;
import io.hostel.sys.Sockets;
import io.hostel.sys.SysException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A netlink socket, which stays in the network namespace of the thread that opened it, whichever thread uses it. Not for use by
 * several threads at once. Every request asks for an extended acknowledgement, so a refusal carries the kernel's own words.
 */
public final class NetlinkSocket implements AutoCloseable {
    /** The kernel answers while it handles the request; only a broken one takes this long. */
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(30);

    private static final int RECEIVE_BYTES = 2 << 20;
    private static final int SEND_BYTES_AT_FIRST = 160 << 10;
    private static final int DATAGRAM_BYTES = 256 << 10;
    private static final int DUMPS_TRIED = 20;
    // Lent for one receiving only, so that idle sockets hold none: as many as threads receive at once serve every
    // socket.
    private static final ConcurrentLinkedQueue<ByteBuffer> BUFFERS = new ConcurrentLinkedQueue<>();

    /** How many sockets of this process have a port: its first of each protocol and in each network namespace has the same. */
    private static final Map<Integer, Integer> OWN_PORTS = new ConcurrentHashMap<>();

    private final Fd fd;
    private final int port;
    private final AtomicBoolean open = new AtomicBoolean(true);
    private final List<Message> unread = new ArrayList<>();
    private int sequence = 1;
    private int sendBytes = SEND_BYTES_AT_FIRST;

    private NetlinkSocket(Fd fd, int port) {
        this.fd = fd;
        this.port = port;
        OWN_PORTS.merge(port, 1, Integer::sum);
    }

    /**
     * Whether a message tells of something that a socket of this process has asked for, and that is still open: then it is no
     * news.
     */
    public static boolean isOwn(Message notification) {
        return OWN_PORTS.containsKey(notification.port());
    }

    /** For links, addresses, routes and neighbours: rtnetlink(7). */
    public static NetlinkSocket route() throws NetlinkException {
        return open(Sockets.NETLINK_ROUTE, true);
    }

    /** For nf_tables and connection tracking. */
    public static NetlinkSocket netfilter() throws NetlinkException {
        return open(Sockets.NETLINK_NETFILTER, false);
    }

    private static NetlinkSocket open(int protocol, boolean strict) throws NetlinkException {
        try {
            Fd fd = Sockets.netlink(protocol);
            try {
                Sockets.option(fd, Sockets.SOL_NETLINK, Sockets.NETLINK_EXT_ACK, 1);
                Sockets.option(fd, Sockets.SOL_NETLINK, Sockets.NETLINK_CAP_ACK, 1);
                if (strict) Sockets.option(fd, Sockets.SOL_NETLINK, Sockets.NETLINK_GET_STRICT_CHK, 1);
                Sockets.option(fd, Sockets.SOL_SOCKET, Sockets.SO_RCVBUFFORCE, RECEIVE_BYTES);
                return new NetlinkSocket(fd, Sockets.port(fd));
            } catch (SysException e) {
                fd.close();
                throw e;
            }
        } catch (SysException e) {
            throw new NetlinkException(e.errno(), e.operation() + " " + e.target(), "");
        }
    }

    /** Sends one request and returns the first message that it asked for, if any. */
    public Optional<Message> ask(Request request, Errno... absent) throws NetlinkException {
        return exchange(List.of(request)).get(0).unless(absent);
    }

    /** Sends one request; the refusals given are as good as success. */
    public void tell(Request request, Errno... tolerated) throws NetlinkException {
        exchange(List.of(request)).get(0).expect(tolerated);
    }

    /**
     * Sends all requests in one datagram. The kernel handles each in turn, a refused one does not stop those after it.
     *
     * @return an answer for each, in the same order
     */
    public List<Answer> exchange(List<Request> requests) throws NetlinkException {
        List<Request> acknowledged = new ArrayList<>(requests.size());
        for (Request request : requests) acknowledged.add(request.with(Request.ACK));
        int first = send(acknowledged);
        List<List<Message>> messages = new ArrayList<>();
        List<Optional<NetlinkException>> refusals = new ArrayList<>();
        for (int i = 0; i < requests.size(); i++) {
            messages.add(new ArrayList<>());
            refusals.add(Optional.empty());
        }
        int open = requests.size();
        String purpose = requests.get(0).purpose();
        while (open > 0) {
            for (Message message : receive(purpose)) {
                int index = message.sequence() - first;
                if (index < 0 || index >= requests.size()) continue;
                if (message.isAnswer()) {
                    if (message.error() != 0) {
                        refusals.set(index, Optional.of(refusal(message, requests.get(index))));
                    }
                    open--;
                } else {
                    messages.get(index).add(message);
                }
            }
        }
        List<Answer> answers = new ArrayList<>();
        for (int i = 0; i < requests.size(); i++) {
            answers.add(new Answer(requests.get(i), messages.get(i), refusals.get(i)));
        }
        return answers;
    }

    /**
     * Sends requests that ask for nothing in one datagram, as {@link #exchange} does, and has the last one alone acknowledged:
     * the kernel handles them in turn and reports what it refuses unasked, so that says it all.
     */
    public List<Answer> tellAll(List<Request> requests) throws NetlinkException {
        int last = requests.size() - 1;
        List<Request> sent = new ArrayList<>(requests);
        sent.set(last, sent.get(last).with(Request.ACK));
        int first = send(sent);
        List<Optional<NetlinkException>> refusals = new ArrayList<>(Collections.nCopies(last + 1, Optional.empty()));
        boolean through = false;
        while (!through) {
            for (Message message : receive(requests.get(0).purpose())) {
                int index = message.sequence() - first;
                if (!message.isAnswer() || index < 0 || index > last) continue;
                if (message.error() != 0) refusals.set(index, Optional.of(refusal(message, requests.get(index))));
                through |= index == last;
            }
        }
        List<Answer> answers = new ArrayList<>();
        for (int i = 0; i <= last; i++) answers.add(new Answer(requests.get(i), List.of(), refusals.get(i)));
        return answers;
    }

    /** Everything that a dump brings, from one state of the kernel: one that was interrupted by a change is made again. */
    public List<Message> dump(Request request) throws NetlinkException {
        for (int attempt = 1; ; attempt++) {
            try {
                Optional<List<Message>> whole = dumpOnce(request.with(Request.DUMP));
                if (whole.isPresent()) return whole.get();
            } catch (NetlinkException e) {
                boolean passing = e.is(Errno.EINTR) || e.is(Errno.ENOBUFS);
                if (!passing || attempt == DUMPS_TRIED) throw e;
            }
            if (attempt == DUMPS_TRIED) {
                throw new NetlinkException(
                        Errno.EINTR, request.purpose(), "changed during each of " + DUMPS_TRIED + " dumps");
            }
        }
    }

    private Optional<List<Message>> dumpOnce(Request request) throws NetlinkException {
        int expected = send(List.of(request));
        List<Message> all = new ArrayList<>();
        boolean whole = true;
        while (true) {
            for (Message message : receive(request.purpose())) {
                if (message.sequence() != expected) continue;
                whole &= !message.isInterrupted();
                if (message.isAnswer() || message.isEnd()) {
                    if (message.error() != 0) throw refusal(message, request);
                    return whole ? Optional.of(all) : Optional.empty();
                }
                all.add(message);
            }
        }
    }

    /** From now on {@link #next} hears of a group's changes, e.g. RTNLGRP_LINK. */
    public void join(int group) throws NetlinkException {
        try {
            Sockets.option(fd, Sockets.SOL_NETLINK, Sockets.NETLINK_ADD_MEMBERSHIP, group);
        } catch (SysException e) {
            throw new NetlinkException(e.errno(), "join netlink group " + group, "");
        }
    }

    /**
     * The next message, be it a notification or an answer; empty when the time is over.
     *
     * @throws NetlinkException ENOBUFS where messages were lost: whoever follows a state must dump it again
     */
    public Optional<Message> next(Duration wait) throws NetlinkException {
        if (unread.isEmpty()) unread.addAll(receive("wait for a notification", wait));
        return unread.isEmpty() ? Optional.empty() : Optional.of(unread.remove(0));
    }

    /**
     * Sends requests in one datagram as they are, and awaits nothing.
     *
     * @return the first one's sequence number; the others' follow on
     */
    public int send(List<Request> requests) throws NetlinkException {
        int first = sequence;
        int size = 0;
        for (Request request : requests) size += request.size();
        ByteBuffer out = ByteBuffer.allocate(size);
        for (Request request : requests) request.write(out, sequence++);
        out.flip();
        try {
            if (size > sendBytes) {
                // netlink_sendmsg wants the whole datagram to fit; the kernel doubles what is asked for: socket(7).
                sendBytes = size + (64 << 10);
                Sockets.option(fd, Sockets.SOL_SOCKET, Sockets.SO_SNDBUFFORCE, sendBytes);
            }
            Sockets.send(fd, out);
        } catch (SysException e) {
            throw new NetlinkException(e.errno(), requests.get(0).purpose(), "sending " + size + " bytes");
        }
        return first;
    }

    /** The messages of the next datagram, which must come. */
    public List<Message> receive(String purpose) throws NetlinkException {
        List<Message> messages = receive(purpose, LONGEST_WAIT);
        if (messages.isEmpty()) throw new NetlinkException(Errno.ETIMEDOUT, purpose, "the kernel does not answer");
        return messages;
    }

    /** The messages of the next datagram; none when the time is over. */
    public List<Message> receive(String purpose, Duration wait) throws NetlinkException {
        ByteBuffer idle = BUFFERS.poll();
        ByteBuffer datagram = idle == null ? ByteBuffer.allocateDirect(DATAGRAM_BYTES) : idle;
        try {
            Sockets.Received received;
            do {
                datagram.clear();
                received = receive(datagram, wait);
                if (received.bytes() == 0) return List.of();
                // Another process may send to this port; only the kernel, port 0, is believed.
            } while (received.port() != 0);
            if (received.bytes() > datagram.capacity()) {
                throw new NetlinkException(
                        Errno.EMSGSIZE, purpose, "the kernel sent " + received.bytes() + " bytes at once");
            }
            datagram.flip();
            return Message.in(datagram);
        } catch (SysException e) {
            throw new NetlinkException(e.errno(), purpose, "");
        } finally {
            BUFFERS.add(datagram);
        }
    }

    /** What the kernel answers is there when sending returns, so waiting is the exception; 0 bytes: the time is over. */
    private Sockets.Received receive(ByteBuffer datagram, Duration wait) throws SysException {
        Sockets.Received received = Sockets.receive(fd, datagram, Sockets.MSG_TRUNC | Sockets.MSG_DONTWAIT);
        if (received != Sockets.NOTHING) return received;
        boolean ready = Sockets.readable(fd, (int) Math.min(Integer.MAX_VALUE, wait.toMillis()));
        return ready ? Sockets.receive(fd, datagram, Sockets.MSG_TRUNC) : Sockets.NOTHING;
    }

    private static NetlinkException refusal(Message message, Request request) {
        return new NetlinkException(message.errno(), request.purpose(), message.words());
    }

    @Override
    public void close() {
        if (!open.getAndSet(false)) return;
        OWN_PORTS.computeIfPresent(port, (number, sockets) -> sockets == 1 ? null : sockets - 1);
        fd.close();
    }
}
