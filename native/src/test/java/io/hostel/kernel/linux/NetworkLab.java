package io.hostel.kernel.linux;

import io.hostel.kernel.HostNetwork;
import io.hostel.kernel.KernelException;
import io.hostel.kernel.Links;
import io.hostel.kernel.MacAddress;
import io.hostel.kernel.PacketFilter;
import io.hostel.netlink.NetlinkSocket;
import io.hostel.netlink.route.Ipv4;
import io.hostel.sys.Fd;
import io.hostel.sys.Namespaces;
import io.hostel.sys.ThrowAwayThread;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;

/**
 * A host with sandboxes, and a second namespace as the internet behind it: world0 203.0.113.1 here, 203.0.113.2 there. Needs
 * root and a network namespace that is thrown away.
 */
final class NetworkLab implements AutoCloseable {
    static final String BRIDGE = "hosteltest";
    static final String PREFIX = "hs-zz";
    static final Inet4Address GATEWAY = ip("10.77.0.1");
    static final String HOST = "203.0.113.1";
    static final String INTERNET = "203.0.113.2";
    /** Also the internet's, inside a closed block. */
    static final String CLOSED = "192.168.9.9";
    /** Where some clouds have the resolver, and a service that gives away the machine's secrets. */
    static final String LINK_LOCAL = "169.254.7.7";

    static final HostNetwork.Bounds BOUNDS = new HostNetwork.Bounds(20, 8, 60, 30);

    private final NamespaceSockets namespaces = new NamespaceSockets();
    final LinuxNetns netns = new LinuxNetns(namespaces);
    final LinuxLinks links = new LinuxLinks(namespaces);
    final LinuxHostNetwork network = new LinuxHostNetwork();
    final LinuxPacketFilter filter = new LinuxPacketFilter(BRIDGE);
    final Path pins;
    final HostNetwork.Plan plan;
    final Path internet;
    private final List<Guest> guests = new ArrayList<>();
    private final List<AutoCloseable> open = new ArrayList<>();

    NetworkLab() throws Exception {
        this(plan(Optional.empty()));
    }

    NetworkLab(HostNetwork.Plan plan) throws Exception {
        this.plan = plan;
        pins = Files.createTempDirectory("pins");
        netns.prepare(pins);
        internet = pins.resolve("internet");
        netns.create(internet);
        run("ip", "link", "set", "lo", "up");
        run("ip", "link", "add", "world0", "type", "veth", "peer", "name", "world1");
        run("ip", "addr", "add", HOST + "/24", "dev", "world0");
        run("ip", "link", "set", "world0", "up");
        run("ip", "link", "set", "world1", "netns", internet.toString());
        run("nsenter", "--net=" + internet, "ip", "addr", "add", INTERNET + "/24", "dev", "world1");
        run("nsenter", "--net=" + internet, "ip", "addr", "add", CLOSED + "/32", "dev", "lo");
        run("nsenter", "--net=" + internet, "ip", "addr", "add", LINK_LOCAL + "/32", "dev", "lo");
        run("nsenter", "--net=" + internet, "ip", "link", "set", "world1", "up");
        run("ip", "route", "add", CLOSED + "/32", "via", INTERNET);
        run("ip", "route", "add", LINK_LOCAL + "/32", "via", INTERNET);
        network.ensure(plan);
    }

    static HostNetwork.Plan plan(Optional<String> publishInterface) {
        return new HostNetwork.Plan(
                BRIDGE,
                GATEWAY,
                16,
                PREFIX,
                new HostNetwork.Egress(
                        List.of("192.168.0.0/16", "10.0.0.0/8"),
                        List.of("25", "6000-6063"),
                        List.of(ip(CLOSED), ip(LINK_LOCAL))),
                BOUNDS,
                publishInterface,
                20000,
                29999,
                7070,
                false);
    }

    /** A sandbox of a tenant that can be reached and may reach the world. */
    Guest sandbox(int number, int tenant) throws Exception {
        return sandbox(number, tenant, true, true);
    }

    Guest sandbox(int number, int tenant, boolean reachable, boolean egress) throws Exception {
        return stand(new Guest(0, number, tenant, reachable, egress));
    }

    /** As {@link #sandbox(int, int)}, on one of several bridges. */
    Guest sandboxOn(int bridge, int number, int tenant) throws Exception {
        return stand(new Guest(bridge, number, tenant, true, true));
    }

