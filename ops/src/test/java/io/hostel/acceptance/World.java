package io.hostel.acceptance;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.awaitility.Awaitility;

/**
 * The internet, as far as tests need one: a network namespace behind a veth pair and the default route, with documentation
 * addresses (RFC 5737), where a web server says who asked it and a resolver knows one name. One for all tests of this JVM,
 * which lives in a network namespace of its own.
 */
public final class World {
    public static final String ADDRESS = "203.0.113.2";
    /** The host's own address as the world sees it. */
    public static final String HOST_ADDRESS = "203.0.113.1";
    /** Within the default egress-deny ranges, and answering nevertheless to whoever gets there. */
    public static final String PRIVATE_ADDRESS = "192.168.77.7";

    public static final String LINK_LOCAL_ADDRESS = "169.254.169.254";

    private static final String SERVERS = """
            import http.server, socket, threading, sys
            class H(http.server.BaseHTTPRequestHandler):
                def do_GET(self):
                    body = ("seen " + self.client_address[0] + "\\n").encode()
                    self.send_response(200)
                    self.send_header("Content-Length", str(len(body)))
                    self.end_headers()
                    self.wfile.write(body)
                def log_message(self, *a): pass
            def dns():
                s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
                s.bind(("", 53))
                while True:
                    q, peer = s.recvfrom(512)
                    end = q.index(0, 12) + 5
                    is_a = q[end - 4:end - 2] == b"\\0\\1"
                    head = q[:2] + b"\\x81\\x80\\0\\1\\0" + (b"\\1" if is_a else b"\\0") + b"\\0\\0\\0\\0" + q[12:end]
                    s.sendto(head + (b"\\xc0\\x0c\\0\\1\\0\\1\\0\\0\\0\\x3c\\0\\4" + bytes([203, 0, 113, 2]) if is_a else b""), peer)
            threading.Thread(target=dns, daemon=True).start()
            s = http.server.ThreadingHTTPServer(("", 80), H)
            open(sys.argv[1], "w").close()
            s.serve_forever()
            """;

    private static @org.jspecify.annotations.Nullable World only;

    private final Process servers;

    private World(Process servers) {
        this.servers = servers;
    }

    /** The one world, made when it is first asked for; it ends with the JVM. */
    public static synchronized World reachable() {
        if (only == null) {
            only = create();
        }
        return only;
    }

    public long pid() {
        return servers.pid();
    }

    private static World create() {
        Shell.run("ip", "link", "set", "lo", "up");
        try {
            Path ready = Files.createTempDirectory("hostel-world").resolve("ready");
            // Python waits for its address: the namespace is configured while it sleeps.
            Process servers = new ProcessBuilder(
                            "unshare", "--net", "/usr/bin/python3", "-c", SERVERS, ready.toString())
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            Runtime.getRuntime().addShutdownHook(new Thread(servers::destroyForcibly));
            Awaitility.await("the world's servers listen")
                    .atMost(Patience.seconds(30))
                    .until(() -> Files.exists(ready));
            Files.delete(ready);
            Files.delete(ready.getParent());
            long pid = servers.pid();
            Shell.run(
                    "ip", "link", "add", "world0", "type", "veth", "peer", "name", "eth0", "netns", Long.toString(pid));
            Shell.run("ip", "addr", "add", HOST_ADDRESS + "/24", "dev", "world0");
            Shell.run("ip", "link", "set", "world0", "up");
            Shell.inNetworkOf(pid, "ip", "link", "set", "lo", "up");
            Shell.inNetworkOf(pid, "ip", "addr", "add", ADDRESS + "/24", "dev", "eth0");
            Shell.inNetworkOf(pid, "ip", "addr", "add", PRIVATE_ADDRESS + "/32", "dev", "lo");
            Shell.inNetworkOf(pid, "ip", "addr", "add", LINK_LOCAL_ADDRESS + "/32", "dev", "lo");
            Shell.inNetworkOf(pid, "ip", "link", "set", "eth0", "up");
            Shell.run("ip", "route", "add", "default", "via", ADDRESS);
            // Until the kernel has noticed that the other end is up, routes are shown as linkdown.
            Awaitility.await("the link to the world is up")
                    .atMost(Patience.seconds(30))
                    .until(() -> !Shell.run("ip", "-4", "route", "show", "table", "all")
                            .contains("linkdown"));
            return new World(servers);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What curl in the world gets from an address. */
    public Shell.Outcome curl(String url) {
        return Shell.outcomeInNetworkOf(pid(), "curl", "-sS", "--max-time", Patience.silence(10), url);
    }
}
