package io.hostel.acceptance;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Connections to a host's interface whose other end sends what it likes, and takes little or nothing of what comes. */
public final class Doors implements AutoCloseable {
    private final InetSocketAddress host;
    private final List<Socket> sockets = new ArrayList<>();

    public Doors(String base) {
        URI uri = URI.create(base);
        host = new InetSocketAddress(uri.getHost(), uri.getPort());
    }

    /** Sends this, as far as it is taken, and reads nothing. */
    public Socket send(String head, byte[] body) {
        try {
            Socket socket = new Socket();
            socket.setReceiveBufferSize(4096); // so that what is not read stays with the host
            socket.connect(host, 10_000);
            sockets.add(socket);
            socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
            socket.getOutputStream().write(body);
            return socket;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public Socket send(String head) {
        return send(head, new byte[0]);
    }

    public static String head(String method, String path, String token, String... headers) {
        StringBuilder head = new StringBuilder(method + " " + path + " HTTP/1.1\r\nHost: localhost\r\n");
        head.append("Authorization: Bearer ").append(token).append("\r\n");
        for (int i = 0; i < headers.length; i += 2) {
            head.append(headers[i]).append(": ").append(headers[i + 1]).append("\r\n");
        }
        return head.append("\r\n").toString();
    }

    /** The status of the answer, as soon as its first line is there; 0 where none comes soon or the connection was closed. */
    public static int status(Socket socket, int milliseconds) {
        try {
            socket.setSoTimeout(milliseconds);
            byte[] line = socket.getInputStream().readNBytes(12);
            return line.length < 12 ? 0 : Integer.parseInt(new String(line, 9, 3, StandardCharsets.US_ASCII));
        } catch (SocketTimeoutException nothing) {
            return 0;
        } catch (IOException closed) {
            return 0;
        }
    }

    public int size() {
        return sockets.size();
    }

    @Override
    public void close() {
        for (Socket socket : sockets) {
            try {
                socket.close();
            } catch (IOException e) {
                continue; // it is gone, which is what was wanted
            }
        }
        sockets.clear();
    }
}