    private Guest stand(Guest guest) throws Exception {
        guests.add(guest);
        netns.create(guest.pin());
        links.attach(guest.veth());
        links.lease(guest.lease());
        filter.admit(guest.rules());
        return guest;
    }

    final class Guest {
        final String name;
        final Inet4Address address;
        final MacAddress mac;
        final int tenant;
        private final String bridge;
        private final boolean reachable;
        private final boolean egress;

        Guest(int number, int tenant, boolean reachable, boolean egress) {
            this(0, number, tenant, reachable, egress);
        }

        Guest(int bridge, int number, int tenant, boolean reachable, boolean egress) {
            this.bridge = plan.bridge(bridge);
            this.name = PREFIX + String.format("%010d", number).substring(3);
            this.address = Ipv4.of(new byte[] {10, 77, (byte) (number >> 8), (byte) number});
            this.mac = MacAddress.of(address);
            this.tenant = tenant;
            this.reachable = reachable;
            this.egress = egress;
        }

        Path pin() {
            return pins.resolve(name);
        }

        Links.Veth veth() {
            return new Links.Veth(name, bridge, pin(), mac);
        }

        Links.Lease lease() {
            return new Links.Lease(bridge, pin(), address, mac, GATEWAY);
        }

        PacketFilter.Rules rules() {
            return new PacketFilter.Rules(name, mac, address, tenant, reachable, egress);
        }

        PacketFilter.Backend backend(int port) {
            return new PacketFilter.Backend(address, port);
        }

        /** Serves its name and the caller's address on a port. */
        Guest serving(int port) throws Exception {
            serve(pin(), name, port);
            return this;
        }

        String calls(String host, int port) throws Exception {
            return call(pin(), host, port);
        }
    }

    /** Answers each connection on a port in a namespace with a name and the caller's address. */
    void serve(Path pin, String name, int port) throws Exception {
        ServerSocket server = in(pin, () -> new ServerSocket(port, 128, InetAddress.getByName("0.0.0.0")));
        open.add(server);
        Thread thread = new Thread(() -> answer(server, name), "serve " + name);
        thread.setDaemon(true);
        thread.start();
    }

    private static void answer(ServerSocket server, String name) {
        while (!server.isClosed()) {
            try (Socket socket = server.accept()) {
                String line = name + " " + socket.getInetAddress().getHostAddress() + "\n";
                socket.getOutputStream().write(line.getBytes(StandardCharsets.US_ASCII));
                socket.shutdownOutput();
                socket.setSoTimeout(Patience.milliseconds(2000));
                while (socket.getInputStream().read() >= 0) {}
            } catch (IOException e) {
                // The caller went away, or the server is closed.
            }
        }
    }

    /** What the server says, or the name of the exception by which the call failed. */
    static String call(Path pin, String host, int port) throws Exception {
        return in(pin, () -> call(host, port));
    }

    /** From the machine itself. */
    static String call(String host, int port) {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(host, port), Patience.silence(700));
            socket.setSoTimeout(Patience.milliseconds(2000));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII).strip();
        } catch (IOException e) {
            return e.getClass().getSimpleName();
        }
    }

    static <T> T in(Path pin, Callable<T> work) throws Exception {
        return ThrowAwayThread.<T, Exception>call(Exception.class, () -> {
            try (Fd namespace = NamespaceSockets.open(pin)) {
                Namespaces.enter(namespace, Namespaces.NETWORK);
            }
            return work.call();
        });
    }

    /** Runs a program, the tests' oracle, and returns what it prints on both outputs. */
    static String run(String... command) throws Exception {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) throw new AssertionError(String.join(" ", command) + ": " + output);
        return output;
    }

    static Inet4Address ip(String text) {
        try {
            return (Inet4Address) InetAddress.getByName(text);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    static NetlinkSocket route() throws Exception {
        return NetlinkSocket.route();
    }

    @Override
    public void close() throws Exception {
        for (AutoCloseable one : open) one.close();
        for (Guest guest : guests) {
            filter.expel(guest.rules());
            links.giveBack(guest.lease());
            links.detach(guest.veth());
            netns.remove(guest.pin());
        }
        network.remove(plan);
        run("ip", "link", "del", "world0");
        netns.remove(internet);
        netns.unprepare(pins);
        netns.close();
        links.close();
        filter.close();
    }

    static KernelException refusal(org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
        return org.assertj.core.api.Assertions.catchThrowableOfType(KernelException.class, call);
    }
}
