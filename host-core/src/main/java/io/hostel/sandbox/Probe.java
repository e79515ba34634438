package io.hostel.sandbox;

import io.hostel.kernel.HostNetwork;
import io.hostel.sandbox.Prober.Answer;
import io.hostel.sandbox.Prober.Target;
import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;

/**
 * One question to a server, from the connection to the status line. What else it sends is read and thrown away for a second: a
 * server whose answer is cut off says so in its log, and one that never ends shall not hold descriptors of the host's.
 */
final class Probe {
    /** {@code HTTP/1.1 200}, RFC 9112 section 4. */
    private static final int STATUS_BYTES = 12;

    private static final Pattern STATUS = Pattern.compile("HTTP/1\\.[01] [1-5][0-9][0-9]");

    private static final int PORTS_TRIED = 8;
    private static final int REST_BYTES = 256 << 10;
    private static final long REST_NANOS = 1_000_000_000;
    private static final long BEFORE_ANOTHER_TRY_NANOS = 100_000;
    private static final AtomicInteger NEXT_PORT = new AtomicInteger();

    private final Target target;
    private final Duration timeout;
    private final long patientUntil;
    private final CompletableFuture<Answer> answer = new CompletableFuture<>();
    private final ByteBuffer status = ByteBuffer.allocate(STATUS_BYTES);
    private final ByteBuffer request;
    private Optional<SocketChannel> channel = Optional.empty();
    private long dueNanos;
    private int rest = REST_BYTES;

    /**
     * @param beginNanos by System.nanoTime
     * @param patienceNanos so long from its beginning it is tried again where nobody listens
     */
    Probe(Target target, long beginNanos, Duration timeout, long patienceNanos) {
        this.target = target;
        this.dueNanos = beginNanos;
        this.timeout = timeout;
        this.patientUntil = beginNanos + patienceNanos;
        this.request = ByteBuffer.wrap(request(target).getBytes(StandardCharsets.US_ASCII));
    }

    CompletableFuture<Answer> answer() {
        return answer;
    }

    /** When it begins, or when its time is over. */
    long dueNanos() {
        return dueNanos;
    }

    boolean begun() {
        return channel.isPresent();
    }

    /** Nothing more is to come of it. */
    boolean over() {
        return answer.isDone() && channel.isEmpty();
    }

    boolean answered() {
        return answer.isDone();
    }

    /** The answer is there; to be said while it waits in no queue. */
    void rest() {
        dueNanos = System.nanoTime() + REST_NANOS;
    }

    /** Its time is up. */
    void late() {
        end(Answer.ill("no answer within " + timeout.toMillis() + " ms"));
    }

    void begin(Selector selector) {
        dueNanos = System.nanoTime() + timeout.toNanos();
        try {
            SocketChannel socket = SocketChannel.open();
            channel = Optional.of(socket);
            socket.configureBlocking(false);
            fromProbePort(socket);
            socket.register(selector, SelectionKey.OP_CONNECT, this);
            if (socket.connect(new InetSocketAddress(target.address(), target.port()))) {
                connected(socket.keyFor(selector));
            }
        } catch (IOException | RuntimeException e) {
            failed(e);
        }
    }

    private void failed(Exception e) {
        if (e instanceof ConnectException && System.nanoTime() - patientUntil < 0) {
            close(false);
            dueNanos = System.nanoTime() + BEFORE_ANOTHER_TRY_NANOS;
        } else {
            end(Answer.ill(words(e)));
        }
    }

    /** As bindresvport(3) does; where none can be had, from any. */
    private static void fromProbePort(SocketChannel socket) throws IOException {
        socket.setOption(StandardSocketOptions.SO_REUSEADDR, true); // each sandbox may be probed from the same port
        for (int tried = 0; tried < PORTS_TRIED; tried++) {
            try {
                int ports = HostNetwork.LAST_PROBE_PORT - HostNetwork.FIRST_PROBE_PORT + 1;
                int port = HostNetwork.FIRST_PROBE_PORT + Math.floorMod(NEXT_PORT.getAndIncrement(), ports);
                socket.bind(new InetSocketAddress(port));
                return;
            } catch (BindException e) {
                // Somebody listens there; or we are not root, in a test.
                continue;
            }
        }
    }

    /** The socket is ready for what it was waiting for. */
    void proceed(SelectionKey key) {
        try {
            SocketChannel socket = (SocketChannel) key.channel();
            if (key.isConnectable() && socket.finishConnect()) {
                connected(key);
            } else if (key.isWritable()) {
                socket.write(request);
                if (!request.hasRemaining()) {
                    key.interestOps(SelectionKey.OP_READ);
                }
            } else if (key.isReadable() && answer.isDone()) {
                readOn(socket);
            } else if (key.isReadable()) {
                boolean ended = socket.read(status) < 0;
                if (ended) {
                    close(true);
                }
                if (ended || !status.hasRemaining()) {
                    answer.complete(judge(new String(status.array(), 0, status.position(), StandardCharsets.US_ASCII)));
                }
            }
        } catch (IOException | RuntimeException e) {
            failed(e);
        }
    }

    private void readOn(SocketChannel socket) throws IOException {
        int read = socket.read(ByteBuffer.allocate(Math.min(rest, 8 << 10)));
        rest -= Math.max(read, 0);
        if (read < 0 || rest == 0) {
            close(read < 0);
        }
    }

    private void connected(SelectionKey key) {
        if (target.http().isEmpty()) {
            end(Answer.WELL);
        } else {
            key.interestOps(SelectionKey.OP_WRITE);
        }
    }

    void end(Answer found) {
        close(false);
        answer.complete(found);
    }

    /** @param byServer it has closed the connection itself */
    private void close(boolean byServer) {
        channel.ifPresent(socket -> {
            try {
                if (!byServer) {
                    // FIN: the server reads an end, and no error that would go to its log. Then RST: no socket stays
                    // behind for a minute, and there is a probe every other second for each sandbox.
                    if (socket.isConnected()) {
                        socket.shutdownOutput();
                    }
                    socket.setOption(StandardSocketOptions.SO_LINGER, 0);
                }
                socket.close();
            } catch (IOException e) {
                // It is out of use either way.
            }
        });
        channel = Optional.empty();
    }

    /** Well is 2xx and 3xx. */
    static Answer judge(String statusLine) {
        if (!STATUS.matcher(statusLine).matches()) {
            return Answer.ill(statusLine.isEmpty() ? "it hung up" : "its answer is not HTTP");
        }
        String code = statusLine.substring(9);
        return code.startsWith("2") || code.startsWith("3") ? Answer.WELL : Answer.ill("it answers " + code);
    }

    private static String request(Target target) {
        String host = target.address().getHostAddress() + ":" + target.port();
        return "GET " + target.http().orElse("/") + " HTTP/1.1\r\nHost: " + host
                + "\r\nUser-Agent: hostel\r\nAccept: */*\r\nConnection: close\r\n\r\n";
    }

    private static String words(Exception e) {
        return e.getMessage() == null ? e.toString() : e.getMessage();
    }
}
