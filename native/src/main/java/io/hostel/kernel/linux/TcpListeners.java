package io.hostel.kernel.linux;

import io.hostel.kernel.KernelException;
import io.hostel.sys.Errno;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import java.util.TreeSet;

/**
 * Who listens, by /proc/net/tcp and tcp6; proc(5). Listening sockets are listed first (tcp_seq_start in net/ipv4/tcp_ipv4.c), so
 * nothing is read of the connections, however many there are.
 */
final class TcpListeners {
    /** Of a tenant's, who may have any number of them. */
    static final int MOST_TOLD = 64;

    private static final Path OWN = Path.of("/proc/thread-self/net");
    /** TCP_LISTEN. */
    private static final String LISTEN = "0A";
    /** The address that is all addresses, and is IPv4's too unless the socket says otherwise (IPV6_V6ONLY), which is not shown. */
    private static final String EVERYWHERE = "0".repeat(32);
    /** ::ffff:0:0/96, as the file has it: words in the machine's order. */
    private static final String MAPPED = "0000000000000000FFFF0000";

    private TcpListeners() {}

    /** In the network namespace of whoever asks. */
    static Set<Integer> ports() throws KernelException {
        Set<Integer> ports = new TreeSet<>();
        for (InetSocketAddress each : in(OWN, Integer.MAX_VALUE)) ports.add(each.getPort());
        return ports;
    }

    /** In a process's network namespace: where IPv4 is listened for, 0.0.0.0 for all addresses; {@value #MOST_TOLD} at most. */
    static Set<InetSocketAddress> of(int pid) throws KernelException {
        return in(Path.of("/proc/" + pid + "/net"), MOST_TOLD);
    }

    private static Set<InetSocketAddress> in(Path net, int most) throws KernelException {
        Set<InetSocketAddress> found = new HashSet<>();
        read(net.resolve("tcp"), most, found);
        read(net.resolve("tcp6"), most, found);
        return found;
    }

    private static void read(Path file, int most, Set<InetSocketAddress> found) throws KernelException {
        try (BufferedReader reader = Files.newBufferedReader(file, StandardCharsets.US_ASCII)) {
            reader.readLine(); // headings
            for (String line = reader.readLine(); line != null && found.size() < most; line = reader.readLine()) {
                String[] fields = line.strip().split("\\s+"); // number, local address, remote address, state
                if (fields.length < 4 || !fields[3].equals(LISTEN)) return;
                int colon = fields[1].indexOf(':');
                String address = fields[1].substring(0, colon);
                boolean ipv4 = address.length() == 8 || address.equals(EVERYWHERE) || address.startsWith(MAPPED);
                int port = Integer.parseInt(fields[1].substring(colon + 1), 16);
                if (ipv4) found.add(new InetSocketAddress(address(address), port));
            }
        } catch (NoSuchFileException e) {
            // A kernel without IPv6; or the process has ended.
        } catch (IOException e) {
            throw new KernelException(Errno.EIO.name(), "read", file.toString(), String.valueOf(e.getMessage()));
        }
    }

    /** The last word of what the file shows, which is in the machine's order. */
    private static InetAddress address(String hex) throws UnknownHostException {
        int word = Integer.parseUnsignedInt(hex.substring(hex.length() - 8), 16);
        byte[] bytes = ByteBuffer.allocate(4).order(ByteOrder.nativeOrder()).putInt(word).array();
        return InetAddress.getByAddress(bytes);
    }
}
