package io.hostel.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Programs that nobody wrote with Hostel in mind, as tenants. */
final class RealProgramsIT {
    @RegisterExtension
    static final Host HOST = new Host();

    private static Tenant alice;
    private static Tenant bob;

    @BeforeAll
    static void twoTenants() {
        alice = HOST.tenant("alice");
        bob = HOST.tenant("bob");
    }

    private static String get(App app, String path) {
        return Shell.curl("http://127.0.0.1:" + app.publishedPort("web") + path);
    }

    @Test
    void h1TwoTenantsWebServersAndADatabaseRunSideBySide() {
        App shop = alice.app("shop");
        String counter = """
                import http.server, os, socket
                class H(http.server.BaseHTTPRequestHandler):
                    def do_GET(self):
                        with socket.create_connection((os.environ["DB_HOST"], 6379), 5) as s:
                            s.sendall(b"INCR visits\\r\\n")
                            body = s.recv(100)
                        self.send_response(200)
                        self.send_header("Content-Length", str(len(body)))
                        self.end_headers()
                        self.wfile.write(body)
                http.server.ThreadingHTTPServer(("", int(os.environ["PORT"])), H).serve_forever()
                """;
        App db = alice.app("db");
        db.deploy(Release.of(
                        "redis",
                        Program.of(
                                        "redis-server",
                                        "--port",
                                        "6379",
                                        "--protected-mode",
                                        "no",
                                        "--save",
                                        "",
                                        "--dir",
                                        "/app")
                                .with("port", 6379)
                                .with("expose", "tenant")
                                .limits("files", 4096)))
                .live();
        String address = db.address("redis");
        assertThat(address).endsWith(":6379");
        shop.deploy(Release.of("web", Program.of("python3", "-c", counter).with("port", 8080))
                        .with("env", Map.of("DB_HOST", address.split(":")[0])))
                .live();
        App blog = bob.web(
                "blog", Program.of("python3", "-m", "http.server", "8080").with("port", 8080));
        assertThat(get(shop, "/")).isEqualTo(":1\r\n");
        assertThat(get(shop, "/")).isEqualTo(":2\r\n");
        assertThat(get(blog, "/")).contains("Directory listing");
        assertThat(shop.url("web")).isNotEqualTo(blog.url("web"));
        assertThat(blog.sandbox()
                        .python("import socket; socket.create_connection(('" + address.split(":")[0] + "', 6379), 2)")
                        .code())
                .isNotZero();
        assertThat(blog.api().get(blog.path() + "/logs?tail=100").text())
                .as("a probe is nothing that a server complains of")
                .contains("GET / HTTP")
                .doesNotContain("Traceback");
        shop.delete();
        db.delete();
        blog.delete();
    }

    @Test
    void aNodeServer() {
        App app = alice.web(
                "node",
                Program.of(
                                "node",
                                "-e",
                                "require('http').createServer((q, a) => a.end('node on ' + process.env.HOSTEL_SANDBOX))"
                                        + ".listen(process.env.PORT)")
                        .with("port", 3000)
                        .limits("memory", "192MiB"));
        assertThat(get(app, "/")).isEqualTo("node on " + app.sandbox().id());
        app.delete();
    }

    @Test
    void nginxOnPort80WithWorkersOfAnotherUser() {
        String digest = alice.upload(new Tar()
                .file("nginx.conf", """
                        daemon off; user www-data; worker_processes 2; pid /app/nginx.pid; error_log /dev/stderr;
                        events { worker_connections 64; }
                        http { access_log /dev/stdout; client_body_temp_path /app/b; proxy_temp_path /app/p; fastcgi_temp_path /app/f;
                          uwsgi_temp_path /app/u; scgi_temp_path /app/s;
                          server { listen 80; root /app/html; } }
                        """)
                .file("html/index.html", "served by nginx")
                .bytes());
        App app = alice.app("nginx");
        app.deploy(Release.of(
                                "web",
                                Program.of("nginx", "-e", "/dev/stderr", "-c", "/app/nginx.conf")
                                        .with("port", 80))
                        .with("artifact", digest))
                .live();
        assertThat(get(app, "/index.html")).isEqualTo("served by nginx");
        assertThat(app.sandbox().exec("ps", "-eo", "user:20,args").succeeded())
                .containsPattern("www-data +nginx: worker");
        assertThat(app.api().get(app.path() + "/logs?tail=10").text()).contains("GET /index.html");
        app.delete();
    }

    @Test
    void busyboxHttpdAndAShellPipelineBesideIt() {
        String digest =
                bob.upload(new Tar().file("www/index.html", "served by busybox").bytes());
        App app = bob.app("busy");
        app.deploy(Release.of(
                                "web",
                                Program.of("busybox", "httpd", "-f", "-p", "8080", "-h", "/app/www")
                                        .with("port", 8080))
                        .and("worker", Program.shell("while :; do date | sed 's/^/now /' > /app/now; sleep 1; done"))
                        .with("artifact", digest))
                .live();
        assertThat(get(app, "/")).isEqualTo("served by busybox");
        app.delete();
    }
}
