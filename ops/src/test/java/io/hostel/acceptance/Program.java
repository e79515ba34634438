package io.hostel.acceptance;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** One process of a release spec, in the making; small limits unless said otherwise, so that many fit the machine. */
public record Program(Map<String, Object> spec) {

    /** Answers every GET with its sandbox's id; /ask?URL fetches that URL and answers with what came. */
    public static final String WEB_SERVER = """
            import http.server, os, urllib.request
            class H(http.server.BaseHTTPRequestHandler):
                protocol_version = "HTTP/1.1"
                def do_GET(self):
                    code, text = 200, os.environ["HOSTEL_SANDBOX"]
                    if self.path.startswith("/ask?"):
                        try:
                            text = urllib.request.urlopen(self.path[5:], timeout=%d).read().decode()
                        except Exception as e:
                            code, text = 502, str(e)
                    body = text.encode()
                    self.send_response(code)
                    self.send_header("Content-Length", str(len(body)))
                    self.end_headers()
                    self.wfile.write(body)
            http.server.ThreadingHTTPServer(("", int(os.environ["PORT"])), H).serve_forever()
            """.formatted(Patience.seconds(5).toSeconds());

    public static Program of(String... command) {
        Program program = new Program(Map.of("command", List.of(command)));
        // The standard is enough on a machine that is not slow, and is to be seen at work.
        if (Patience.FACTOR > 1) program = program.with("health", Map.of("startup", Patience.duration(30)));
        return program.with("limits", Map.of("memory", "64MiB", "cpus", 0.5, "pids", 32, "disk", "32MiB"));
    }

    public static Program webServer() {
        return of("python3", "-u", "-c", WEB_SERVER).with("port", 8080);
    }

    /** Lives without doing anything. */
    public static Program idle() {
        return of("sleep", "100000");
    }

    public static Program shell(String script) {
        return of("/bin/sh", "-c", script);
    }

    public Program with(String field, Object value) {
        Map<String, Object> more = new LinkedHashMap<>(spec);
        more.put(field, value);
        return new Program(more);
    }

    public Program limits(Object... namesAndValues) {
        Map<String, Object> limits = new LinkedHashMap<>();
        limits.putAll(Map.of("memory", "64MiB", "cpus", 0.5, "pids", 32, "disk", "32MiB"));
        for (int i = 0; i < namesAndValues.length; i += 2) {
            limits.put((String) namesAndValues[i], namesAndValues[i + 1]);
        }
        return with("limits", limits);
    }

    public Program restart(String policy) {
        return with("restart", Map.of("policy", policy));
    }

    public Program scale(int scale) {
        return with("scale", scale);
    }
}
