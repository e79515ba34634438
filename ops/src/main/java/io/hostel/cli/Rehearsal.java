package io.hostel.cli;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;

/** Runs commands against a host that knows one answer, so that the classes they load can be archived. */
final class Rehearsal {
    private static final String ANSWER = """
            {"id":"web","token":"t","subnet":"10.0.0.0/24","quota":{"memory":1},"usage":{"memory":1},"inForce":true,
             "release":1,"status":"live","exitCode":0,"stdout":"","stderr":"","leaked":[],"missing":[],"stuck":[],"going":0,"repaired":0,
             "kernel":"k","namespaces":["pid"],"features":{"cgroup":"v1"},"degraded":[],"running":1,"scale":1,
             "processes":{"web":{"scale":1,"running":1,"port":80,"expose":"public","url":"http://localhost/"}},
             "items":[{"id":"a","tenant":"t","app":"a","state":"running","pid":1,"startedAt":"2026-01-01T00:00:00Z",
                       "usage":{"memoryBytes":1},"lastExit":{"code":1,"oom":false}}]}
            """;

    private Rehearsal() {}

    public static void main(String[] arguments) throws IOException {
        HttpServer host = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        byte[] answer = ANSWER.replace("\n", "").getBytes(StandardCharsets.UTF_8);
        host.createContext("/", exchange -> {
            exchange.getRequestBody().readAllBytes();
            exchange.sendResponseHeaders(200, answer.length);
            try (OutputStream out = exchange.getResponseBody()) {
                out.write(answer);
            }
        });
        host.start();
        String url = "http://127.0.0.1:" + host.getAddress().getPort();
        String[][] lines = {
            {"--help"},
            {"deploy", "--help"},
            {"tenant", "create", "t", "--url", url},
            {"tenant", "show", "t", "--url", url},
            {"deploy", "t/a", "none", "--port", "80", "--url", url, "--", "x"},
            {"apps", "t", "--url", url},
            {"app", "t/a", "--url", url, "-o", "json"},
            {"ps", "--url", url},
            {"exec", "t/a", "--url", url, "--", "x"},
            {"logs", "t/a", "--url", url},
            {"scale", "t/a", "web=1", "--url", url},
            {"doctor", "--url", url},
            {"capabilities", "--url", url}
        };
        int worst = 0;
        for (String[] line : lines) {
            worst = Math.max(worst, outcome(line));
        }
        host.stop(0);
        System.exit(worst);
    }

    /** Whatever happens, the host's threads must not keep the process alive. */
    private static int outcome(String[] line) {
        try {
            return Hostel.run(line);
        } catch (RuntimeException e) {
            e.printStackTrace();
            return Hostel.FAILED;
        }
    }
}
